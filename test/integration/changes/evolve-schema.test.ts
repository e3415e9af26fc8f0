import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { evolveSchema } from '../../../src/activities/apply-changes/evolve-schema.ts';
import { foundTablesOf, foundTablesQuery } from '../../../src/pipeline/changes/evolve-statements.ts';
import { ROOT } from '../../../src/pipeline/item/path.ts';
import { type Marker, markerOf, readMarker } from '../../../src/pipeline/load/marker.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { Stack } from '../loader/loaded-table.ts';
import { type AppliedSchema, bigint, text } from './applied-schema.ts';
import { BY_ID, ORDERS, withSchemas } from './with-schemas.ts';

const stack = new Stack();
const create = withSchemas(() => stack);

type PlacedTable = Parameters<typeof evolveSchema>[1][number];
type Columns = PlacedTable['columns'];
const ID: Columns[number] = { name: 'id', path: 'id', type: text(), role: 'key', notNull: true };
const value = (name: string, type: Columns[number]['type']) =>
  ({ name, path: name, form: 'scalar', type, role: 'value', notNull: false }) as const;
const orders = (...columns: Columns) => ({
  name: 'orders',
  path: ROOT,
  columns: [ID, value('v', text()), ...columns],
});
const NOTES: PlacedTable = {
  name: 'orders__notes',
  path: 'notes[]',
  columns: [
    ID,
    { name: '_pos', path: 'notes[]', type: { type: 'INTEGER' }, role: 'position', notNull: true },
    value('note', text()),
  ],
  distKey: 'id',
  sortKey: ['id', '_pos'],
};

const ABOUT = {
  source: 'Orders',
  key: BY_ID,
  descriptions: { tables: { '': 'Our orders.' }, columns: { n: 'How many' } },
  mapping: Mapping.parse({}),
  detail: 'all',
} as const;

const evolve = (
  schema: AppliedSchema,
  wanted: readonly PlacedTable[],
  marker: Marker = schema.marker,
  about?: Parameters<typeof evolveSchema>[0]['about'],
) =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() => {
    const watch = { timeLimitSeconds: 300, whoBlocks: async () => undefined };
    const open = { database: stack.warehouse, schema: schema.name, marker, watch, ...(about && { about }) };
    return evolveSchema(open, wanted, new AbortController().signal);
  });
const typesOf = async (schema: AppliedSchema, table: string) =>
  Object.fromEntries(foundTablesOf(await stack.sql(foundTablesQuery(schema.name))).get(table) ?? []);
const markerIn = async (schema: AppliedSchema) => markerOf(await stack.sql(readMarker(schema.name)));

