import { Transient } from '../../clients/errors.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { findEpoch, findShard, lastLogCheckpoint, listShards } from '../../store/changes/log-files.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { wait } from '../runtime/wait.ts';

const LOOK_MS = { first: 500, most: 5_000 };
/** Less than an attempt may take. The next one waits on. */
const WAIT_MS = 10 * 60 * 1000;

/**
 * Waits until the log has all changes up to the end of a run's scan, if they come from exports. A scan may read an item as it is
 * after the newest window; if the run replaced live before, the next windows would take the item back for a while. An export
 * that is read as a source is never ahead of the window that follows it, and a stream is ahead of every scan.
 * @param note is given what it waits for
 * @throws Transient `ExportAwaited`, `WorkerStopping`
 */
export async function untilLogCovers(
  deps: Pick<Dependencies, 'store' | 'stopping'>,
  ref: RunRef,
  note: (doing: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = deps.store(ref.bucket);
  const plan = await readPlan(store, ref, signal);
  if (plan.changes === undefined || plan.source.export !== undefined || plan.refersTo !== undefined) return;
  const log: ChangeLog = { store, at: { ...ref, epoch: plan.changes.epoch } };
  if ((await findEpoch(log, signal))?.kind !== 'exports') return;
  const { sealedAt } = await readManifest(store, ref, signal);
  const untilMs = Date.now() + WAIT_MS;
  for (let waitMs = LOOK_MS.first; ; waitMs = Math.min(2 * waitMs, LOOK_MS.most)) {
    const reached = await windowsReach(log, signal);
    if (reached * 1000 >= Date.parse(sealedAt)) return;
    const to = reached === 0 ? 'no window yet' : `windows until ${new Date(reached * 1000).toISOString()}`;
    const waiting = `the log has ${to}, and the scan ended at ${sealedAt}: the run replaces live once the log reaches it`;
    if (Date.now() >= untilMs) throw new Transient('ExportAwaited', waiting);
    note(waiting);
    await wait(waitMs, deps, 'waits for the windows', signal);
  }
}

/** The end of the last window that is in the log to its end, in seconds since 1970; 0 if there is none. */
async function windowsReach(log: ChangeLog, signal: AbortSignal): Promise<number> {
  const shards = await listShards(log, signal);
  // All but the last one have ended.
  for (const shard of shards.slice(-2).toReversed()) {
    if ((await lastLogCheckpoint(log, shard, 0, signal))?.ended !== true) continue;
    return (await findShard(log, shard, signal))?.window?.to ?? 0;
  }
  return 0;
}
