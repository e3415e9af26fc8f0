import type { Catalogue } from '../../../src/clients/catalogue.ts';
import { generationDirectory, generationName } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { valueOfPath } from '../../../src/pipeline/datasets/graph/partition-values.ts';
import { Pointers } from '../../../src/store/datasets/changed-pointers.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { findIntakes } from '../../../src/store/datasets/intakes.ts';
import { GROUP, REPORTS, type Report, type State } from './ledger-graph.ts';
import { allPublications, brokenPublication, rowsOfReport } from './published-reports.ts';

export interface GraphPlaces {
  readonly filesOf: (dataset: Report | 'transactions') => DatasetFiles;
  readonly catalogue: Catalogue;
  readonly database: string;
  readonly bucket: string;
}

const DATASETS = ['transactions', ...(Object.keys(REPORTS) as Report[])] as const;

/** What is wrong once every run has ended. */
export async function brokenGraphPromises(places: GraphPlaces, states: readonly State[]): Promise<string[]> {
  return [
    ...(await wrongReports(places, states)),
    ...(await wrongPublications(places, states)),
    ...(await wrongLocations(places)),
    ...(await openIntakes(places)),
  ];
}

const none = () => new AbortController().signal;

/** Every report says what an independent computation says. */
async function wrongReports({ filesOf }: GraphPlaces, states: readonly State[]): Promise<string[]> {
  const problems: string[] = [];
  for (const report of Object.keys(REPORTS) as Report[]) {
    const files = filesOf(report);
    const found: string[] = [];
    for (const [path, pointer] of await new Pointers().of(files, none()))
      for (const row of await rowsOfReport(files, report, path, pointer)) found.push(row);
    const expected = states.at(-1)?.[report];
    if (JSON.stringify(found.toSorted()) !== JSON.stringify(expected))
      problems.push(`${report} has ${JSON.stringify(found)}, and should have ${JSON.stringify(expected)}`);
  }
  return problems;
}

/** Every publication is whole, and the latest one has the pointers' generations. */
async function wrongPublications({ filesOf }: GraphPlaces, states: readonly State[]): Promise<string[]> {
  const publications = await allPublications(filesOf(GROUP[0]));
  const latest = publications.at(-1);
  if (latest === undefined) return ['the group was never published'];
  const problems: string[] = [];
  for (const each of publications) problems.push(...(await brokenPublication(filesOf, each, states)));
  for (const report of GROUP)
    for (const [path, pointer] of await new Pointers().of(filesOf(report), none())) {
      const member = latest.members.find((each) => each.dataset === report && each.path === path);
      if (member?.id !== pointer.id || member.record !== pointer.built?.record)
        problems.push(
          `publication ${latest.number} has generation ${member?.generation} of ${report} ${path}, and its pointer ${pointer.generation}`,
        );
    }
  return problems;
}

/** The catalogue's locations are the pointers'. */
async function wrongLocations({ filesOf, catalogue, database, bucket }: GraphPlaces): Promise<string[]> {
  const problems: string[] = [];
  for (const table of DATASETS) {
    const files = filesOf(table);
    const expected = new Map<string, string>();
    for (const [path, { generation, id }] of await new Pointers().of(files, none())) {
      const directory = generationDirectory(files.at, path, generationName(generation, id));
      expected.set(valueOfPath(path), `s3://${bucket}/${directory}`);
    }
    for await (const { values, location } of catalogue.partitions({ database, table })) {
      const wanted = expected.get(values.join());
      expected.delete(values.join());
      if (wanted?.replace(/\/$/, '') !== location.replace(/\/$/, ''))
        problems.push(
          `the catalogue has ${location} for ${table} ${values.join()}, and should have ${wanted}`,
        );
    }
    for (const value of expected.keys()) problems.push(`the catalogue lacks ${table} ${value}`);
  }
  return problems;
}

async function openIntakes({ filesOf }: GraphPlaces): Promise<string[]> {
  const { open } = await findIntakes(filesOf('transactions'), none());
  return open.map(({ plan }) => `intake ${plan.intake} is open`);
}
