import { z } from 'zod';
import { fingerprint } from '../item/fingerprint.ts';
import { guard } from '../sql/guard.ts';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { MARKER_TABLE, POSITIONS_TABLE } from '../sql/system-tables.ts';

/**
 * Where a schema is in the change log: one row per shard in `_tributary_positions`, written in the transaction that applies
 * the changes. Checkpoints are written once, so a number is exact, and sequence numbers are never compared.
 */
export interface Position {
  readonly epoch: string;
  readonly shard: string;
  /** The last checkpoint that the schema has; 0: none, but the schema is no older than the beginning of the shard. */
  readonly checkpoint: number;
  /** That checkpoint ends the shard. */
  readonly ended: boolean;
}

/** A row of the table. */
export interface StoredPosition extends Position {
  /** Random id of the execution that wrote it. */
  readonly attempt: string;
}

export const createPositions = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, POSITIONS_TABLE)} ("epoch" VARCHAR(64) NOT NULL, ` +
  '"shard" VARCHAR(256) NOT NULL, "checkpoint" BIGINT NOT NULL, "ended" BOOLEAN NOT NULL, ' +
  '"attempt" VARCHAR(64) NOT NULL) DISTSTYLE ALL';

/** Waits for an apply that runs: for planning one, never for status pages. Fails if the schema has no such table. */
export const positionsQuery = (schema: string) =>
  `SELECT "epoch", "shard", "checkpoint", "ended", "attempt" FROM ${qualified(schema, POSITIONS_TABLE)}`;

const PositionRow = z.object({
  epoch: z.string(),
  shard: z.string(),
  checkpoint: Count,
  ended: z.boolean(),
  attempt: z.string(),
});

/** Parses the answer to `positionsQuery`. */
export const positionsOf = (rows: readonly ResultRow[]): StoredPosition[] => z.array(PositionRow).parse(rows);

/** The rows after these positions were written by an attempt. */
export function positionsAfter(
  before: readonly StoredPosition[],
  written: readonly Position[],
  attempt: string,
): StoredPosition[] {
  const rows = new Map(before.map((row) => [shardOf(row), row]));
  for (const { epoch, shard, checkpoint, ended } of written)
    rows.set(shardOf({ epoch, shard }), { epoch, shard, checkpoint, ended, attempt });
  return [...rows.values()];
}

/** Whether two lists have the same rows, in any order. */
export function samePositions(a: readonly StoredPosition[], b: readonly StoredPosition[]): boolean {
  return a.length === b.length && sumOfHashes(a) === sumOfHashes(b);
}

const shardOf = ({ epoch, shard }: Pick<Position, 'epoch' | 'shard'>) => `${epoch}/${shard}`;

export const lockPositions = (schema: string) => `LOCK TABLE ${qualified(schema, POSITIONS_TABLE)}`;

/** Excludes other writers until the end of the transaction. The marker comes first: every transaction has this order. */
export const lockMarkerAndPositions = (schema: string) =>
  `LOCK TABLE ${qualified(schema, MARKER_TABLE)}, ${qualified(schema, POSITIONS_TABLE)}`;

/** Hexadecimal digits of a row's hash: as many as a BIGINT holds without a sign. */
const HASH_DIGITS = 15;

/**
 * Fails unless the table has exactly these rows. A stream of 100 partitions has thousands of shards a week, too many to list
 * in a statement. So it compares their number, and the sum of their hashes, in which the order does not matter.
 */
export function guardPositions(schema: string, rows: readonly StoredPosition[]): string {
  return guard(holdExactly(rows), qualified(schema, POSITIONS_TABLE));
}

function holdExactly(rows: readonly StoredPosition[]): string {
  const text =
    `"epoch" || '/' || "shard" || '/' || "checkpoint"::VARCHAR || ` +
    `CASE WHEN "ended" THEN '/ended/' ELSE '/open/' END || "attempt"`;
  const sum = `COALESCE(SUM(STRTOL(LEFT(SHA2(${text}, 256), ${HASH_DIGITS}), 16)), 0)`;
  return `count(*) = ${rows.length} AND ${sum} = ${sumOfHashes(rows)}`;
}

function sumOfHashes(rows: readonly StoredPosition[]): string {
  let sum = 0n;
  for (const { epoch, shard, checkpoint, ended, attempt } of rows) {
    const text = `${epoch}/${shard}/${checkpoint}/${ended ? 'ended' : 'open'}/${attempt}`;
    sum += BigInt(`0x${fingerprint(text, HASH_DIGITS)}`);
  }
  return String(sum);
}

/** Keeps each statement below 40 KB, and few enough for a batch. */
const ROWS_PER_STATEMENT = 200;

/** Statements that write these rows in place of those of the same shards. */
export function writePositions(schema: string, rows: readonly Position[], attempt: string): string[] {
  const table = qualified(schema, POSITIONS_TABLE);
  const statements: string[] = [];
  for (const [epoch, ofEpoch] of Map.groupBy(rows, (row) => row.epoch)) {
    for (let at = 0; at < ofEpoch.length; at += ROWS_PER_STATEMENT) {
      const some = ofEpoch.slice(at, at + ROWS_PER_STATEMENT);
      const shards = some.map(({ shard }) => quoteLiteral(shard)).join(', ');
      const values = some.map(
        ({ shard, checkpoint, ended }) =>
          `(${[quoteLiteral(epoch), quoteLiteral(shard), checkpoint, ended ? 'TRUE' : 'FALSE', quoteLiteral(attempt)].join(', ')})`,
      );
      statements.push(
        `DELETE FROM ${table} WHERE "epoch" = ${quoteLiteral(epoch)} AND "shard" IN (${shards})`,
        `INSERT INTO ${table} ("epoch", "shard", "checkpoint", "ended", "attempt") VALUES ${values.join(', ')}`,
      );
    }
  }
  return statements;
}

/**
 * Statements that delete some of a schema's positions, for one transaction. They fail if another process has changed the
 * positions since they were read, and change nothing then.
 * @param rows all that the schema had
 */
export function forgetPositions(
  schema: string,
  rows: readonly StoredPosition[],
  forgotten: readonly Position[],
): string[] {
  const table = qualified(schema, POSITIONS_TABLE);
  const statements = [lockMarkerAndPositions(schema), guardPositions(schema, rows)];
  for (const [epoch, ofEpoch] of Map.groupBy(forgotten, (row) => row.epoch))
    for (let at = 0; at < ofEpoch.length; at += ROWS_PER_STATEMENT) {
      const some = ofEpoch.slice(at, at + ROWS_PER_STATEMENT);
      const shards = some.map(({ shard }) => quoteLiteral(shard)).join(', ');
      statements.push(
        `DELETE FROM ${table} WHERE "epoch" = ${quoteLiteral(epoch)} AND "shard" IN (${shards})`,
      );
    }
  return statements;
}

/**
 * Statements that write a new schema's first positions, for one transaction. They can be repeated, until an apply has moved a
 * position: then the guard fails.
 * @param attempt the same each time, such as the run's name
 */
export function firstPositions(schema: string, rows: readonly Position[], attempt: string): string[] {
  const stored = positionsAfter([], rows, attempt);
  return [
    lockPositions(schema),
    guard(`count(*) = 0 OR (${holdExactly(stored)})`, qualified(schema, POSITIONS_TABLE)),
    ...writePositions(schema, rows, attempt),
  ];
}
