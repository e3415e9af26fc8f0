import type { Pointer, RawFile } from '../../pipeline/datasets/documents.ts';
import { isRead } from '../../pipeline/datasets/intake/open-intake.ts';
import type { DatasetFiles } from './dataset-documents.ts';
import type { DatasetPlace } from './dataset-place.ts';
import { findIntakes, intakesBackwards } from './intakes.ts';
import { unpublished } from './offers.ts';
import { publishedPartitions } from './published-partitions.ts';
import { currentRejects, LAST_INTAKES } from './rejects.ts';
import { findTaken } from './taken-files.ts';

/** What S3 has of a dataset, whether anything runs or not. */
export interface DatasetState {
  readonly partitions: ReadonlyMap<string, Pointer>;
  /** Oldest first. */
  readonly open: readonly OpenIntakeState[];
  /** Batches of the last intakes that were parked, the newest first. */
  readonly parked: readonly ParkedBatch[];
  /** Records that the last intakes set aside, without those of files that were read again since. */
  readonly rejects: number;
}

interface OpenIntakeState {
  readonly intake: number;
  readonly plannedAt: string;
  readonly files: number;
  readonly batches: number;
  readonly batchesRead: number;
  /** Partitions that lack rows of it; unknown before it is read. */
  readonly lacking: readonly string[];
}

interface ParkedBatch {
  readonly intake: number;
  readonly batch: number;
  readonly files: number;
  readonly code: string;
  readonly error: string;
}

/** Intakes whose parked batches are looked for. */
const INTAKES = 20;

export async function datasetState(
  { files, source: { prefix } }: DatasetPlace,
  signal: AbortSignal,
): Promise<DatasetState> {
  const { open, last } = await findIntakes(files, signal);
  const [partitions, lacking] = await Promise.all([
    publishedPartitions(files, signal),
    unpublished(files, open, signal),
  ]);
  const lackingBy = new Map(lacking.map((each) => [each.intake.plan.intake, each.partitions]));
  const parked: { batch: Omit<ParkedBatch, 'files'>; waiting: readonly RawFile[] }[] = [];
  const readLater = new Set<string>();
  let seen = 0;
  for await (const { plan, results } of intakesBackwards(files, last, signal)) {
    if (seen++ >= INTAKES) break;
    for (const { number, files: batch } of plan.batches) {
      const result = results.get(number);
      const wasRead = result !== undefined && result.parked === undefined;
      const waiting = batch.filter(({ key }) => !readLater.has(key));
      if (result?.parked !== undefined)
        parked.push({ batch: { intake: plan.intake, batch: number, ...result.parked }, waiting });
      if (!wasRead) continue;
      for (const { key } of batch) readLater.add(key);
    }
  }
  const taken = await findTaken(
    files,
    prefix,
    parked.flatMap(({ waiting }) => waiting),
    signal,
  );
  const isTaken = ({ key, etag }: RawFile) => taken.get(key)?.etag === etag && taken.get(key)?.again !== true;
  return {
    partitions,
    open: open.map((intake) => ({
      intake: intake.plan.intake,
      plannedAt: intake.plan.plannedAt,
      files: intake.plan.batches.reduce((sum, batch) => sum + batch.files.length, 0),
      batches: intake.plan.batches.length,
      batchesRead: intake.results.size,
      lacking: isRead(intake) ? (lackingBy.get(intake.plan.intake) ?? []) : [],
    })),
    parked: parked
      .map(({ batch, waiting }) => ({ ...batch, files: waiting.filter((file) => !isTaken(file)).length }))
      .filter((batch) => batch.files > 0),
    rejects: await countRejects(files, signal),
  };
}

async function countRejects(files: DatasetFiles, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const { rejects } of currentRejects(files, { most: LAST_INTAKES }, signal))
    count += rejects.length;
  return count;
}
