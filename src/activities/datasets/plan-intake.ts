import type { IntakePlan, RawFile } from '../../pipeline/datasets/documents.ts';
import { spanOf } from '../../pipeline/datasets/graph/expected.ts';
import { folderOf } from '../../pipeline/datasets/intake/date-folders.ts';
import { filesToTake, filesUnderWay } from '../../pipeline/datasets/intake/files-to-take.ts';
import {
  isGivenUp,
  isOffered,
  type OpenIntake,
  unreadBatches,
} from '../../pipeline/datasets/intake/open-intake.ts';
import { planBatches } from '../../pipeline/datasets/intake/plan-batches.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import { datedPrefixes } from '../../pipeline/keys/dated-prefixes.ts';
import { compareBytes } from '../../pipeline/sql/identifier.ts';
import { abandonIntake, claimIntake, findIntakes } from '../../store/datasets/intakes.ts';
import { listSource } from '../../store/datasets/list-source.ts';
import { findTaken } from '../../store/datasets/taken-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { parkBatches } from './batch/park-batches.ts';
import { lostFiles } from './lost-files.ts';
import type { OpenDataset } from './open-dataset.ts';
import { planOutdated } from './plan-reread.ts';
import { type Planned, planned } from './planned-intake.ts';
import { isWholeListingDue, noteWholeListing } from './whole-listing.ts';

/** The most files and batches of one intake: its plan is one document, and each batch a child of the run. */
const [MOST_FILES, MOST_BATCHES] = [50_000, 500];
const DAY_SECONDS = 86_400;

