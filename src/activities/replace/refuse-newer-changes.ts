import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { ChangesLocation } from '../../pipeline/changes/change-directory.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import { positionsOf, positionsQuery, type StoredPosition } from '../../pipeline/load/positions.ts';
import { readLogCheckpoint } from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { query } from '../sql/transaction.ts';

const READS_AT_ONCE = 16;

/** A run without positions, and the live schema that has some. */
export interface RunWithoutPositions {
  readonly database: Warehouse;
  readonly schema: string;
  /** The run's. */
  readonly marker: Marker;
  /** Where the pipeline's change log is. */
  readonly store: ObjectStore;
  readonly at: ChangesLocation;
}

/**
 * Refuses to replace a live schema to which changes are applied by data that was read before those changes were recorded. A run
 * that does not follow changes cannot catch up, so only the times tell.
 * @returns the positions that live has; a swap must find the same ones
 * @throws Terminal `OlderThanLive`, also if the log no longer has what live's positions name
 */
export async function refuseNewerChanges(
  { database, schema, marker, store, at }: RunWithoutPositions,
  signal: AbortSignal,
): Promise<StoredPosition[]> {
  const name = `tributary positions of ${schema}`;
  const [rows = []] = await query(database, name, [positionsQuery(schema)], signal);
  const positions = positionsOf(rows);
  const applied = positions.filter(({ checkpoint }) => checkpoint > 0);
  await forEachLimited(
    applied,
    READS_AT_ONCE,
    async ({ epoch, shard, checkpoint }, each) => {
      let found: LogCheckpoint;
      try {
        found = await readLogCheckpoint({ store, at: { ...at, epoch } }, shard, checkpoint, each);
      } catch (error) {
        if (!(error instanceof Terminal && error.code === 'FileMissing')) throw error;
        throw older(schema, marker, `which of them are newer is not known: ${error.message}`);
      }
      const { writtenAt, total } = found;
      if (total.records > 0 && Date.parse(writtenAt) > Date.parse(marker.extractedFrom))
        throw older(schema, marker, `it has some that were recorded until ${writtenAt}`);
    },
    signal,
  );
  return positions;
}

const older = (schema: string, { pipeline, run, extractedFrom }: Marker, why: string) =>
  new Terminal(
    'OlderThanLive',
    `Changes are applied to schema ${schema}, and ${why}. The extraction of run ${run} started at ${extractedFrom}, and the run ` +
      'does not follow changes, so it would take the schema back. If you want the earlier data: ' +
      `\`tributary run ${pipeline} --run ${run} --from replace --older\`. Otherwise start a new run that follows changes.`,
  );
