import { Terminal } from '../../clients/errors.ts';
import type { DayRange, Input, IntakePlan, RawFile } from '../../pipeline/datasets/documents.ts';
import { type OpenIntake, takenOf, unreadBatches } from '../../pipeline/datasets/intake/open-intake.ts';
import { outdatedFiles } from '../../pipeline/datasets/intake/outdated-files.ts';
import { planBatches } from '../../pipeline/datasets/intake/plan-batches.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import { isWithin } from '../../pipeline/datasets/partitions/partition-days.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { compareBytes } from '../../pipeline/sql/identifier.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { currentGeneration } from '../../store/datasets/current-generation.ts';
import { claimIntake, findIntakes, intakesBackwards } from '../../store/datasets/intakes.ts';
import { publishedPartitions } from '../../store/datasets/published-partitions.ts';
import { currentRejects } from '../../store/datasets/rejects.ts';
import { findTaken } from '../../store/datasets/taken-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';
import { type Planned, planned } from './planned-intake.ts';

/** A rebuild reads all files of its days in one intake, so that it is published whole or not at all. */
const MOST_FILES = 200_000;
const AT_ONCE = 16;
const SHOWN = 5;

interface RereadOptions {
  readonly attempt: string;
  readonly owner: string;
  readonly code: string;
  readonly signal: AbortSignal;
}

/**
 * Claims an intake that reads again every file with rows in partitions of these days.
 * @throws Terminal `RebuildRefused` if a file is gone or was overwritten, unless its rows may stay (`keepLost`), or if there are too many
 */
export async function planRebuild(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  range: DayRange,
  options: RereadOptions & { readonly keepLost?: boolean },
): Promise<Planned> {
  const { files, name } = dataset;
  const { signal } = options;
  const partitions = [...(await publishedPartitions(files, signal)).keys()].filter((partition) =>
    isWithin(partition, range),
  );
  const inputs = new Map<string, Input>();
  await forEachLimited(
    partitions,
    AT_ONCE,
    async (partition, each) => {
      const current = await currentGeneration(files, partition, each);
      for (const input of current?.generation.inputs ?? []) {
        const known = inputs.get(input.key);
        if (input.rows > 0 && (known === undefined || known.intake < input.intake))
          inputs.set(input.key, input);
      }
    },
    signal,
  );
  if (inputs.size > MOST_FILES)
    throw refused(
      `${name} has ${inputs.size} files of these days, more than ${MOST_FILES}. Choose fewer days.`,
    );
  const { found, gone } = await presentFiles(dataset, [...inputs.values()], signal);
  if (gone.length === 0) return claimReread(deps, dataset, found, { range }, options);
  const lost = await lostFilesText(dataset, gone, signal);
  if (options.keepLost !== true)
    throw refused(
      `${gone.length} of ${inputs.size} files of these days are no longer there as they were read. ${lost} ` +
        'To rebuild the days without them, add `--keep-lost`: the rows that they have of these files stay as they are.',
    );
  const claimed = await claimReread(deps, dataset, found, { range }, options);
  return { ...claimed, warnings: [`The rows of ${counted(gone.length, 'file')} stay as they were. ${lost}`] };
}

/** Files that are not there as they were read, by what an operator can do about them. */
async function lostFilesText(
  { files, source, name }: OpenDataset,
  gone: readonly GoneFile[],
  signal: AbortSignal,
): Promise<string> {
  const { open } = await findIntakes(files, signal);
  const waiting = new Map(open.flatMap(takenOf).map((file) => [file.key, file.etag]));
  const taken = await findTaken(files, source.prefix, gone, signal);
  const kinds = Map.groupBy(gone, ({ key, now }) => {
    if (now === undefined) return 'deleted';
    return (waiting.get(key) ?? taken.get(key)?.etag) === now ? 'set aside' : 'overwritten';
  });
  const keys = (kind: 'deleted' | 'overwritten' | 'set aside') =>
    shown((kinds.get(kind) ?? []).map(({ key }) => key));
  return [
    ...(kinds.has('deleted') ? [`Deleted: ${keys('deleted')}; restore them.`] : []),
    ...(kinds.has('overwritten')
      ? [`Overwritten: ${keys('overwritten')}; \`tributary dataset run ${name} --everything\` takes them.`]
      : []),
    ...(kinds.has('set aside')
      ? [
          `Overwritten, and taken without rows, such as a damaged file that is set aside: ${keys('set aside')}; upload files that can ` +
            'be read, then run the dataset.',
        ]
      : []),
  ].join(' ');
}

/** Claims an intake that reads again the files with records that are set aside. Files that are gone or overwritten are left out. */
export async function planReplay(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  { intake, ...options }: RereadOptions & { readonly intake: number | undefined },
): Promise<Planned> {
  const { files } = dataset;
  const { signal } = options;
  const wanted = { most: Number.POSITIVE_INFINITY, ...(intake === undefined ? {} : { intake }) };
  const keys = new Set<string>();
  for await (const { rejects } of currentRejects(files, wanted, signal))
    for (const { file } of rejects) keys.add(file);
  const read = await lastReads(dataset, keys, signal);
  const { found } = await presentFiles(dataset, read, signal);
  return claimReread(deps, dataset, found, {}, options);
}

/**
 * Claims an intake that reads again the files whose rows wait, and which an earlier record module read so that they do not fit the
 * columns of the current one. Files that are gone or overwritten are left out: of those, what was read stays offered.
 * @returns undefined if there are none
 */
