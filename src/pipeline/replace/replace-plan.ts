import { lockedMarker, type Marker } from '../load/marker.ts';
import { guard } from '../sql/guard.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { backupName } from '../staging/staging.ts';
import type { LiveState } from './live-state.ts';

/** What to do about the live schema. */
type ReplacePlan =
  /** Live already holds this run: an earlier attempt's transaction was committed. */
  | { readonly kind: 'done' }
  /** Nothing may be replaced. `code` tells the reason to programs, the texts to a person. */
  | { readonly kind: 'refuse'; readonly code: RefuseCode; readonly reason: string; readonly whatToDo: string }
  /** One transaction's statements, good only while live is what it was when the plan was made. */
  | { readonly kind: 'swap'; readonly statements: readonly string[]; readonly backupSchema?: string };

type RefuseCode = 'OlderThanLive' | 'OtherPipeline' | 'ForeignSchema';

export interface Replacement {
  /** The live schema's name. */
  readonly schema: string;
  readonly stagingSchema: string;
  /** What staging's marker says. */
  readonly marker: Marker;
  readonly live: LiveState;
  /** Replace even what was extracted later. */
  readonly older?: boolean;
  /** What is live is rolled back from: its backup is named so. */
  readonly undone?: boolean;
  /** Lock live's tables first, so that statements under way end before the swap and those that come wait for it. */
  readonly waitForReaders?: boolean;
}

/**
 * Decides a replacement by what is live. The swap is compare-and-swap: inside its transaction live's marker is
 * locked and must be the one planned against, or, where live is there and empty, it must still be empty; where
 * there is no live schema, the rename itself fails if there is one by then. Staging's marker must be this run's.
 */
export function planReplacement(replacement: Replacement): ReplacePlan {
  const { schema, stagingSchema, marker, live, undone = false } = replacement;
  if (isLive(marker, live)) return { kind: 'done' };
  const refusal = refusalOf(replacement);
  if (refusal !== undefined) return refusal;
  const swapIn = rename(stagingSchema, schema);
  const staging = lockedMarker(stagingSchema, marker);
  if (!live.schemas.includes(schema)) return { kind: 'swap', statements: [...staging, swapIn] };
  const backupSchema = backupName(schema, live.marker?.run ?? marker.run, live.schemas, undone);
  const unchanged = live.marker === undefined ? [stillEmpty(schema)] : lockedMarker(schema, live.marker);
  return {
    kind: 'swap',
    backupSchema,
    statements: [
      ...unchanged,
      ...staging,
      ...(replacement.waitForReaders === true ? lockTables(schema, live) : []),
      rename(schema, backupSchema),
      swapIn,
    ],
  };
}

/**
 * Why a run of this pipeline may not replace what is live, as far as can be known before there is a run:
 * asked when a run is planned, so that nobody waits hours for a refusal.
 */
export function refuseBeforehand(
  schema: string,
  pipeline: string,
  live: LiveState,
): (ReplacePlan & { kind: 'refuse' }) | undefined {
  if (live.marker !== undefined) {
    return live.marker.pipeline === pipeline ? undefined : otherPipeline(schema, live.marker, pipeline);
  }
  return isEmpty(live) ? undefined : foreignSchema(schema, live);
}

/** Whether live holds this run. */
function isLive(marker: Marker, { marker: live }: LiveState): boolean {
  return live !== undefined && live.pipeline === marker.pipeline && live.run === marker.run;
}

function refusalOf({
  schema,
  marker,
  live,
  older,
}: Replacement): (ReplacePlan & { kind: 'refuse' }) | undefined {
  const refusal = refuseBeforehand(schema, marker.pipeline, live);
  if (refusal !== undefined || live.marker === undefined) return refusal;
  if (older !== true && Date.parse(live.marker.extractedFrom) > Date.parse(marker.extractedFrom)) {
    return {
      kind: 'refuse',
      code: 'OlderThanLive',
      reason:
        `Schema ${schema} holds run ${live.marker.run}, extracted from ${live.marker.extractedFrom} on; run ` +
        `${marker.run} was extracted from ${marker.extractedFrom} on, which is earlier.`,
      whatToDo:
        'Start a new run, or replace with "older": true (--older) if the earlier data is what is wanted.',
    };
  }
  return undefined;
}

function otherPipeline(schema: string, live: Marker, pipeline: string): ReplacePlan & { kind: 'refuse' } {
  return {
    kind: 'refuse',
    code: 'OtherPipeline',
    reason: `Schema ${schema} was made by pipeline ${live.pipeline} (run ${live.run}), not by ${pipeline}.`,
    whatToDo: `Give ${pipeline} a schema of its own (warehouse.schema), or drop or rename ${schema} yourself.`,
  };
}

function foreignSchema(schema: string, live: LiveState): ReplacePlan & { kind: 'refuse' } {
  const names = [...live.relations.map(({ name }) => name), ...live.routines];
  const some = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return {
    kind: 'refuse',
    code: 'ForeignSchema',
    reason: `Schema ${schema} holds what Tributary did not make: ${some}.`,
    whatToDo: 'Name a schema that does not exist or is empty (warehouse.schema), or move these elsewhere.',
  };
}

/** One statement, so that the locks are taken in one order by everybody. */
function lockTables(schema: string, { relations }: LiveState): string[] {
  const tables = relations.filter(({ name, kind }) => kind === 'table' && !isSystemTable(name));
  return tables.length === 0
    ? []
    : [`LOCK TABLE ${tables.map(({ name }) => qualified(schema, name)).join(', ')}`];
}

const isEmpty = ({ relations, routines }: LiveState) => relations.length === 0 && routines.length === 0;

const rename = (from: string, to: string) =>
  `ALTER SCHEMA ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;

const stillEmpty = (schema: string) =>
  guard(
    'count(*) = 0',
    `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${quoteLiteral(schema)}`,
  );
