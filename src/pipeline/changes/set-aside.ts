import { z } from 'zod';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
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
  /** When it was set aside, by Redshift's clock, as it writes it. Only in answers of `setAsideQuery`. */
  readonly recordedAt?: string;
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
  `SELECT "key_hash", "epoch", "shard", "checkpoint", "reason", "recorded_at"::VARCHAR AS "recorded_at" ` +
  `FROM ${qualified(schema, SET_ASIDE_TABLE)} ORDER BY "recorded_at" DESC, "key_hash" LIMIT ${atMost}`;

/** Behind which entries come: by shard, checkpoint and key. */
export type EntryOrder = Pick<SetAsideEntry, 'shard' | 'checkpoint' | 'keyHash'>;

/** Entries of changes in a log, in order. Those of a run name no shard. */
export function logEntriesQuery(
  schema: string,
  epoch: string,
  {
    after,
    keyHashes,
    atMost,
  }: {
    readonly after?: EntryOrder | undefined;
    readonly keyHashes?: readonly string[] | undefined;
    readonly atMost: number;
  },
): string {
  const conditions = [`"epoch" = ${quoteLiteral(epoch)}`, `"shard" <> ''`];
  if (keyHashes !== undefined) conditions.push(`"key_hash" IN (${keyHashes.map(quoteLiteral).join(', ')})`);
  if (after !== undefined) {
    const [shard, keyHash] = [quoteLiteral(after.shard), quoteLiteral(after.keyHash)];
    conditions.push(
      `("shard" > ${shard} OR ("shard" = ${shard} AND ("checkpoint" > ${after.checkpoint} OR ` +
        `("checkpoint" = ${after.checkpoint} AND "key_hash" > ${keyHash}))))`,
    );
  }
  return (
    `SELECT "key_hash", "epoch", "shard", "checkpoint", "reason" FROM ${qualified(schema, SET_ASIDE_TABLE)} ` +
    `WHERE ${conditions.join(' AND ')} ORDER BY "shard", "checkpoint", "key_hash" LIMIT ${atMost}`
  );
}

const SetAsideRow = z.object({
  key_hash: z.string(),
  epoch: z.string(),
  shard: z.string(),
  checkpoint: Count,
  reason: z.string(),
  recorded_at: z.string().optional(),
});

/** Parses the answer to `setAsideQuery`. */
export const setAsideOf = (rows: readonly ResultRow[]): SetAsideEntry[] =>
  z
    .array(SetAsideRow)
    .parse(rows)
    .map(({ key_hash: keyHash, recorded_at: recordedAt, ...entry }) => ({
      ...{ keyHash, ...entry },
      ...(recordedAt === undefined ? {} : { recordedAt }),
    }));
