import { lockedMarker, type Marker } from '../load/marker.ts';
import { guardPositions, lockPositions, type StoredPosition } from '../load/positions.ts';
import { guard } from '../sql/guard.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import { isSystemTable, POSITIONS_TABLE } from '../sql/system-tables.ts';
import { backupName } from '../staging/staging.ts';
import { type Fingerprint, unchangedConditions } from './inventory-queries.ts';
import type { LiveState } from './live-state.ts';
import { livePositionsBehind } from './position-guard.ts';
import type { ViewMoves } from './recreate-views.ts';

/** What to do with the live schema. */
type ReplacePlan =
  /** Live already holds this run: an earlier attempt's transaction was committed. */
  | { readonly kind: 'done' }
  /** Live must not be replaced. `code` gives the reason to programs; the texts give it to operators. */
  | { readonly kind: 'refuse'; readonly code: RefuseCode; readonly reason: string; readonly whatToDo: string }
  /** The statements of one transaction, which fails if live has changed since the plan was made. */
  | { readonly kind: 'swap'; readonly statements: readonly string[]; readonly backupSchema?: string };

type RefuseCode = 'OlderThanLive' | 'OtherPipeline' | 'ForeignSchema';

export interface Replacement {
  /** The live schema's name. */
  readonly schema: string;
  readonly stagingSchema: string;
  /** Staging's marker. */
  readonly marker: Marker;
  readonly live: LiveState;
  /** Replaces even data that was extracted later. */
  readonly older?: boolean;
  /** Names live's backup as one that was rolled back. */
  readonly undone?: boolean;
  /** What live was when everything in it was accounted for. */
  readonly fingerprint?: Fingerprint | undefined;
  /** Bound views to drop before the renames and to recreate after them. */
  readonly views?: ViewMoves | undefined;
  /** Locks live's tables first, so that running statements end before the swap and new ones wait for it. */
  readonly waitForReaders?: boolean | undefined;
  /**
   * Ends a statement of the swap that waits longer for a lock that readers may hold, and with it the swap, even if its
   * caller is lost. The swap's other statements are not limited: they wait for no reader.
   */
  readonly lockSeconds?: number | undefined;
  /** Both schemas follow changes: live must not be ahead of what replaces it. */
  readonly followsChanges?: boolean | undefined;
  /** Only live follows changes: it must still have these positions. */
  readonly positions?: readonly StoredPosition[] | undefined;
}

/**
 * Decides how to replace live. The swap is a compare-and-swap. In its transaction, live's marker is locked and must be
 * the one that the plan is based on. If live exists but is empty, it must still be empty. If live does not exist, the
 * rename fails if it exists by then. Staging's marker must be this run's. Nothing may have appeared in live since it was
 * accounted for: it would vanish into the backup. If both follow changes, no change that live has may be missing in staging.
 */
export function planReplacement(replacement: Replacement): ReplacePlan {
  const { schema, stagingSchema, marker, live, undone = false } = replacement;
  if (isLive(marker, live)) return { kind: 'done' };
  const refusal = refusalOf(replacement);
  if (refusal !== undefined) return refusal;
  const swapIn = rename(stagingSchema, schema);
  const staging = lockedMarker(stagingSchema, marker);
  if (!live.schemas.includes(schema)) return { kind: 'swap', statements: [...staging, swapIn] };
  const limited = limitedTo(replacement.lockSeconds);
  const backupSchema = backupName(schema, live.marker?.run ?? marker.run, live.schemas, undone);
  const { fingerprint, views } = replacement;
  return {
    kind: 'swap',
    backupSchema,
    statements: [
      ...(follow(replacement)
        ? lockedWithPositions(replacement, limited)
        : [
            ...(live.marker === undefined ? [stillEmpty(schema)] : locked(replacement, live.marker, limited)),
            ...(fingerprint === undefined ? [] : unchanged(schema, fingerprint)),
            ...staging,
          ]),
      ...limited([
        ...(views?.drop ?? []),
        ...(replacement.waitForReaders === true ? lockTables(schema, live) : []),
      ]),
      rename(schema, backupSchema),
      swapIn,
      ...(views?.recreate ?? []),
    ],
  };
}

