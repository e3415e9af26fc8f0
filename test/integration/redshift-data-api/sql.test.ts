import { randomUUID } from 'node:crypto';
import { CancelStatementCommand } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

const schema = `sql_${randomUUID().slice(0, 8)}`;
const client = new TestClient(testStack().redshiftData.endpoint);
/** Never ends by itself within a test. */
const endless = `SELECT count(*) FROM ${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((alias) => `${schema}.many ${alias}`).join(', ')}`;

beforeAll(async () => {
  await client.must(`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.many (n INT)`);
  await client.must(
    `INSERT INTO ${schema}.many VALUES ${Array.from({ length: 100 }, (_, n) => `(${n})`).join(', ')}`,
  );
});
afterAll(async () => {
  await client.must(`DROP SCHEMA ${schema} CASCADE`);
  client.sdk.destroy();
});

describe('the text of a bound view', () => {
  const views = [
    "SELECT * FROM BASE WHERE n IN (1, 2, 3) AND id NOT IN ('x', 'y')",
    "SELECT a.id, NVL(b.n, 0) AS n, CASE WHEN a.n > 1 THEN 'big' ELSE 'small' END AS size FROM BASE a LEFT JOIN BASE b ON a.id = b.id",
    "SELECT DATEADD(day, 1, d) AS next, DATE_TRUNC('month', d) AS month, EXTRACT(year FROM d) AS year FROM BASE",
    'SELECT s.x.y AS y, s.list[0].z::varchar AS z, s.w::int AS w, n::varchar(5) AS text FROM BASE',
    "SELECT id, LISTAGG(id, ',') WITHIN GROUP (ORDER BY n) AS ids FROM BASE GROUP BY id HAVING COUNT(*) > 0 ORDER BY 2 LIMIT 9",
    "WITH w AS (SELECT id, ROW_NUMBER() OVER (PARTITION BY id ORDER BY n DESC) AS r FROM BASE) SELECT id FROM w WHERE r = 1 UNION ALL SELECT id FROM BASE WHERE n BETWEEN 1 AND 5 AND id LIKE 'a%'",
    "SELECT id || 'it''s \\\\ \\n' AS c, current_user AS u, DATE '2020-01-01' AS d FROM BASE",
    'SELECT a.id, i.k::int AS k FROM BASE a, a.s.list AS i',
    "SELECT DECODE(n, 1, 'one', 'other') AS d FROM BASE",
  ];

  test.each(views.map((query, index) => ({ query, index })))(
    '$query: creates the view again',
    async ({ query, index }) => {
      const table = `${schema}.base_${index}`;
      await client.must(
        `CREATE TABLE ${table} (id VARCHAR(20), n INT, d DATE, s SUPER)`,
        `INSERT INTO ${table} VALUES ('abc', 1, '2026-02-03', JSON_PARSE('{"x":{"y":1},"w":2,"list":[{"z":"t","k":4}]}'))`,
        `CREATE VIEW ${table}_v AS ${query.replaceAll('BASE', table)}`,
      );
      const definition = async () =>
        (
          await client.rows(
            `SELECT definition FROM pg_views WHERE schemaname = '${schema}' AND viewname = 'base_${index}_v'`,
          )
        )[0]![0];
      const [before, rows] = [await definition(), await client.rows(`SELECT * FROM ${table}_v`)];
      expect(rows).not.toEqual([]);
      await client.must(`DROP VIEW ${table}_v`, `CREATE VIEW ${table}_v AS ${String(before)}`);
      expect(await client.rows(`SELECT * FROM ${table}_v`)).toEqual(rows);
      expect(await definition()).toBe(before);
    },
  );

  test('follows its tables when their schema is renamed', async () => {
    await client.must(
      `CREATE SCHEMA ${schema}_a`,
      `CREATE TABLE ${schema}_a.t (id VARCHAR(20))`,
      `CREATE VIEW ${schema}_a.v AS SELECT * FROM ${schema}_a.t`,
      `ALTER SCHEMA ${schema}_a RENAME TO ${schema}_b`,
    );
    const text = await client.rows(`SELECT definition FROM pg_views WHERE schemaname = '${schema}_b'`);
    await client.must(`DROP SCHEMA ${schema}_b CASCADE`);
    expect(text).toEqual([[`SELECT id FROM ${schema}_b.t;`]]);
  });
});

