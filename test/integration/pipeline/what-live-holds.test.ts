import { beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { testStack } from '../setup/stack.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

/** The cases of issue reports about views, grants and shares that a swap lost, or stopped for. */
describe('what the live schema holds', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  let number = 0;

  beforeAll(async () => {
    await createTable(harness.dynamodb, table);
    await harness.startWorkers({
      ...harness.dependencies,
      warehouse: (target) => {
        const warehouse = harness.dependencies.warehouse(target);
        return {
          ...warehouse,
          submit: (statements, options) => warehouse.submit(statements.map(spoilt), options),
        };
      },
    });
  });

  /** A query that no CREATE VIEW may have, as if the warehouse showed it in a form that it does not accept. */
  let refused: string | undefined;
  const spoilt = (sql: string) =>
    refused !== undefined && sql.startsWith('CREATE VIEW') && sql.includes(refused)
      ? `${sql} EVERYWHERE 1`
      : sql;

  const define = (warehouse: Record<string, unknown> = {}) =>
    harness.define(table, { source: { segments: 1 }, warehouse });
  /** A run with one more item than before. */
  async function refresh(pipeline: string, more: Record<string, unknown> = {}) {
    number++;
    const item = { pk: { S: `p${number}` }, sk: { S: 's' }, ...more } as never;
    await loadItems(harness.dynamodb, table, [item]);
    return (await harness.start({ pipeline })).result();
  }
  const stopped = async (pipeline: string) => {
    const error = await (await harness.start({ pipeline })).result().catch((failure: unknown) => failure);
    return JSON.stringify(error, (_, value) =>
      Error.isError(value) ? { message: value.message, cause: value.cause } : (value as unknown),
    );
  };
  const count = async (relation: string) =>
    (await harness.sql(`SELECT count(*) AS n FROM ${relation}`))[0]?.n;
  const viewsIn = async (schema: string) =>
    (await harness.sql(`SELECT viewname FROM pg_views WHERE schemaname = '${schema}' ORDER BY viewname`)).map(
      ({ viewname }) => viewname,
    );
  const grantsOn = async (schema: string, relation: string) =>
    (
      await harness.sql(
        `SELECT identity_name, privilege_type FROM svv_relation_privileges WHERE namespace_name = '${schema}' ` +
          `AND relation_name = '${relation}' AND identity_type <> 'user' ORDER BY identity_name, privilege_type`,
      )
    ).map(({ identity_name, privilege_type }) => `${identity_name} ${privilege_type}`);

  test('bound views stay in it, even if they read nothing live', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const rates = uniqueName('rates');
    await harness.sql(
      `CREATE SCHEMA ${rates}`,
      `CREATE TABLE ${rates}.daily (cur VARCHAR(3), rate DECIMAL(10,4))`,
      `CREATE VIEW ${schema}.v_rates AS SELECT cur, rate FROM ${rates}.daily`,
      `CREATE VIEW ${schema}.v_const AS SELECT 1 AS one`,
    );
    await refresh(pipeline);
    await refresh(pipeline);
    expect(await viewsIn(schema)).toEqual(['v_const', 'v_rates']);
    expect(await count(`${schema}.v_const`)).toBe(1);
  });

  test('a late-binding view that ends in a line comment reads the new data', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    await harness.sql(
      `CREATE VIEW ${schema}.v AS SELECT pk FROM ${schema}.${table} -- all of them\nWITH NO SCHEMA BINDING`,
    );
    const before = await count(`${schema}.v`);
    await refresh(pipeline);
    expect(await count(`${schema}.v`)).toBe(Number(before) + 1);
  });

  test('keys that differ only in trailing blanks are all there, and equal in comparisons', async () => {
    const blanks = uniqueName('blanks');
    await harness.createTable(blanks, [
      { pk: { S: 'a' }, sk: { S: 's' }, tags: { SS: ['x'] } },
      { pk: { S: 'a ' }, sk: { S: 's' }, tags: { SS: ['y'] } },
    ]);
    const { pipeline, schema } = harness.define(blanks, { source: { segments: 1 } });
    await (await harness.start({ pipeline })).result();
    expect(await count(`${schema}.${blanks} WHERE pk = 'a'`)).toBe(2);
    expect(await count(`${schema}.${blanks} JOIN ${schema}.${blanks}__tags USING (pk)`)).toBe(4);
  });

  test('a chain of bound views in other schemas reads the new data, with owners, grants and comments', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const [bi, group, ana] = [uniqueName('bi'), uniqueName('readers'), uniqueName('ana')];
    await harness.sql(
      `CREATE GROUP ${group}`,
      `CREATE USER ${ana} PASSWORD DISABLE`,
      `CREATE SCHEMA ${bi}`,
      `CREATE VIEW ${schema}."by pk" AS SELECT pk, count(*) AS n FROM ${schema}.${table} GROUP BY pk`,
      `CREATE VIEW ${bi}.a_total (everything) AS SELECT sum(n) FROM ${schema}."by pk" WHERE pk <> 'it''s'`,
      `CREATE VIEW ${bi}.both AS SELECT t.everything, b.n FROM ${bi}.a_total t CROSS JOIN ${schema}."by pk" b`,
      `GRANT SELECT ON ${bi}.a_total TO GROUP ${group}`,
      `GRANT SELECT (n) ON ${bi}.both TO GROUP ${group}`,
      `GRANT SELECT ON ${schema}."by pk" TO ${ana}`,
      `COMMENT ON VIEW ${bi}.both IS 'for the board'`,
      `ALTER TABLE ${bi}.a_total OWNER TO ${ana}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${ana}`,
    );
    await refresh(pipeline);
    const rows = await count(`${schema}.${table}`);
    const [total] = await harness.sql(`SELECT everything FROM ${bi}.a_total`);
    expect(Number(total?.everything)).toBe(rows);
    expect(await count(`${bi}.both`)).toBe(rows);
    expect(await grantsOn(bi, 'a_total')).toEqual([`${group} SELECT`]);
    expect(
      await harness.sql(
        `SELECT column_name, identity_name FROM svv_column_privileges WHERE namespace_name = '${bi}' AND relation_name = 'both'`,
      ),
    ).toEqual([{ column_name: 'n', identity_name: group }]);
    expect(
      await harness.sql(`SELECT viewowner FROM pg_views WHERE schemaname = '${bi}' AND viewname = 'a_total'`),
    ).toEqual([{ viewowner: ana }]);
    expect(
      await harness.sql(
        `SELECT remarks FROM svv_tables WHERE table_schema = '${bi}' AND table_name = 'both'`,
      ),
    ).toEqual([{ remarks: 'for the board' }]);
  });

  test('late-binding views with comments around their text are carried over', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    await harness.sql(
      `/* {"app": "dbt"} */\n\n  create view "${schema}"."before" as (\n  select pk from ${schema}.${table}\n  ) with no schema binding;`,
    );
    await harness.sql(
      `-- for finance\ncreate view ${schema}.line as select pk from ${schema}.${table} with no schema binding`,
    );
    await harness.sql(
      `create view ${schema}.behind as (select pk from ${schema}.${table}) with no schema binding\n/* {"app": "dbt"} */`,
    );
    await harness.sql(
      `create view ${schema}.ticket as select pk from ${schema}.${table} with no schema binding -- DATA-17`,
    );
    await harness.sql(
      `create view ${schema}.within as select pk from ${schema}.${table} -- all of them\nwith no schema binding`,
    );
    await refresh(pipeline);
    await refresh(pipeline);
    expect(await viewsIn(schema)).toEqual(['before', 'behind', 'line', 'ticket', 'within']);
    const rows = await count(`${schema}.${table}`);
    for (const view of await viewsIn(schema)) expect(await count(`${schema}.${view}`)).toBe(rows);
  });

  test('default privileges apply to new tables as to tables made by hand', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const bi = uniqueName('bi');
    await harness.sql(
      `CREATE GROUP ${bi}`,
      `GRANT USAGE ON SCHEMA ${schema} TO GROUP ${bi}`,
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO GROUP ${bi}`,
    );
    await refresh(pipeline);
    await refresh(pipeline, { newlist: { L: [{ S: 'n' }] } });
    expect(await grantsOn(schema, `${table}__newlist`)).toEqual([`${bi} SELECT`]);
    expect(await grantsOn(schema, table)).toEqual([]);
    await refresh(pipeline);
    expect(await grantsOn(schema, `${table}__newlist`)).toEqual([`${bi} SELECT`]);
    expect(await grantsOn(schema, table)).toEqual([]);
  });

  test('a datashare stops the run before anything is read, even if only its role shows it', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const share = uniqueName('partner');
    await harness.sql(
      `CREATE ROLE "ds:${share}"`,
      `GRANT SELECT ON ${schema}.${table} TO ROLE "ds:${share}"`,
    );
    const failure = await stopped(pipeline);
    expect(failure).toContain(`datashare ${share}, which shares ${schema}.${table}`);
    expect(failure).toContain('Nothing has been read yet');
  });

  test('a grantee, a default privilege or an owner that Redshift cannot name stops the run before anything is read', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    // Users of the PostgreSQL below, whom the local Redshift does not know: like users who were dropped.
    const [ann, etl, bob] = [uniqueName('ann'), uniqueName('etl'), uniqueName('bob')];
    const below = new pg.Client({ connectionString: testStack().postgres.url });
    await below.connect();
    for (const name of [ann, etl, bob]) await below.query(`CREATE ROLE ${name}`);
    await below.query(`GRANT SELECT ON ${schema}.${table} TO ${ann}`);
    await below.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${etl} IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${ann}`,
    );
    await below.query(`ALTER TABLE ${schema}.${table} OWNER TO ${bob}`);
    const failure = await stopped(pipeline);
    for (const name of [ann, etl]) {
      expect(failure).toContain(`privileges of user ${name}, whom Redshift does not accept in a GRANT`);
    }
    expect(failure).toContain(`table ${schema}.${table}, whose owner is no known user`);
    expect(failure).toContain('Nothing has been read yet');
    const [user] = await harness.sql('SELECT current_user AS name');
    await harness.sql(
      `CREATE USER ${ann} PASSWORD DISABLE`,
      `CREATE USER ${etl} PASSWORD DISABLE`,
      `ALTER TABLE ${schema}.${table} OWNER TO ${user?.name}`,
    );
    await refresh(pipeline);
    const [granted] = await harness.sql(
      `SELECT count(*) AS n FROM svv_relation_privileges WHERE namespace_name = '${schema}' ` +
        `AND relation_name = '${table}' AND identity_name = '${ann}'`,
    );
    expect(granted).toEqual({ n: 1 });
    await below.end();
  });

  test('a view with the name of a new table stops the run before the load, and keeps its name and grants', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const name = `${table}__taken`;
    const secret = uniqueName('readers');
    await harness.sql(
      `CREATE GROUP ${secret}`,
      `CREATE VIEW ${schema}.${name} AS SELECT 1 AS one`,
      `GRANT SELECT ON ${schema}.${name} TO GROUP ${secret}`,
    );
    number++;
    await loadItems(harness.dynamodb, table, [
      { pk: { S: `p${number}` }, sk: { S: 's' }, taken: { L: [{ S: 'x' }] } },
    ]);
    expect(await stopped(pipeline)).toContain(`view ${schema}.${name} and has the name of a new table`);
    expect(await count(`${schema}.${name}`)).toBe(1);
  });

  test('a bound view whose definition is not accepted again stops the run before anything is read', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    await harness.sql(
      `CREATE VIEW ${schema}.good AS SELECT pk FROM ${schema}.${table}`,
      `CREATE VIEW ${schema}.refused AS SELECT sk FROM ${schema}.${table}`,
    );
    refused = 'SELECT sk';
    const failure = await stopped(pipeline);
    refused = undefined;
    expect(failure).toContain(
      `view ${schema}.refused, whose definition is not accepted when it is sent again`,
    );
    expect(failure).not.toContain(`view ${schema}.good`);
    expect(
      (await harness.sql(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tributary_try%'`)).length,
    ).toBe(0);
    await refresh(pipeline);
    expect(await viewsIn(schema)).toEqual(['good', 'refused']);
  });

  test('more views than a batch has statements are recreated in one transaction', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    const bi = uniqueName('bi');
    await harness.sql(`CREATE SCHEMA ${bi}`);
    for (let from = 0; from < 60; from += 30) {
      await harness.sql(
        ...Array.from({ length: 30 }, (_, i) => {
          const nth = from + i;
          const below = nth === 0 ? `${schema}.${table}` : `${bi}.v${nth - 1}`;
          return `CREATE VIEW ${bi}.v${nth} AS SELECT pk FROM ${below}`;
        }),
      );
    }
    await refresh(pipeline);
    expect(await count(`${bi}.v59`)).toBe(await count(`${schema}.${table}`));
  });
});
