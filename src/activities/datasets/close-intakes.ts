import type { ClosedIntakes } from '../../contract/datasets/dataset-activities.ts';
import { takenOf } from '../../pipeline/datasets/intake/open-intake.ts';
import { isLate } from '../../pipeline/datasets/partitions/partition-days.ts';
import { claim } from '../../store/claim.ts';
import { intakeClosed } from '../../store/datasets/dataset-documents.ts';
import { findIntakes, markIntakes } from '../../store/datasets/intakes.ts';
import { unpublished } from '../../store/datasets/offers.ts';
import { addTaken } from '../../store/datasets/taken-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';

type TimeDependencies = Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>;

/** The partitions that lack what open intakes offer; without `late`, those of late days are only counted. */
export async function wantedPartitions(
  deps: TimeDependencies,
  { definition, files }: OpenDataset,
  late: boolean,
  signal: AbortSignal,
): Promise<{ partitions: string[]; held: number }> {
  const { open } = await findIntakes(files, signal);
  const found = await unpublished(files, open, signal);
  const lacking = new Set(found.flatMap(({ partitions }) => partitions));
  // An operator asked for these.
  const reread = new Set(
    found.flatMap(({ intake, partitions }) =>
      intake.plan.reread === undefined || intake.plan.reread.isWaiting ? [] : partitions,
    ),
  );
  const nowMs = (await sharedTime(deps, files.store.bucket, { signal })).getTime();
  const isHeld = (partition: string) =>
    !late && !reread.has(partition) && isLate(partition, definition.late?.after, nowMs);
  const partitions = [...lacking].filter((partition) => !isHeld(partition)).toSorted();
  return { partitions, held: lacking.size - partitions.length };
}

/**
 * Closes each intake whose rows are all published. Its files enter the index before: if this dies in between, the next run does it
 * again.
 */
export async function closeIntakes(
  deps: TimeDependencies,
  { files, source }: OpenDataset,
  signal: AbortSignal,
): Promise<ClosedIntakes> {
  const { open, last } = await findIntakes(files, signal);
  const lacking = await unpublished(files, open, signal);
  const closedAt = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
  const done = lacking.filter(({ partitions }) => partitions.length === 0).map(({ intake }) => intake);
  for (const intake of done) {
    await addTaken(files, source.prefix, takenOf(intake), signal);
    await claim(intakeClosed(files, intake.plan.intake), { version: 1, closedAt }, () => true, signal);
  }
  const closed = new Set(done);
  const firstOpen = open.find((intake) => !closed.has(intake))?.plan.intake ?? last + 1;
  await markIntakes(files, firstOpen, signal);
  return { closed: done.length, open: open.length - done.length };
}
