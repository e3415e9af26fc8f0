import { createHash } from 'node:crypto';
import { textsDirectory } from '../../../src/pipeline/datasets/dataset-directory.ts';
import type { Publication, PublishedMember } from '../../../src/pipeline/datasets/derived/publication.ts';
import type { PublishedGeneration } from '../../../src/pipeline/datasets/documents.ts';
import { valueOfPath } from '../../../src/pipeline/datasets/graph/partition-values.ts';
import { Pointers } from '../../../src/store/datasets/changed-pointers.ts';
import {
  buildRecord,
  type DatasetFiles,
  publicationFile,
  publishedGeneration,
} from '../../../src/store/datasets/dataset-documents.ts';
import { latestPublication } from '../../../src/store/datasets/publications.ts';
import { findTextIndex } from '../../../src/store/datasets/text-files.ts';
import { findDocument } from '../../../src/store/document.ts';
import { objectsOfGeneration } from '../datasets/published-rows.ts';
import { GROUP, PUBLICATION, REPORTS, type Report, rowText, type State } from './ledger-graph.ts';

const READ_EVERY_MS = 150;

/** The rows of a generation of a report, sorted. @throws if its document or a file is missing */
export async function rowsOfReport(
  files: DatasetFiles,
  report: Report,
  path: string,
  named: Pick<PublishedGeneration, 'generation' | 'id'>,
): Promise<string[]> {
  const generation = await findDocument(publishedGeneration(files, path, named));
  if (generation === undefined)
    throw new Error(`the document of generation ${named.generation} of ${path} of ${report} is missing`);
  const rows = await objectsOfGeneration(files, generation);
  if (rows.length !== generation.content.rows)
    throw new Error(
      `generation ${named.generation} of ${path} of ${report} counts ${generation.content.rows} rows, and has ${rows.length}`,
    );
  const found = rows.map((row) => rowText(report, valueOfPath(path), row)).toSorted();
  if (generation.texts !== undefined && (await textOfReport(files, path, generation)).join() !== found.join())
    throw new Error(`the text of generation ${named.generation} of ${path} of ${report} has other rows`);
  return found;
}

/** The rows of a generation as its text files have them, sorted. @throws if a file is missing or another one */
async function textOfReport(
  files: DatasetFiles,
  path: string,
  named: Pick<PublishedGeneration, 'generation' | 'id'>,
): Promise<string[]> {
  const index = await findTextIndex(files, { ...named, partition: path }, none());
  if (index === undefined)
    throw new Error(`the index of generation ${named.generation} of ${path} is missing`);
  const texts = await Promise.all(
    index.map(async ({ name, sha256 }) => {
      const body = (await files.store.get(textsDirectory(files.at, path) + name))?.body ?? Buffer.alloc(0);
      if (createHash('sha256').update(body).digest('hex') !== sha256)
        throw new Error(`the file ${name} of ${path} is missing, or another one`);
      return Buffer.from(body).toString().split('\n').slice(1, -1);
    }),
  );
  return texts
    .flat()
    .map((line) => [valueOfPath(path), ...line.split('\t')].join(' '))
    .toSorted();
}

/** What is wrong in a publication: its members must say together what was so after some arrival, and be built from each other. */
export async function brokenPublication(
  filesOf: (report: Report) => DatasetFiles,
  { number, members }: Publication,
  states: readonly State[],
): Promise<string[]> {
  const rows = async (report: Report) => {
    const own = members.filter(({ dataset }) => dataset === report);
    const found = await Promise.all(
      own.map((each) => rowsOfReport(filesOf(report), report, each.path, each)),
    );
    return found.flat().toSorted();
  };
  const found = await Promise.all(GROUP.map(rows));
  const isState = (state: State) =>
    GROUP.every((report, i) => JSON.stringify(state[report]) === JSON.stringify(found[i]));
  const problems: string[] = [];
  if (!states.some(isState))
    problems.push(`publication ${number} is no state of the ledger: ${JSON.stringify(found)}`);
  for (const member of members) problems.push(...(await foreignInputs(filesOf, member, members, number)));
  return problems;
}

/** Inputs of a member that are members themselves, but with other rows. */
async function foreignInputs(
  filesOf: (report: Report) => DatasetFiles,
  { dataset, partition, path, record }: PublishedMember,
  members: readonly PublishedMember[],
  number: number,
): Promise<string[]> {
  const built = await findDocument(buildRecord(filesOf(dataset as Report), path, record));
  if (built === undefined)
    return [`the record of ${dataset} ${partition} of publication ${number} is missing`];
  return built.inputs.flatMap((input) => {
    const member = members.find(
      (each) => each.dataset === input.dataset && each.partition === input.partition,
    );
    return member === undefined || member.version === input.version
      ? []
      : [
          `${dataset} ${partition} of publication ${number} was built from another ${input.dataset} ${input.partition} than it names`,
        ];
  });
}

/** All publications of the group, each of which has its number. */
export async function allPublications(files: DatasetFiles): Promise<Publication[]> {
  const found: Publication[] = [];
  for (;;) {
    const next = await findDocument(publicationFile(files, PUBLICATION, found.length + 1));
    if (next === undefined) return found;
    found.push(next);
  }
}

/** Follows the group's publications and all pointers, all the time: what they name is whole, and nothing goes back. */
export class GroupReader {
  readonly #filesOf: (report: Report) => DatasetFiles;
  readonly #states: readonly State[];
  readonly #pointers = new Pointers();
  readonly #revisions = new Map<string, number>();
  readonly #known = new Set<string>();
  #last = 0;
  readonly problems: string[] = [];
  reads = 0;

  constructor(filesOf: (report: Report) => DatasetFiles, states: readonly State[]) {
    this.#filesOf = filesOf;
    this.#states = states;
  }

  async until(isOver: () => boolean): Promise<void> {
    for (; !isOver(); await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS))) {
      try {
        await this.#readGroup();
        for (const report of Object.keys(REPORTS) as Report[]) await this.#readPointers(report);
        this.reads++;
      } catch (error) {
        this.problems.push(`a reader failed: ${String(error)}`);
      }
    }
  }

  async #readGroup(): Promise<void> {
    const latest = await latestPublication(this.#filesOf(GROUP[0]), PUBLICATION, none());
    const number = latest?.number ?? 0;
    if (number < this.#last)
      this.problems.push(`publication ${this.#last} was the latest, and then ${number}`);
    if (latest === undefined || number <= this.#last) return;
    this.#last = number;
    for (const problem of await brokenPublication(this.#filesOf, latest, this.#states))
      this.problems.push(`a reader saw: ${problem}`);
  }

  async #readPointers(report: Report): Promise<void> {
    const files = this.#filesOf(report);
    for (const [path, pointer] of await this.#pointers.of(files, none())) {
      const name = `${report} ${path}`;
      const before = this.#revisions.get(name) ?? 0;
      if (pointer.revision < before)
        this.problems.push(`${name} went back from revision ${before} to ${pointer.revision}`);
      this.#revisions.set(name, pointer.revision);
      if (this.#known.has(pointer.id)) continue;
      await rowsOfReport(files, report, path, pointer);
      this.#known.add(pointer.id);
    }
  }
}

const none = () => new AbortController().signal;
