import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { runLongTransaction } from '../../../src/activities/sql/transaction.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { keyColumns, keyLine } from '../../../src/pipeline/changes/apply-keys.ts';
import type { ApplyCopy, ApplyPlan, ApplyTable } from '../../../src/pipeline/changes/apply-plan.ts';
import { applyStatements } from '../../../src/pipeline/changes/apply-statements.ts';
import {
  createSetAside,
  type SetAsideEntry,
  setAsideOf,
  setAsideQuery,
} from '../../../src/pipeline/changes/set-aside.ts';
import { type RedshiftType, typeSql } from '../../../src/pipeline/columns/redshift-type.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT, quoted } from '../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { copyManifestBody } from '../../../src/pipeline/load/copy-statement.ts';
import { createMarker, type Marker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import type { PartFile } from '../../../src/pipeline/load/part-file.ts';
import {
  createPositions,
  firstPositions,
  type Position,
  positionsOf,
  positionsQuery,
  type StoredPosition,
} from '../../../src/pipeline/load/positions.ts';
import { createState } from '../../../src/pipeline/load/schema-state.ts';
import { batches } from '../../../src/pipeline/sql/batches.ts';
import { guardOf, sqlOf } from '../../../src/pipeline/sql/guarded-statement.ts';
import { qualified, quoteIdentifier } from '../../../src/pipeline/sql/identifier.ts';
import { PartBuffer } from '../../../src/store/part-buffer.ts';
import type { Stack } from '../loader/loaded-table.ts';

/** A column of a table: its name and type. */
type Column = readonly [string, RedshiftType];

/** A table of a test: its key columns first. */
export interface TestTable {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** What an apply does to one key: its rows per table, as texts in the order of the columns; none of them removes it. */
export interface AppliedKey {
  readonly key: Item;
  readonly rows?: Readonly<Record<string, readonly (readonly (string | null)[])[]>>;
  readonly setAside?: Omit<SetAsideEntry, 'keyHash'>;
}

export const text = (bytes = 256): RedshiftType => ({ type: 'VARCHAR', bytes });
export const bigint: RedshiftType = { type: 'BIGINT' };
const EPOCH = 'e'.repeat(16);

/** The positions of one shard. */
export const at = (checkpoint: number, shard = 'shard-1', ended = false): Position => ({
  ...{ epoch: EPOCH, shard, checkpoint, ended },
});

/** A schema that follows changes, on the local Redshift. */
export class AppliedSchema {
  readonly stack: Stack;
  readonly name = `changes_${randomBytes(4).toString('hex')}`;
  readonly key: Key;
  readonly tables: readonly TestTable[];
  readonly marker: Marker;

  private constructor(stack: Stack, key: Key, tables: readonly TestTable[]) {
    this.stack = stack;
    this.key = key;
    this.tables = tables;
    this.marker = {
      ...{ pipeline: 'orders', run: 'run-1', extractedFrom: '2026-11-30T00:00:00.000Z' },
      tables: tables.map(({ name }) => name),
    };
  }

  static async create(
    stack: Stack,
    key: Key,
    tables: readonly TestTable[],
    positions: readonly Position[] = [at(0)],
  ): Promise<AppliedSchema> {
    const made = new AppliedSchema(stack, key, tables);
    const { name: schema } = made;
    const ddl = tables.map(
      ({ name, columns }) =>
        `CREATE TABLE ${qualified(schema, name)} ` +
        `(${columns.map(([column, type]) => `${quoteIdentifier(column)} ${typeSql(type)}`).join(', ')})`,
    );
    const create = [
      `CREATE SCHEMA ${quoteIdentifier(schema)}`,
      ...[createMarker(schema), createPositions(schema), createSetAside(schema), createState(schema)],
      ...ddl,
    ];
    for (const batch of batches(create)) await stack.sql(...batch);
    await stack.sql(...writeMarker(schema, made.marker));
    await stack.run(firstPositions(schema, positions, 'run-1').map((sql) => ({ sql })));
    return made;
  }

  async drop(): Promise<void> {
    await this.stack.sql(`DROP SCHEMA ${quoteIdentifier(this.name)} CASCADE`);
  }

  async positions(): Promise<StoredPosition[]> {
    const rows = positionsOf(await this.stack.sql(positionsQuery(this.name)));
    return rows.sort((a, b) => (a.shard < b.shard ? -1 : 1));
  }

  async setAside(): Promise<SetAsideEntry[]> {
    return setAsideOf(await this.stack.sql(setAsideQuery(this.name, 1000)));
  }

  /** Plans an apply, and writes what it reads to S3. */
  async plan(
    keys: readonly AppliedKey[],
    after: readonly Position[],
    more: Partial<ApplyPlan> = {},
  ): Promise<ApplyPlan> {
    const { store } = this.stack;
    const attempt = randomBytes(8).toString('hex');
    const directory = `changes-tests/${this.name}/${attempt}/`;
    const tables: ApplyTable[] = [];
    for (const { name, columns } of this.tables) {
      const rows = keys.flatMap((each) => each.rows?.[name] ?? []);
      const lines = rows.map((row) => `${row.map((v) => (v === null ? NULL_TEXT : quoted(v))).join(',')}\n`);
      const copies: ApplyCopy[] = [];
      if (rows.length > 0) {
        const manifestKey = await this.#write(directory, name, lines);
        const files = [`${directory}${name}.csv.zst`];
        copies.push({ manifestKey, columns: columns.map(([column]) => column), rows: rows.length, files });
      }
      const keyOf = columns.slice(0, this.key.length).map(([column, type]) => ({ name: column, type }));
      tables.push({ name, key: keyOf, copies });
    }
    const columns = keyColumns(this.key, tables);
    const lines = keys.map(({ key, setAside }) =>
      keyLine(this.key, key, columns, {
        nullText: NULL_TEXT,
        ...(setAside === undefined ? {} : { setAside }),
      }),
    );
    return {
      ...{ schema: this.name, marker: this.marker, attempt, before: await this.positions(), after },
      ...{ key: this.key, tables, bucket: store.bucket, nullText: NULL_TEXT },
      keys: {
        ...{ manifestKey: await this.#write(directory, 'keys', lines), count: keys.length },
        setAside: keys.filter(({ setAside }) => setAside !== undefined).length,
      },
      compression: 'zstd',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
      ...more,
    };
  }

  async #write(directory: string, name: string, lines: readonly string[]): Promise<string> {
    const { store } = this.stack;
    const part = new PartBuffer('zstd');
    for (const line of lines) part.append(line, 1);
    const body = await part.finish();
    const key = `${directory}${name}.csv.zst`;
    const etag = await store.put(key, body);
    const file: PartFile = {
      ...{ key, etag, table: '', layout: '', rows: lines.length, bytes: body.byteLength, rawBytes: 0 },
    };
    const manifestKey = `${directory}${name}.manifest`;
    await store.put(manifestKey, copyManifestBody(store.bucket, [file]));
    return manifestKey;
  }

  /** @throws Error with the name of the guard that failed, and what else fails */
  async run(
    plan: ApplyPlan,
    { warehouse = this.stack.warehouse }: { readonly warehouse?: Warehouse } = {},
  ): Promise<{ readonly inSession: boolean }> {
    const statements = applyStatements(plan);
    // A scope of its own: otherwise its client token would find the same apply, instead of running it again.
    const scope = randomBytes(8).toString('hex');
    const transaction = { name: 'apply', scope, statements: sqlOf(statements) };
    try {
      return await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
        runLongTransaction(warehouse, transaction, new AbortController().signal),
      );
    } catch (error) {
      if ((error as Error).name !== 'GuardFailed') throw error;
      throw new Error(`guard ${guardOf(statements, (error as { statement?: number }).statement)}`);
    }
  }

  async apply(keys: readonly AppliedKey[], after: readonly Position[]): Promise<ApplyPlan> {
    const plan = await this.plan(keys, after);
    await this.run(plan);
    return plan;
  }

  /** A table's rows as texts, in any order: sorted. */
  async rows(table: string): Promise<string[]> {
    const rows = await this.stack.sql(`SELECT * FROM ${qualified(this.name, table)}`);
    return rows.map((row) => rowText(Object.values(row))).sort();
  }
}

/** A row as one text, so that a failure shows the rows that differ. */
export const rowText = (values: readonly (string | number | boolean | null)[]): string =>
  JSON.stringify(values.map((value) => (value === null ? null : String(value))));
