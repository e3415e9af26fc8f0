import { z } from 'zod';
import { guard } from '../sql/guard.ts';
import { qualified } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { POSITIONS_TABLE } from '../sql/system-tables.ts';

/**
 * A swap must not take live back: no change that live has may be missing in the schema that replaces it. Only positions of
 * the epochs that the new schema follows are compared. All changes of an earlier epoch came before its data was read.
 */

/** Fails if live is ahead on any shard. */
export const livePositionsBehind = (live: string, staging: string) =>
  guard('count(*) = 0', shardsAhead(live, staging));

/** Counts the shards on which live is ahead, for `countAhead`. */
export const aheadQuery = (live: string, staging: string) =>
  `SELECT count(*) AS "ahead" FROM ${shardsAhead(live, staging)}`;

/** The positions at the end of shards of which staging has none, for `positionsOf`. */
export const endedAheadQuery = (live: string, staging: string) =>
  `SELECT l."epoch", l."shard", l."checkpoint", l."ended", l."attempt" FROM ${shardsAhead(live, staging)} ` +
  'AND l."ended" AND s."shard" IS NULL';

const Ahead = z.tuple([z.object({ ahead: Count })]);

/** The answer of `aheadQuery`. */
export const countAhead = (rows: readonly ResultRow[]): number => Ahead.parse(rows)[0].ahead;

/** A shard without a row in staging has no changes there. */
const shardsAhead = (live: string, staging: string) =>
  `${positionsOf(live)} l LEFT JOIN ${positionsOf(staging)} s ON s."epoch" = l."epoch" AND s."shard" = l."shard" ` +
  `WHERE l."epoch" IN (SELECT "epoch" FROM ${positionsOf(staging)}) ` +
  'AND l."checkpoint" > COALESCE(s."checkpoint", 0)';

const positionsOf = (schema: string) => qualified(schema, POSITIONS_TABLE);