export async function planOutdated(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  open: readonly OpenIntake[],
  options: RereadOptions & { readonly columns: () => Promise<readonly TableColumn[]> },
): Promise<Planned | undefined> {
  const { code, columns, signal } = options;
  const isOld = open.some(({ results }) => [...results.values()].some((result) => result.code !== code));
  if (!isOld) return undefined;
  const outdated = outdatedFiles(open, { code, columns: await columns() });
  if (outdated.length === 0) return undefined;
  const { found } = await presentFiles(dataset, outdated, signal);
  return found.length === 0 ? undefined : claimReread(deps, dataset, found, { isWaiting: true }, options);
}

/** The files with these keys, as the last intakes that read them had them. */
async function lastReads(
  { files }: OpenDataset,
  keys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<RawFile[]> {
  const { last } = await findIntakes(files, signal);
  const found = new Map<string, RawFile>();
  for await (const { plan, results } of intakesBackwards(files, last, signal)) {
    if (found.size === keys.size) break;
    for (const { number, files: batch } of plan.batches)
      if (results.get(number) !== undefined && results.get(number)?.parked === undefined)
        for (const file of batch) if (keys.has(file.key) && !found.has(file.key)) found.set(file.key, file);
  }
  return [...found.values()];
}

/** A file as it was read, and the ETag that its key has now; undefined if it was deleted. */
interface GoneFile extends RawFile {
  readonly now: string | undefined;
}

/** Which of the files are still there under their ETags. */
async function presentFiles(
  { source }: OpenDataset,
  wanted: readonly RawFile[],
  signal: AbortSignal,
): Promise<{ found: RawFile[]; gone: GoneFile[] }> {
  const found: RawFile[] = [];
  const gone: GoneFile[] = [];
  await forEachLimited(
    wanted,
    AT_ONCE,
    async ({ key, etag, bytes, modified }, each) => {
      const head = await source.store.head(key, { signal: each });
      const file = { key, etag, bytes, modified };
      if (head === undefined) gone.push({ ...file, now: undefined });
      else if (bareEtag(head.etag) !== etag) gone.push({ ...file, now: bareEtag(head.etag) });
      else found.push(file);
    },
    signal,
  );
  return { found, gone: gone.toSorted((a, b) => compareBytes(a.key, b.key)) };
}

async function claimReread(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  wanted: readonly RawFile[],
  { range, isWaiting }: { readonly range?: DayRange; readonly isWaiting?: true },
  { attempt, owner, code, signal }: RereadOptions,
): Promise<Planned> {
  const { definition, files, source } = dataset;
  const plannedAt = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
  for (;;) {
    const { open, last } = await findIntakes(files, signal);
    const own = open.find(({ plan }) => plan.attempt === attempt);
    if (own !== undefined) return { ...planned(own.plan, unreadBatches(own)), hasMore: false };
    if (wanted.length === 0) return { files: 0, bytes: 0, batches: [], hasMore: false };
    const before = await partitionsBefore(dataset, wanted, open, signal);
    const { maxFiles, maxMegabytes } = definition.batch;
    const plan: IntakePlan = {
      ...{ version: 1, intake: last + 1, attempt, owner, plannedAt, code },
      batches: planBatches(wanted, { maxFiles, maxBytes: maxMegabytes * 1e6 }).map((batch, number) => ({
        number,
        files: batch,
      })),
      overwritten: divided(before, (partition) => isWithin(partition, range)),
      reread: {
        ...(range === undefined ? {} : { range }),
        ...(isWaiting === undefined ? {} : { isWaiting }),
        outside: divided(before, (partition) => !isWithin(partition, range)),
      },
    };
    const claimed = await claimIntake(files, plan, signal);
    if (claimed !== undefined) return { ...planned(claimed, claimed.batches), hasMore: false };
  }

  /** The partitions that have rows of each file, or will have those that wait. */
  async function partitionsBefore(
    { name }: OpenDataset,
    some: readonly RawFile[],
    open: readonly OpenIntake[],
    each: AbortSignal,
  ): Promise<Map<string, readonly string[]>> {
    const taken = await findTaken(files, source.prefix, some, each);
    const waiting = Map.groupBy(open.flatMap(takenOf), ({ key }) => key);
    const unknown = some.filter(({ key }) => !taken.has(key) && !waiting.has(key)).map(({ key }) => key);
    if (unknown.length > 0)
      throw refused(
        `The index of taken files lacks ${unknown.length} of the files: ${shown(unknown)}. ` +
          `Restore it: \`tributary dataset index ${name} --rebuild\`.`,
      );
    return new Map(
      some.map(({ key }) => [
        key,
        [
          ...new Set([
            ...(taken.get(key)?.partitions ?? []),
            ...(waiting.get(key) ?? []).flatMap(({ partitions }) => partitions),
          ]),
        ],
      ]),
    );
  }
}

const divided = (
  before: ReadonlyMap<string, readonly string[]>,
  isWanted: (partition: string) => boolean,
): { key: string; partitions: string[] }[] =>
  [...before]
    .map(([key, partitions]) => ({ key, partitions: partitions.filter(isWanted) }))
    .filter(({ partitions }) => partitions.length > 0);

const refused = (why: string) => new Terminal('RebuildRefused', `Nothing was rebuilt: ${why}`);

const shown = (keys: readonly string[]): string =>
  keys.slice(0, SHOWN).join(', ') + (keys.length > SHOWN ? ` and ${keys.length - SHOWN} more` : '');