interface PlanOptions {
  /** Random id of this execution. */
  readonly attempt: string;
  /** Of these workflows, those that have ended. */
  readonly ended: (workflowIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Only files with keys after it. */
  readonly after: string | undefined;
  /** The id of the run's workflow. */
  readonly owner: string;
  /** The version of the record module and the definition. */
  readonly code: string;
  /** The columns of its files. */
  readonly columns: () => Promise<readonly TableColumn[]>;
  /** List the whole prefix. */
  readonly everything: boolean;
  readonly signal: AbortSignal;
  readonly onFile: () => void;
}

/**
 * Finds what a run is to read: the batches that an earlier run did not get to, because it was terminated; else it lists the source,
 * and claims an intake for the files that were not taken. Files that arrive meanwhile belong to the next run. Before that, files whose
 * rows wait, and which an earlier record module read so that they do not fit the current one, are read again.
 *
 * Open intakes are read before the index: what is closed in between is in the index. If another run claims the number first, this
 * one begins again, with that run's files taken.
 */
export async function planIntake(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  options: PlanOptions,
): Promise<Planned> {
  const { definition, files } = dataset;
  const { attempt, code, signal, after } = options;
  for (;;) {
    const { open, last } = await findIntakes(files, signal);
    await abandonRebuilds(dataset, open, options);
    // A rebuild is read by the run that ordered it, whole or not at all.
    const unread = open.find(
      (intake) => intake.plan.reread?.range === undefined && unreadBatches(intake).length > 0,
    );
    if (unread !== undefined && unread.plan.code === code)
      return {
        ...planned(unread.plan, unreadBatches(unread)),
        hasMore: true,
        ...(after === undefined ? {} : { after }),
      };
    if (unread !== undefined) {
      await parkOutdated(deps, dataset, unread, { code, signal });
      continue;
    }
    // Once per run: what fails again waits for the next one.
    const again = after === undefined ? await planOutdated(deps, dataset, open, options) : undefined;
    if (again !== undefined) return { ...again, hasMore: true, after: '' };
    const now = await sharedTime(deps, files.store.bucket, { signal });
    const isWhole = options.everything || (await isWholeListingDue(dataset, now, signal));
    const found = await newFiles(dataset, open, now, { ...options, everything: isWhole });
    if (found.files.length === 0) {
      if (isWhole && found.left === 0) await noteWholeListing(dataset, now, signal);
      return { files: 0, bytes: 0, batches: [], hasMore: false };
    }
    const { maxFiles, maxMegabytes } = definition.batch;
    const batches = planBatches(found.files, { maxFiles, maxBytes: maxMegabytes * 1e6 }).slice(
      0,
      MOST_BATCHES,
    );
    const keys = new Set(batches.flatMap((batch) => batch.map(({ key }) => key)));
    const plan: IntakePlan = {
      ...{ version: 1, intake: last + 1, attempt, plannedAt: now.toISOString(), code },
      batches: batches.map((batch, number) => ({ number, files: batch })),
      overwritten: found.overwritten.filter(({ key }) => keys.has(key)),
    };
    if ((await claimIntake(files, plan, signal)) === undefined) continue;
    const hasMore = found.hasMore || keys.size < found.files.length;
    if (isWhole && !hasMore && found.left === 0) await noteWholeListing(dataset, now, signal);
    return { ...planned(plan, plan.batches), hasMore, after: batches.at(-1)?.at(-1)?.key ?? '' };
  }
}

/** Rebuilds whose runs ended before all was read. */
async function abandonRebuilds(
  { files }: OpenDataset,
  open: readonly OpenIntake[],
  { ended, signal }: PlanOptions,
): Promise<void> {
  const unread = open.filter((intake) => intake.plan.reread?.range !== undefined && !isOffered(intake));
  const owners = unread.flatMap(({ plan }) => plan.owner ?? []);
  const gone = owners.length === 0 ? new Set<string>() : await ended(owners);
  for (const intake of unread) {
    const { plan } = intake;
    if (isGivenUp(intake) || plan.owner === undefined || gone.has(plan.owner))
      await abandonIntake(files, plan.intake, 'its run ended before all files were read', signal);
  }
}

/** Batches that were planned for another version of the record module, which no run has read: their files are taken again. */
async function parkOutdated(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  dataset: OpenDataset,
  intake: OpenIntake,
  { code, signal }: Pick<PlanOptions, 'code' | 'signal'>,
): Promise<void> {
  const error = `Planned for version ${intake.plan.code} of the record module; the workers now have ${code}.`;
  const batches = unreadBatches(intake).map(({ number }) => ({ batch: number, code: 'CodeChanged', error }));
  await parkBatches(deps, dataset, { intake: intake.plan.intake, batches }, signal);
}

interface NewFiles {
  readonly files: readonly RawFile[];
  readonly overwritten: IntakePlan['overwritten'];
  readonly hasMore: boolean;
  /** Files that a rebuild is reading: how many were left for a later run. */
  readonly left: number;
}

/** Lists the source folder by folder, each beside its index: memory holds one folder and the new files. */
async function newFiles(
  { definition, files, source, name }: OpenDataset,
  open: readonly OpenIntake[],
  now: Date,
  { after, everything, signal, onFile }: PlanOptions,
): Promise<NewFiles> {
  const { prefix } = source;
  const { listPrefixes, relist } = definition.source;
  const { recompute } = definition;
  const back = Math.max(relist, recompute === undefined ? 0 : spanOf(recompute.last) * DAY_SECONDS);
  const prefixes = everything
    ? [prefix]
    : datedPrefixes(prefix, listPrefixes, now.getTime() - back * 1000, now.getTime());
  const isLost = lostFiles({ definition, files, source, name }, now, signal);
  const underWay = filesUnderWay(open);
  const found: RawFile[] = [];
  const overwritten: IntakePlan['overwritten'] = [];
  let folder: RawFile[] = [];
  // Which partitions get rows of these is not known yet: a newer version could not replace all of them.
  const isRebuilt = new Set(
    open
      .filter(({ plan }) => plan.reread?.range !== undefined)
      .flatMap((intake) => unreadBatches(intake).flatMap((batch) => batch.files.map(({ key }) => key))),
  );
  let left = 0;
  const take = async () => {
    const taken = await findTaken(files, prefix, folder, signal);
    const lost = new Set<string>();
    if (isLost !== undefined)
      for (const file of folder) {
        const known = taken.get(file.key);
        if (known !== undefined && (await isLost(file, known))) lost.add(file.key);
      }
    const wanted = filesToTake(folder, taken, underWay, lost);
    for (const file of wanted.files)
      if (isRebuilt.has(file.key)) left++;
      else found.push(file);
    for (const each of wanted.overwritten) if (!isRebuilt.has(each.key)) overwritten.push(each);
    folder = [];
  };
  for await (const file of listSource(source, prefixes, signal)) {
    onFile();
    if (after !== undefined && compareBytes(file.key, after) <= 0) continue;
    const [first] = folder;
    const isSame =
      first !== undefined &&
      folderOf(first.key.slice(prefix.length)) === folderOf(file.key.slice(prefix.length));
    if (!isSame || folder.length >= MOST_FILES) await take();
    if (found.length >= MOST_FILES) return { files: found, overwritten, hasMore: true, left };
    folder.push(file);
  }
  await take();
  return { files: found, overwritten, hasMore: false, left };
}
