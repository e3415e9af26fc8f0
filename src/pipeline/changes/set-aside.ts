import { z } from 'zod';
import { qualified } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { SET_ASIDE_TABLE } from '../sql/system-tables.ts';

/** A key whose newest image cannot be written exactly, or whose change an operator skipped. It has no rows in any table. */
export interface SetAsideEntry {
  /** `keyHash` of the key: the key itself may be what does not fit. */
  readonly keyHash: string;
  readonly epoch: string;
  readonly shard: string;
  readonly checkpoint: number;
  readonly reason: string;
}

/** The most bytes of a reason; a longer one is cut. */
export const REASON_BYTES = 1024;

/** The columns that say which change was set aside, and why. */
export const SET_ASIDE_COLUMNS = [
  ['epoch', 'VARCHAR(64)'],
  ['shard', 'VARCHAR(256)'],
  ['checkpoint', 'BIGINT'],
  ['reason', `VARCHAR(${REASON_BYTES})`],
] as const;

export const createSetAside = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, SET_ASIDE_TABLE)} ("key_hash" VARCHAR(64) NOT NULL, ` +
  `${SET_ASIDE_COLUMNS.map(([name, type]) => `"${name}" ${type} NOT NULL`).join(', ')}, ` +
  '"recorded_at" TIMESTAMP NOT NULL) DISTSTYLE AUTO';

/** The newest entries, at most so many. */
export const setAsideQuery = (schema: string, atMost: number) =>
  `SELECT "key_hash", "epoch", "shard", "checkpoint", "reason" FROM ${qualified(schema, SET_ASIDE_TABLE)} ` +
  `ORDER BY "recorded_at" DESC, "key_hash" LIMIT ${atMost}`;

const SetAsideRow = z.object({
  key_hash: z.string(),
  epoch: z.string(),
  shard: z.string(),
  checkpoint: Count,
  reason: z.string(),
});

/** Parses the answer to `setAsideQuery`. */
export const setAsideOf = (rows: readonly ResultRow[]): SetAsideEntry[] =>
  z
    .array(SetAsideRow)
    .parse(rows)
    .map(({ key_hash: keyHash, ...entry }) => ({ keyHash, ...entry }));
