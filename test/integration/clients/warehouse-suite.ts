import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { StatementState, Warehouse } from '../../../src/clients/warehouse.ts';
import { classifySqlError } from '../../../src/pipeline/sql/sql-error.ts';

/** Waits until a statement has ended. */
export async function untilEnded(warehouse: Warehouse, id: string): Promise<StatementState> {
  for (;;) {
    const state = await warehouse.describe(id, { waitSeconds: 10 });
    if (state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED') return state;
  }
}

/** What every warehouse promises. Each test has its own schema. */
export function warehouseSuite(name: string, makeWarehouse: () => Warehouse | Promise<Warehouse>): void {
  describe(`${name} as a warehouse`, () => {
    let warehouse: Warehouse;
    let schema: string;
    const token = () => randomUUID();

    async function run(...statements: string[]): Promise<StatementState & { id: string }> {
      const id = await warehouse.submit(statements, { name: 'warehouse-suite', clientToken: token() });
      return { ...(await untilEnded(warehouse, id)), id };
    }
    async function rowsOf(statement: string) {
      const { id, ...state } = await run(statement);
      expect(state).toMatchObject({ status: 'FINISHED' });
      return await warehouse.rows(id, 1);
    }

    beforeAll(async () => {
      warehouse = await makeWarehouse();
      schema = `suite_${randomUUID().replaceAll('-', '')}`;
      const made = await run(
        `CREATE SCHEMA "${schema}"`,
        `CREATE TABLE "${schema}"."digit" ("d" BIGINT)`,
        `INSERT INTO "${schema}"."digit" VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)`,
      );
      expect(made).toMatchObject({ status: 'FINISHED', seconds: expect.any(Number) });
    });

    test('values are exact, and NULL is null', async () => {
      const rows = await rowsOf(
        `SELECT CAST(9007199254740993 AS BIGINT) AS big, CAST(-9223372036854775808 AS BIGINT) AS least,
                CAST(42 AS BIGINT) AS small, CAST(1.50 AS DECIMAL(38,2)) AS exact,
                CAST('Zoë 😀' AS VARCHAR(100)) AS text, CAST('' AS VARCHAR(100)) AS empty,
                CAST(NULL AS VARCHAR(100)) AS nothing, TRUE AS yes, FALSE AS no`,
      );
      expect(rows).toEqual([
        {
          big: '9007199254740993',
          least: '-9223372036854775808',
          small: 42,
          exact: '1.50',
          text: 'Zoë 😀',
          empty: '',
          nothing: null,
          yes: true,
          no: false,
        },
      ]);
    });

    test('every statement of a batch has its own result, counted from 1', async () => {
      const { id } = await run('SELECT 1 AS a', 'SELECT 2 AS b', 'SELECT 3 AS c');
      await expect(warehouse.rows(id, 1)).resolves.toEqual([{ a: 1 }]);
      await expect(warehouse.rows(id, 3)).resolves.toEqual([{ c: 3 }]);
      await expect(warehouse.rows(id, 4)).rejects.toMatchObject({ name: 'Terminal', code: 'NoResult' });
    });

    test('long results are complete and in order', async () => {
      const d = `"${schema}"."digit"`;
      const rows = await rowsOf(
        `SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM ${d} a, ${d} b, ${d} c, ${d} e ORDER BY n`,
      );
      expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
    });

    test('a batch is one transaction: a failure rolls back what came before, and the error names the statement', async () => {
      const table = `"${schema}"."undone"`;
      const { id: _id, ...state } = await run(
        `CREATE TABLE ${table} ("a" BIGINT)`,
        `INSERT INTO ${table} VALUES (1)`,
        `SELECT 1/(CASE WHEN count(*) = 2 THEN 1 ELSE 0 END) FROM ${table}`,
        `INSERT INTO ${table} VALUES (2)`,
      );
      expect(state).toMatchObject({ status: 'FAILED', failedStatement: 3 });
      expect(classifySqlError('error' in state ? state.error : '')).toMatchObject({ kind: 'guard' });
      const after = await run(`SELECT count(*) FROM ${table}`);
      expect(after).toMatchObject({ status: 'FAILED', failedStatement: 1 });
      expect('error' in after ? after.error : '').toMatch(/does not exist/);
    });

    test('the same token is the same statement, run once, even if it failed', async () => {
      const table = `"${schema}"."once"`;
      await run(`CREATE TABLE ${table} ("a" BIGINT)`);
      const clientToken = token();
      const insert = [`INSERT INTO ${table} VALUES (1)`, `SELECT count(*) AS n FROM ${table}`];
      const submit = () => warehouse.submit(insert, { name: 'warehouse-suite', clientToken });
      const [first, second] = await Promise.all([submit(), submit()]);
      expect(second).toBe(first);
      await untilEnded(warehouse, first);
      await expect(submit()).resolves.toBe(first);
      await expect(rowsOf(`SELECT count(*) AS n FROM ${table}`)).resolves.toEqual([{ n: 1 }]);

      const failing = { name: 'warehouse-suite', clientToken: token() };
      const failed = await warehouse.submit(['SELECT 1/0'], failing);
      await expect(untilEnded(warehouse, failed)).resolves.toMatchObject({ status: 'FAILED' });
      await expect(warehouse.submit(['SELECT 1/0'], failing)).resolves.toBe(failed);
    });

    test('a statement without rows has no result', async () => {
      const { id } = await run(`CREATE TABLE "${schema}"."no_rows" ("a" BIGINT)`);
      await expect(warehouse.rows(id, 1)).rejects.toMatchObject({ name: 'Terminal', code: 'NoResult' });
    });

    test('a result may be empty', async () => {
      await expect(rowsOf(`SELECT d FROM "${schema}"."digit" WHERE d > 100`)).resolves.toEqual([]);
    });

    test('an endless statement can be cancelled, and is then ABORTED', async () => {
      const d = `"${schema}"."digit"`;
      const many = Array.from({ length: 15 }, (_, index) => `${d} t${index}`).join(', ');
      const clientToken = token();
      const id = await warehouse.submit([`SELECT count(*) FROM ${many}`], { name: 'endless', clientToken });
      let state = await warehouse.describe(id);
      while (state.status !== 'STARTED') state = await warehouse.describe(id, { waitSeconds: 1 });
      await expect(warehouse.rows(id, 1)).rejects.toMatchObject({ name: 'Terminal', code: 'NoResult' });
      await expect(warehouse.cancel(id)).resolves.toBe(true);
      await expect(untilEnded(warehouse, id)).resolves.toMatchObject({ status: 'ABORTED' });
    });

    test('a statement that has ended cannot be cancelled', async () => {
      const { id } = await run('SELECT 1');
      await expect(warehouse.cancel(id)).resolves.toBe(false);
    });

    test('a batch holds 1 to 40 statements', async () => {
      const state = await run(...Array.from({ length: 40 }, (_, index) => `SELECT ${index}`));
      expect(state).toMatchObject({ status: 'FINISHED' });
      for (const size of [0, 41]) {
        const statements = Array.from({ length: size }, () => 'SELECT 1');
        const submitted = warehouse.submit(statements, { name: 'size', clientToken: token() });
        await expect(submitted).rejects.toMatchObject({ name: 'Terminal', code: 'BatchSize' });
      }
    });

    test('an unknown statement is reported', async () => {
      await expect(warehouse.describe(randomUUID())).rejects.toMatchObject({
        name: 'Terminal',
        code: 'StatementNotFound',
      });
    });
  });
}