describe('the tables of an apply', () => {
  test('get the columns that they lack, and wider texts', async () => {
    const schema = await create(BY_ID, ORDERS);
    const wanted = orders(value('n', bigint), value('json', { type: 'SUPER' }));
    const wider = {
      ...wanted,
      columns: wanted.columns.map((c) => (c.name === 'v' ? value('v', text(1024)) : c)),
    };
    expect(await evolve(schema, [wider])).toBe(true);
    const types = { id: 'character varying(256)', v: 'character varying(1024)', n: 'bigint', json: 'super' };
    expect(await typesOf(schema, 'orders')).toEqual(types);
    // Again, and with narrower texts: nothing changes.
    expect(await evolve(schema, [wanted])).toBe(true);
    expect(await typesOf(schema, 'orders')).toEqual(types);
  });

  test('get comments on what is added, as a run writes them, but without counts', async () => {
    const schema = await create(BY_ID, ORDERS);
    await evolve(schema, [orders(value('n', bigint)), NOTES], schema.marker, ABOUT);
    const comments = await stack.sql(
      'SELECT c.relname AS "table", a.attname AS "column", d.description AS "text" FROM pg_description AS d ' +
        'JOIN pg_class AS c ON c.oid = d.objoid JOIN pg_namespace AS s ON s.oid = c.relnamespace ' +
        'LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 ' +
        `WHERE s.nspname = '${schema.name}' ORDER BY 1, a.attnum NULLS FIRST`,
    );
    expect(comments.map((row) => [row.table, row.column, row.text])).toEqual([
      ['orders', 'n', 'How many. DynamoDB n, added by changes. [tributary]'],
      [
        'orders__notes',
        null,
        'DynamoDB Orders: one row per member of notes, added by changes. Join orders on id. [tributary]',
      ],
      ['orders__notes', 'id', 'DynamoDB id, added by changes. [tributary]'],
      ['orders__notes', '_pos', 'DynamoDB position in notes, from 0. [tributary]'],
      ['orders__notes', 'note', 'DynamoDB note, added by changes. [tributary]'],
    ]);
  });

  test('that Redshift does not widen are reported, for a refresh', async () => {
    const schema = await create(BY_ID, ORDERS);
    await stack.sql(`CREATE VIEW "${schema.name}"."reads_v" AS SELECT "v" FROM "${schema.name}"."orders"`);
    const wider = { ...orders(), columns: [ID, value('v', text(1024))] };
    await expect(evolve(schema, [wider])).rejects.toThrow(
      expect.objectContaining({ name: 'WidthRefused', column: 'orders.v' }),
    );
  });

  test('are changed once by several attempts at once', async () => {
    const schema = await create(BY_ID, ORDERS);
    const wanted = [orders(...['a', 'b', 'c'].map((name) => value(name, bigint))), NOTES];
    expect(await Promise.all([1, 2, 3].map(() => evolve(schema, wanted)))).toEqual([true, true, true]);
    expect(Object.keys(await typesOf(schema, 'orders')).sort()).toEqual(['a', 'b', 'c', 'id', 'v']);
    expect(Object.keys(await typesOf(schema, 'orders__notes'))).toEqual(['id', '_pos', 'note']);
    expect((await markerIn(schema))?.tables).toEqual(['orders', 'orders__lines', 'orders__notes']);
  });

  test('stay as they are if another run is live', async () => {
    const schema = await create(BY_ID, ORDERS);
    const marker = { ...schema.marker, run: 'another' };
    expect(await evolve(schema, [orders(value('n', bigint))], marker)).toBe(false);
    expect(await evolve(schema, [orders(), NOTES], marker)).toBe(false);
    expect(await typesOf(schema, 'orders__notes')).toEqual({});
  });
});

test('a new table has the owner and the grants of the root, and the columns of runs', async () => {
  const schema = await create(BY_ID, ORDERS);
  const suffix = randomBytes(4).toString('hex');
  const [owner, reader, team] = ['owner', 'reader', 'team'].map((name) => `${name}_${suffix}`) as [
    string,
    string,
    string,
  ];
  await stack.sql(
    `CREATE USER ${owner} PASSWORD DISABLE`,
    `CREATE USER ${reader} PASSWORD DISABLE`,
    `CREATE GROUP ${team}`,
    `ALTER TABLE "${schema.name}".orders ADD COLUMN _tributary_run VARCHAR(256) DEFAULT 'run-1' NOT NULL`,
    `GRANT SELECT ON "${schema.name}".orders TO ${reader} WITH GRANT OPTION`,
    `GRANT SELECT ON "${schema.name}".orders TO GROUP ${team}`,
    `GRANT SELECT ON "${schema.name}".orders__lines TO PUBLIC`,
    `ALTER TABLE "${schema.name}".orders OWNER TO ${owner}`,
  );
  try {
    expect(await evolve(schema, [orders(), NOTES])).toBe(true);
    const grants = await stack.sql(
      'SELECT identity_name AS "who", privilege_type AS "what", admin_option AS "grants" FROM svv_relation_privileges ' +
        `WHERE namespace_name = '${schema.name}' AND relation_name = 'orders__notes' AND identity_name <> '${owner}'`,
    );
    expect(grants).toHaveLength(2);
    expect(grants).toEqual(
      expect.arrayContaining([
        { who: reader, what: 'SELECT', grants: true },
        { who: team, what: 'SELECT', grants: false },
      ]),
    );
    const [table] = await stack.sql(
      `SELECT tableowner AS "owner" FROM pg_tables WHERE schemaname = '${schema.name}' AND tablename = 'orders__notes'`,
    );
    expect(table).toEqual({ owner });
    expect(Object.keys(await typesOf(schema, 'orders__notes')).slice(3)).toEqual([
      '_tributary_run',
      '_tributary_extracted_at',
    ]);
  } finally {
    await stack.sql(`DROP SCHEMA "${schema.name}" CASCADE`, `CREATE SCHEMA "${schema.name}"`);
    await stack.sql(`DROP USER ${owner}`, `DROP USER ${reader}`, `DROP GROUP ${team}`);
  }
});
