import { describe, expect, test } from '@jest/globals';
import { wearQuery, wornTables } from '../../../src/pipeline/replace/table-wear.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';

const harness = withHarness();

describe('rows that applies left in a table', () => {
  test('are counted as Redshift counts them', async () => {
    const { schema } = harness.define('orders');
    const numbers = `(${Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ')})`;
    const ten = ['a', 'b', 'c', 'd', 'e'].map((name) => `${numbers} AS ${name}`).join(', ');
    await harness.sql(
      `CREATE SCHEMA "${schema}"`,
      `CREATE TABLE "${schema}"."orders" ("id" BIGINT)`,
      `INSERT INTO "${schema}"."orders" SELECT a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n FROM ${ten}`,
    );
    await harness.sql(`DELETE FROM "${schema}"."orders" WHERE "id" < 40000`);
    await harness.sql(`ANALYZE "${schema}"."orders"`);
    const [worn] = await until(
      async () => wornTables(await harness.sql(wearQuery(schema))),
      (tables) => tables.length > 0,
    );
    expect(worn).toMatchObject({ name: 'orders', deletedPercent: 40 });
  });
});