/**
 * Why a run of this pipeline must not replace live, as far as is known before there is a run. It is checked when a run is
 * planned, so that a refusal does not come after hours of extraction.
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

/** Whether changes are applied to live. */
export const hasPositions = ({ marker, relations }: LiveState) =>
  marker !== undefined && relations.some(({ name }) => name === POSITIONS_TABLE);

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
        `Schema ${schema} holds run ${live.marker.run}, whose extraction started at ${live.marker.extractedFrom}. ` +
        `The extraction of run ${marker.run} started earlier, at ${marker.extractedFrom}.`,
      whatToDo:
        'If you want the earlier data: ' +
        `\`tributary run ${marker.pipeline} --run ${marker.run} --from replace --older\`. Otherwise start a new run.`,
    };
  }
  return undefined;
}

function otherPipeline(schema: string, live: Marker, pipeline: string): ReplacePlan & { kind: 'refuse' } {
  return {
    kind: 'refuse',
    code: 'OtherPipeline',
    reason: `Schema ${schema} belongs to pipeline ${live.pipeline} (run ${live.run}), not to ${pipeline}.`,
    whatToDo: `Give ${pipeline} a separate schema (warehouse.schema), or drop or rename ${schema} yourself.`,
  };
}

function foreignSchema(schema: string, live: LiveState): ReplacePlan & { kind: 'refuse' } {
  const names = [...live.relations.map(({ name }) => name), ...live.routines];
  const some = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return {
    kind: 'refuse',
    code: 'ForeignSchema',
    reason: `Schema ${schema} holds objects that Tributary did not create: ${some}.`,
    whatToDo:
      'Choose a schema that does not exist or is empty (warehouse.schema), or move these objects elsewhere.',
  };
}

/**
 * Limits each of some statements, and those alone. That the limit counts the wait for a lock is inferred: it counts
 * planning, queueing and execution. https://docs.aws.amazon.com/redshift/latest/dg/r_statement_timeout.html
 */
const limitedTo = (seconds: number | undefined) => (statements: readonly string[]) =>
  seconds === undefined || statements.length === 0
    ? statements
    : [
        `SET LOCAL statement_timeout TO ${seconds * 1000}`,
        ...statements,
        'SET LOCAL statement_timeout TO DEFAULT',
      ];

/** Live's marker, which users may read too. Its guard is not limited: its first run may have to be compiled. */
function locked(
  { schema, positions }: Replacement,
  marker: Marker,
  limited: ReturnType<typeof limitedTo>,
): string[] {
  const [lock = '', ...guards] = lockedMarker(schema, marker);
  return positions === undefined
    ? [...limited([lock]), ...guards]
    : [...limited([lock, lockPositions(schema)]), ...guards, guardPositions(schema, positions)];
}

/** Whether live has positions that staging's must not fall behind. A run that puts older data live, on purpose, may. */
const follow = ({ followsChanges, older, live }: Replacement) =>
  followsChanges === true && older !== true && hasPositions(live);

/**
 * All locks come before the first guard, because that takes the transaction's snapshot: what an apply commits while this
 * waits for a lock must be in it. Markers come before positions, as in an apply.
 */
function lockedWithPositions(
  { schema, stagingSchema, marker, live, fingerprint }: Replacement,
  limited: ReturnType<typeof limitedTo>,
): string[] {
  const [lockLive = '', ...liveGuards] = lockedMarker(schema, live.marker as Marker);
  const [lockStaging = '', ...stagingGuards] = lockedMarker(stagingSchema, marker);
  return [
    ...limited([lockLive]),
    lockStaging,
    ...limited([lockPositions(schema)]),
    lockPositions(stagingSchema),
    ...liveGuards,
    ...(fingerprint === undefined ? [] : unchanged(schema, fingerprint)),
    ...stagingGuards,
    livePositionsBehind(schema, stagingSchema),
  ];
}

/** One statement, so that every transaction takes the locks in the same order. */
function lockTables(schema: string, { relations }: LiveState): string[] {
  const tables = relations.filter(({ name, kind }) => kind === 'table' && !isSystemTable(name));
  return tables.length === 0
    ? []
    : [`LOCK TABLE ${tables.map(({ name }) => qualified(schema, name)).join(', ')}`];
}

const isEmpty = ({ relations, routines }: LiveState) => relations.length === 0 && routines.length === 0;

const rename = (from: string, to: string) =>
  `ALTER SCHEMA ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;

const unchanged = (schema: string, fingerprint: Fingerprint) =>
  unchangedConditions(schema, fingerprint).map(({ condition, from }) => guard(condition, from));

const stillEmpty = (schema: string) =>
  guard(
    'count(*) = 0',
    `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${quoteLiteral(schema)}`,
  );
