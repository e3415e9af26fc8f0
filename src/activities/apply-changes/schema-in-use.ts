import { Terminal } from '../../clients/errors.ts';
import type { NeedsRefresh } from '../../contract/changes/apply-activities.ts';
import type { Evolved } from '../../pipeline/apply/evolved.ts';
import { type TableInUse, tablesInUse } from '../../pipeline/apply/tables-in-use.ts';
import { type Marker, markerOf, readMarker } from '../../pipeline/load/marker.ts';
import { positionsOf, positionsQuery, type StoredPosition } from '../../pipeline/load/positions.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { relationsOf, relationsQuery } from '../../pipeline/replace/live-state.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { POSITIONS_TABLE } from '../../pipeline/sql/system-tables.ts';
import { findEvolved } from '../../store/changes/evolved-file.ts';
import { findSourcePlan, readManifest, readPlan } from '../../store/run-files.ts';
import { query } from '../sql/transaction.ts';
import type { Destination } from './open-destination.ts';

/** A schema to which changes can be applied: its positions, and the run whose tables it has. */
export interface SchemaInUse {
  readonly schema: string;
  readonly marker: Marker;
  readonly positions: readonly StoredPosition[];
  readonly ref: RunRef;
  readonly plan: Plan;
  /** Of the key with which its values were hashed; undefined if none were. */
  readonly hashKeyId: string | undefined;
  /** The pipeline's own mapping when its data was read; undefined if that is not known. */
  readonly logMapping: Mapping | undefined;
  readonly evolved: Evolved | undefined;
  readonly tables: readonly TableInUse[];
}

/**
 * Reads where a schema is, in one batch of queries, and the documents of the run that its marker names.
 * @throws Terminal `OtherPipeline` if the schema belongs to another pipeline, `RunNotFound` if its run was removed
 */
export async function schemaInUse(
  destination: Destination,
  schema: string,
  signal: AbortSignal,
): Promise<SchemaInUse | NeedsRefresh> {
  const { database, pipeline, store, at } = destination;
  let rows: Awaited<ReturnType<typeof query>>;
  try {
    const name = `tributary positions of ${schema}`;
    rows = await query(database, name, [readMarker(schema), positionsQuery(schema)], signal);
  } catch (error) {
    // The schema or one of the tables may not exist. Anything else is still so when it is asked again.
    const absent = error instanceof Terminal ? await missingIn(destination, schema, signal) : undefined;
    if (absent === undefined) throw error;
    return absent;
  }
  const marker = markerOf(rows[0] ?? []);
  const positions = positionsOf(rows[1] ?? []);
  if (marker === undefined) return nothingLive(schema);
  if (marker.pipeline !== pipeline) {
    throw new Terminal(
      'OtherPipeline',
      `Schema ${schema} belongs to pipeline ${marker.pipeline}, so changes of ${pipeline} are not applied to it. Give ` +
        `${pipeline} a schema of its own (warehouse.schema), and refresh it.`,
    );
  }
  if (positions.length === 0) return noPositions(schema, pipeline);
  const ref: RunRef = { ...at, run: marker.run };
  const [plan, manifest, evolved] = await Promise.all([
    readPlan(store, ref, signal),
    readManifest(store, ref, signal),
    findEvolved(store, ref, signal),
  ]);
  const read = plan.refersTo === undefined ? plan : await findSourcePlan(store, ref, signal);
  return {
    ...{ schema, marker, positions, ref, plan, evolved },
    ...{ hashKeyId: read?.hashKeyId, logMapping: read?.logMapping },
    tables: tablesInUse(manifest, evolved),
  };
}

async function missingIn(
  { database, pipeline }: Destination,
  schema: string,
  signal: AbortSignal,
): Promise<NeedsRefresh | undefined> {
  const [rows = []] = await query(database, `tributary look at ${schema}`, [relationsQuery(schema)], signal);
  const relations = relationsOf(rows);
  if (relations.length === 0) return nothingLive(schema);
  return relations.some(({ name }) => name === POSITIONS_TABLE) ? undefined : noPositions(schema, pipeline);
}

const nothingLive = (schema: string): NeedsRefresh => ({
  code: 'NothingLive',
  message: `There is no schema ${schema} to apply changes to. A refresh creates it.`,
});

const noPositions = (schema: string, pipeline: string): NeedsRefresh => ({
  code: 'NoPositions',
  message:
    `Schema ${schema} does not say which changes it has: it was loaded before pipeline ${pipeline} followed its table. ` +
    'Changes are applied after the next refresh.',
});