describe('a transaction', () => {
  test('that changes a row which another one has changed since its snapshot gets error 1023', async () => {
    await client.must(
      `CREATE TABLE ${schema}.gate (n INT)`,
      `CREATE TABLE ${schema}.t (n INT)`,
      `INSERT INTO ${schema}.t VALUES (1)`,
    );
    const holder = await client.submitBatch([`LOCK ${schema}.gate`, endless]);
    await untilPart(holder, 1, 'STARTED');
    const late = await client.submitBatch([
      `SELECT count(*) FROM ${schema}.t`,
      `LOCK ${schema}.gate`,
      `UPDATE ${schema}.t SET n = 3`,
    ]);
    await untilPart(late, 0, 'FINISHED');
    await client.must(`UPDATE ${schema}.t SET n = 2`);
    await client.sdk.send(new CancelStatementCommand({ Id: holder }));
    const { Error: error } = await client.ended(late);
    expect(error).toContain('ERROR: 1023');
    expect(await client.rows(`SELECT n FROM ${schema}.t`)).toEqual([[2]]);
  });

  test('appears in svv_transactions and stv_locks while it holds a lock', async () => {
    await client.must(`CREATE TABLE ${schema}.held (n INT)`);
    const holder = await client.submitBatch([`LOCK ${schema}.held`, endless]);
    await untilPart(holder, 1, 'STARTED');
    const [[tableId]] = (await client.rows(
      `SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${schema}' AND c.relname = 'held'`,
    )) as [[unknown]];
    expect(
      await client.rows(
        `SELECT DISTINCT granted FROM svv_transactions WHERE relation = ${String(tableId)} AND lock_mode = 'AccessExclusiveLock'`,
      ),
    ).toEqual([[true]]);
    expect(
      await client.rows(`SELECT lock_status FROM stv_locks WHERE table_id = ${String(tableId)}`),
    ).toEqual([['Holding lock']]);
    await client.sdk.send(new CancelStatementCommand({ Id: holder }));
    await client.ended(holder);
  });
});

describe('a table of 1,600 columns', () => {
  const columns = Array.from({ length: 1_600 }, (_, n) => `c${n}`);

  test('can be created and holds sparse rows, and one more column is refused', async () => {
    await client.must(
      `CREATE TABLE ${schema}.wide (${columns.map((name) => `${name} BIGINT`).join(', ')})`,
      `INSERT INTO ${schema}.wide (c0, c1599) VALUES (1, 2)`,
    );
    expect(await client.rows(`SELECT c0, c800, c1599 FROM ${schema}.wide`)).toEqual([[1, null, 2]]);
    const more = [...columns, 'c1600'].map((name) => `${name} BIGINT`).join(', ');
    expect((await client.run(`CREATE TABLE ${schema}.wider (${more})`)).Error).toContain(
      'at most 1600 columns',
    );
  });

  test('cannot hold a row of 1,600 numbers, and says that Redshift could', async () => {
    const values = columns.map(() => '9000000000000000000').join(',');
    expect((await client.run(`INSERT INTO ${schema}.wide VALUES (${values})`)).Error).toContain(
      'not supported by the local Redshift: a row this wide',
    );
  });
});

async function untilPart(id: string, part: number, status: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { SubStatements: parts } = await client.describe(id);
    if (parts![part]!.Status === status) return;
    if (Date.now() > deadline) throw new Error(`part ${part} of ${id} was not ${status} in two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
