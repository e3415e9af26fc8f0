import type { PlannedIntake } from '../../contract/datasets/dataset-activities.ts';
import type { IntakePlan, RawFile } from '../../pipeline/datasets/documents.ts';
import { filesToTake } from '../../pipeline/datasets/intake/files-to-take.ts';
import { planBatches } from '../../pipeline/datasets/intake/plan-batches.ts';
import { datedPrefixes } from '../../pipeline/loader/dated-prefixes.ts';
import { claimIntake, findIntakes } from '../../store/datasets/intakes.ts';
import { listSource } from '../../store/datasets/list-source.ts';
import { findTaken } from '../../store/datasets/taken-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';

/** The most files of one intake: its plan is one document. */
const MOST_FILES = 50_000;

interface PlanOptions {
  /** Random id of this execution. */
  readonly attempt: string;
  /** The version of the record module and the definition. */
  readonly code: string;
  /** List the whole prefix. */
  readonly everything: boolean;
  readonly signal: AbortSignal;
  readonly onFile: () => void;
}

type Planned = Omit<PlannedIntake, 'late'>;

/**
 * Lists the source, and claims an intake for the files that were not taken. Files that arrive meanwhile belong to the next run; if
 * another run claims the number first, its files are taken, and this one plans again.
 */
export async function planIntake(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  { definition, files, source }: OpenDataset,
  { attempt, code, everything, signal, onFile }: PlanOptions,
): Promise<Planned> {
  const { prefix } = source;
  const now = await sharedTime(deps, files.store.bucket, { signal });
  const { listPrefixes, relist } = definition.source;
  const prefixes = everything
    ? [prefix]
    : datedPrefixes(prefix, listPrefixes, now.getTime() - relist * 1000, now.getTime());
  const listed: RawFile[] = [];
  for await (const file of listSource(source, prefixes, signal)) {
    listed.push(file);
    onFile();
  }
  const taken = await findTaken(files, prefix, listed, signal);
  for (;;) {
    const { open, last } = await findIntakes(files, signal);
    // An execution whose answer was lost has its plan there.
    const own = open.find(({ plan }) => plan.attempt === attempt);
    if (own !== undefined) return plannedOf(own.plan, false);
    const wanted = filesToTake(listed, taken, open);
    if (wanted.files.length === 0) return { files: 0, bytes: 0, batches: 0, hasMore: false };
    const some = wanted.files.slice(0, MOST_FILES);
    const keys = new Set(some.map(({ key }) => key));
    const { maxFiles, maxMegabytes } = definition.batch;
    const plan: IntakePlan = {
      ...{ version: 1, intake: last + 1, attempt, plannedAt: now.toISOString(), code },
      batches: planBatches(some, { maxFiles, maxBytes: maxMegabytes * 1e6 }).map((batch, number) => ({
        number,
        files: batch,
      })),
      overwritten: wanted.overwritten.filter(({ key }) => keys.has(key)),
    };
    const claimed = await claimIntake(files, plan, signal);
    if (claimed !== undefined) return plannedOf(claimed, wanted.files.length > some.length);
  }
}

function plannedOf({ intake, batches }: IntakePlan, hasMore: boolean): Planned {
  const files = batches.flatMap((batch) => batch.files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { intake, files: files.length, bytes, batches: batches.length, hasMore };
}
