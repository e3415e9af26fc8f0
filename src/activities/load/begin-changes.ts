import { Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { keyHash } from '../../pipeline/changes/apply-keys.ts';
import type { SetAsideEntry } from '../../pipeline/changes/set-aside.ts';
import { type Marker, writeMarker } from '../../pipeline/load/marker.ts';
import { firstPositions } from '../../pipeline/load/positions.ts';
import type { Manifest } from '../../pipeline/run/manifest.ts';
import type { StartInLog } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { cutToBytes } from '../../pipeline/sql/identifier.ts';
import { ENTRIES_AT_ONCE, recordSetAside } from '../../pipeline/staging/first-set-aside.ts';
import { readRejects } from '../../store/item-files.ts';
import { segmentCheckpoints } from '../../store/run-files.ts';
import { markerIn } from '../live/live-schema.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { GuardFailed, runLongTransaction, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';

interface Begun {
  readonly database: Warehouse;
  readonly watch: StatementWatch;
  readonly stagingSchema: string;
  readonly marker: Marker;
  /** The plan's. */
  readonly changes: StartInLog;
  readonly segments: number;
  readonly manifest: Manifest;
}

/** Of a reason that quotes a long path. */
const REASON_BYTES = 300;

/**
 * Completes a staging schema to which changes will be applied: what the run set aside, then its positions in the log and the
 * marker, in one transaction. A repeat, however late, does not take positions back.
 * @returns false if the schema's marker belongs to another pipeline
 */
export async function beginChanges(
  deps: Dependencies,
  ref: RunRef,
  { database, watch, stagingSchema, marker, changes, segments, manifest }: Begun,
  signal: AbortSignal,
): Promise<boolean> {
  const { epoch } = changes;
  const transaction = (name: string, statements: readonly string[]) => ({
    ...{ name: `tributary prepare ${stagingSchema} ${name}`, scope: stagingSchema, statements, watch },
  });
  const isOurs = async () => {
    const found = await markerIn(database, stagingSchema, signal);
    return found?.pipeline === ref.pipeline && found.run === ref.run;
  };
  try {
    let nth = 0;
    for await (const some of inParts(
      entriesOf(deps.store(ref.bucket), ref, { epoch, segments, manifest }, signal),
    ))
      await runTransaction(
        database,
        transaction(`set aside ${nth++}`, recordSetAside(stagingSchema, some)),
        signal,
      );
    const positions = changes.positions.map((position) => ({ epoch, ...position }));
    const statements = [
      ...writeMarker(stagingSchema, marker),
      ...firstPositions(stagingSchema, positions, ref.run),
    ];
    const { inSession } = await runLongTransaction(database, transaction('marker', statements), signal);
    if (inSession && !(await isOurs())) {
      throw new Transient('StatementAborted', `${stagingSchema} did not get its marker; this is retried.`);
    }
  } catch (error) {
    if (!(error instanceof GuardFailed)) throw error;
    // An earlier attempt has done it, and changes may have been applied since.
    return isOurs();
  }
  return true;
}

/** What the run set aside, as entries that precede every change. */
async function* entriesOf(
  store: ObjectStore,
  ref: RunRef,
  {
    epoch,
    segments,
    manifest,
  }: { readonly epoch: string; readonly segments: number; readonly manifest: Manifest },
  signal: AbortSignal,
): AsyncGenerator<SetAsideEntry> {
  if (manifest.rejects === 0) return;
  for await (const key of rejectFiles()) {
    for await (const some of readRejects(store, key, signal)) {
      for (const { key: itemKey, reason } of some)
        yield {
          ...{ keyHash: keyHash(manifest.key, itemKey), epoch, shard: '', checkpoint: 0 },
          reason: cutToBytes(reason, REASON_BYTES),
        };
    }
  }

  async function* rejectFiles(): AsyncGenerator<string> {
    for (let segment = 0; segment < segments; segment++) {
      for await (const { rejects } of segmentCheckpoints(store, ref, segment, signal))
        if (rejects !== undefined) yield rejects.key;
    }
    for (const { key } of manifest.oddRejects ?? []) yield key;
  }
}

async function* inParts(entries: AsyncIterable<SetAsideEntry>): AsyncGenerator<SetAsideEntry[]> {
  let open: SetAsideEntry[] = [];
  for await (const entry of entries) {
    open.push(entry);
    if (open.length < ENTRIES_AT_ONCE) continue;
    yield open;
    open = [];
  }
  if (open.length > 0) yield open;
}
