import { describe, expect, test } from '@jest/globals';
import { keyHash } from '../../../src/pipeline/changes/apply-keys.ts';
import { applyStatements } from '../../../src/pipeline/changes/apply-statements.ts';
import type { RedshiftType } from '../../../src/pipeline/columns/redshift-type.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { createPositions, firstPositions } from '../../../src/pipeline/load/positions.ts';
import { setState, stateOf, stateQuery } from '../../../src/pipeline/load/schema-state.ts';
import { sqlOf } from '../../../src/pipeline/sql/guarded-statement.ts';
import { POSITIONS_TABLE } from '../../../src/pipeline/sql/system-tables.ts';
import { openTransaction } from '../../run-sql.ts';
import { Stack } from '../loader/loaded-table.ts';
import { at, bigint, rowText, text } from './applied-schema.ts';
import { BY_ID, ORDERS, order, ordersWith, removed, withSchemas } from './with-schemas.ts';

const stack = new Stack();
const create = withSchemas(() => stack);

describe('an apply', () => {
  test('replaces the rows of its keys in all tables, and moves the positions', async () => {
    const schema = await create(BY_ID, ORDERS);
    await schema.apply([order('a', '1', ['x', 'y']), order('b', '1', ['x'])], [at(1)]);
    const plan = await schema.apply(
      [order('a', '2', ['z']), removed('b'), order('c', '1'), removed('d')],
      [at(2)],
    );
    expect(await schema.rows('orders')).toEqual([rowText(['a', '2']), rowText(['c', '1'])]);
    expect(await schema.rows('orders__lines')).toEqual([rowText(['a', 0, 'z'])]);
    expect(await schema.positions()).toEqual([{ ...at(2), attempt: plan.attempt }]);
  });

  test('changes nothing if it is submitted again', async () => {
    const schema = await create(BY_ID, ORDERS);
    const plan = await schema.apply([order('a', '1', ['x'])], [at(1)]);
    await expect(schema.run(plan)).rejects.toThrow('guard positions');
    expect(await schema.rows('orders__lines')).toHaveLength(1);
  });

  test('without keys moves only the positions', async () => {
    const schema = await create(BY_ID, ORDERS);
    await schema.apply([order('a', '1', ['x'])], [at(1)]);
    await schema.apply([], [at(2, 'shard-1', true), at(0, 'shard-2')]);
    expect(await schema.positions()).toMatchObject([at(2, 'shard-1', true), at(0, 'shard-2')]);
    expect(await schema.rows('orders')).toHaveLength(1);
  });

  test('does nothing once another run is live', async () => {
    const schema = await create(BY_ID, ORDERS);
    const marker = { ...schema.marker, run: 'run-0' };
    const plan = await schema.plan([order('a', '1')], [at(1)], { marker });
    await expect(schema.run(plan)).rejects.toThrow('guard marker');
    expect(await schema.rows('orders')).toEqual([]);
  });

  test('does nothing if its files hold a row more or a key less', async () => {
    const schema = await create(BY_ID, ORDERS);
    const plan = await schema.plan([order('a', '1', ['x', 'y'])], [at(1)]);
    const [root, child] = plan.tables;
    const copies = child!.copies.map((copy) => ({ ...copy, rows: 1 }));
    await expect(schema.run({ ...plan, tables: [root!, { ...child!, copies }] })).rejects.toThrow(
      'guard rows',
    );
    await expect(schema.run({ ...plan, keys: { ...plan.keys, count: 2 } })).rejects.toThrow('guard keys');
    const [copy] = root!.copies;
    const twice = { ...root!, copies: [copy!, { ...copy!, rows: 0 }] };
    await expect(schema.run({ ...plan, tables: [twice, child!] })).rejects.toThrow('guard rows');
    await schema.run(plan);
    const stray = await schema.plan([removed('b')], [at(2)]);
    // Rows of a key that was not sent would remain.
    const next = await schema.plan([order('a', '2')], [at(2)]);
    await expect(schema.run({ ...next, keys: stray.keys })).rejects.toThrow('guard rows');
  });
});

describe('keys', () => {
  test('that differ in trailing blanks are different keys', async () => {
    const schema = await create(BY_ID, ORDERS);
    const keys = ['a', 'a ', 'a  ', ' a', 'A', ''];
    await schema.apply(
      keys.map((id) => order(id, '1', ['x'])),
      [at(1)],
    );
    await schema.apply([order('a ', '2', ['y', 'z']), removed('')], [at(2)]);
    expect(await schema.rows('orders')).toEqual(
      [
        ['a', '1'],
        ['a ', '2'],
        ['a  ', '1'],
        [' a', '1'],
        ['A', '1'],
      ]
        .map(rowText)
        .sort(),
    );
    await schema.apply([removed('a')], [at(3)]);
    expect(await schema.rows('orders')).toHaveLength(4);
    expect(await schema.rows('orders__lines')).toHaveLength(5);
  });

  const BINARY_AND_NUMBER: Key = [
    { name: 'pk', kind: 'B' },
    { name: 'sk', kind: 'N' },
  ];
  test.each([
    ['BIGINT', bigint, ['1', '10', '-9223372036854775808']],
    ['DECIMAL', { type: 'DECIMAL' as const, precision: 38, scale: 2 }, ['1', '1.5', '100', '-0.25']],
    ['text', text(), ['1', '1.5', '1E+125', '-1E-130']],
  ])('of bytes and a %s number are compared by value', async (_, type, numbers) => {
    const table = {
      name: 't',
      columns: [
        ['pk', { type: 'VARBYTE' as const, bytes: 64 }],
        ['sk', type],
        ['v', text()],
      ] as const,
    };
    const schema = await create(BINARY_AND_NUMBER, [table]);
    const hexes = ['00', '0000', '61', '6120', 'ff'];
    const item = (hex: string, n: string, v: string) => ({
      key: { pk: { B: Buffer.from(hex, 'hex').toString('base64') }, sk: { N: n } },
      rows: { t: [[hex, n, v]] },
    });
    const all = hexes.flatMap((hex) => numbers.map((n) => [hex, n] as const));
    await schema.apply(
      all.map(([hex, n]) => item(hex, n, 'before')),
      [at(1)],
    );
    expect(await schema.rows('t')).toHaveLength(all.length);
    // The same number, written otherwise.
    const again = item('61', numbers[0]!, 'after');
    await schema.apply([{ ...again, key: { ...again.key, sk: { N: '1.0E0' } } }], [at(2)]);
    const rows = await schema.rows('t');
    expect(rows).toHaveLength(all.length);
    expect(rows.filter((row) => row.includes('after'))).toHaveLength(1);
  });

  test('reach the roots of all entities, whatever their types', async () => {
    const N: Key = [{ name: 'n', kind: 'N' }];
    const root = (name: string, type: RedshiftType) => ({
      name,
      columns: [
        ['n', type],
        ['v', text()],
      ] as const,
    });
    const tables = [
      root('a', bigint),
      root('b', { type: 'DECIMAL', precision: 18, scale: 3 }),
      root('c', text(64)),
    ];
    const schema = await create(N, tables);
    const put = (n: string, table: string, v: string) => ({
      key: { n: { N: n } },
      rows: { [table]: [[n, v]] },
    });
    await schema.apply(
      [put('1', 'a', '1'), put('2.5', 'b', '1'), put('1E+100', 'c', '1'), put('7', 'c', '1')],
      [at(1)],
    );
    // An item that becomes another entity leaves the old one.
    await schema.apply([put('1', 'c', '2'), put('7', 'a', '2'), { key: { n: { N: '1E+100' } } }], [at(2)]);
    expect(await schema.rows('a')).toEqual([rowText(['7', '2'])]);
    expect(await schema.rows('b')).toEqual([rowText(['2.500', '1'])]);
    expect(await schema.rows('c')).toEqual([rowText(['1', '2'])]);
  });
});

describe('a key that is set aside', () => {
  const why = (reason: string) => ({ epoch: 'e', shard: 's', checkpoint: 7, reason });

  test('has no rows but an entry, until its next image', async () => {
    const schema = await create(BY_ID, ORDERS);
    await schema.apply([order('a', '1', ['x']), order('b', '1')], [at(1)]);
    const reason = `it's "unfit" \\ ${'é'.repeat(600)}`;
    await schema.apply([{ ...removed('a'), setAside: why(reason) }], [at(2)]);
    expect(await schema.rows('orders')).toEqual([rowText(['b', '1'])]);
    const hash = keyHash(BY_ID, { id: { S: 'a' } });
    const [entry] = await schema.setAside();
    expect(entry).toMatchObject({
      ...why(''),
      keyHash: hash,
      reason: expect.stringContaining('it\'s "unfit" \\ é'),
    });
    await schema.apply([{ ...removed('a'), setAside: why('again') }], [at(3)]);
    expect(await schema.setAside()).toMatchObject([{ ...why('again'), keyHash: hash }]);
    await schema.apply([order('a', '2')], [at(4)]);
    expect(await schema.setAside()).toEqual([]);
  });

  test('may be one that no column holds', async () => {
    const schema = await create(BY_ID, ORDERS);
    await schema.apply([order('a', '1')], [at(1)]);
    const unfit = ['a\0', '\u0001', '\ud800', 'x'.repeat(2048)];
    await schema.apply(
      unfit.map((id) => ({ ...removed(id), setAside: why('unfit') })),
      [at(2)],
    );
    expect(await schema.rows('orders')).toHaveLength(1);
    expect(new Set((await schema.setAside()).map(({ keyHash: hash }) => hash)).size).toBe(unfit.length);
    await schema.apply([removed('a\0')], [at(3)]);
    expect(await schema.setAside()).toHaveLength(unfit.length - 1);
  });
});

describe('two appliers', () => {
  test('at once: one of them applies, and the other fails its guard', async () => {
    const schema = await create(BY_ID, ORDERS);
    for (let round = 1; round <= 5; round++) {
      const plans = [
        await schema.plan([order('a', `${round} one`, ['x'])], [at(round)]),
        await schema.plan([order('a', `${round} two`, ['x', 'y'])], [at(round)]),
      ];
      const results = await Promise.allSettled(plans.map((plan) => schema.run(plan)));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { message: 'guard positions' },
      });
      expect(await schema.rows('orders')).toHaveLength(1);
    }
  });

  test('of different shards: the second plans again', async () => {
    const schema = await create(BY_ID, ORDERS, [at(0), at(0, 'shard-2')]);
    const first = await schema.plan([order('a', '1')], [at(1)]);
    const second = await schema.plan([order('b', '1')], [at(1, 'shard-2')]);
    await schema.run(first);
    await expect(schema.run(second)).rejects.toThrow('guard positions');
    await schema.run({ ...second, before: await schema.positions() });
    expect(await schema.rows('orders')).toHaveLength(2);
  });
});

test('a query never waits for an apply: it reads the rows from before, until the apply commits', async () => {
  const schema = await create(BY_ID, ORDERS);
  await schema.apply([order('a', 'before', ['x'])], [at(1)]);
  const plan = await schema.plan([order('a', 'after', ['y', 'z'])], [at(2)]);
  const step = openTransaction(stack.warehouse);
  await step('BEGIN');
  for (const statement of sqlOf(applyStatements(plan))) {
    await step(statement);
    expect(await schema.rows('orders')).toEqual([rowText(['a', 'before'])]);
    expect(await schema.rows('orders__lines')).toHaveLength(1);
  }
  await step('COMMIT');
  expect(await schema.rows('orders')).toEqual([rowText(['a', 'after'])]);
  expect(await schema.rows('orders__lines')).toHaveLength(2);
});

test('many shards are compared in statements of bounded size', async () => {
  const positions = Array.from({ length: 2000 }, (_, i) =>
    at(i, `shardId-0000000${i}-${'f'.repeat(8)}`, i % 3 === 0),
  );
  const schema = await create(BY_ID, ORDERS, positions);
  const moved = positions.slice(0, 300).map((each) => ({ ...each, checkpoint: each.checkpoint + 1 }));
  const plan = await schema.plan([order('a', '1')], moved);
  const longest = Math.max(...sqlOf(applyStatements(plan)).map((sql) => sql.length));
  expect(longest).toBeLessThan(50_000);
  await schema.run(plan);
  const one = positions[1999]!;
  await stack.sql(
    `UPDATE "${schema.name}"."${POSITIONS_TABLE}" SET "checkpoint" = 0 WHERE "shard" = '${one.shard}'`,
  );
  const stale = {
    ...plan,
    before: (await schema.positions()).map((row) =>
      row.shard === one.shard ? { ...row, checkpoint: one.checkpoint } : row,
    ),
  };
  await expect(schema.run(stale)).rejects.toThrow('guard positions');
});

test('a schema with 30 child tables is applied to in a session', async () => {
  const tables = ordersWith(30);
  const schema = await create(BY_ID, tables);
  expect(await schema.run(await schema.plan([order('a', '1', ['x', 'y'], tables)], [at(1)]))).toEqual({
    inSession: true,
  });
  await schema.apply([order('a', '2', ['z'], tables)], [at(2)]);
  for (const { name } of tables) expect(await schema.rows(name)).toHaveLength(1);
});

describe('a staging schema', () => {
  test('takes changes once it is verified, and then follows', async () => {
    const schema = await create(BY_ID, ORDERS);
    const state = async () => stateOf(await stack.sql(stateQuery(schema.name)));
    const isStaging = { isStaging: true };
    await stack.sql(...setState(schema.name, 'loaded'));
    const plan = await schema.plan([order('a', '1')], [at(1)], isStaging);
    await expect(schema.run(plan)).rejects.toThrow('guard verified');
    await stack.sql(...setState(schema.name, 'verified'));
    await stack.sql(...setState(schema.name, 'verified'));
    await schema.run(plan);
    expect(await state()).toBe('following');
    await schema.run(await schema.plan([order('a', '2')], [at(2)], isStaging));
    await expect(stack.sql(...setState(schema.name, 'verified'))).rejects.toThrow('Divide by zero');
    expect(await state()).toBe('following');
  });

  test('gets its first positions once, however often they are written', async () => {
    const schema = await create(BY_ID, ORDERS, [at(3), at(9, 'shard-2', true)]);
    const first = [at(3), at(9, 'shard-2', true)];
    await stack.sql(createPositions(schema.name), ...firstPositions(schema.name, first, 'run-1'));
    expect(await schema.positions()).toHaveLength(2);
    await schema.apply([order('a', '1')], [at(4)]);
    await expect(stack.sql(...firstPositions(schema.name, first, 'run-1'))).rejects.toThrow('Divide by zero');
    expect(await schema.positions()).toMatchObject([at(4), at(9, 'shard-2', true)]);
  });
});

test('names need quotes, and a table may be called like anything', async () => {
  const odd = {
    name: 'select',
    columns: [
      ['order', text()],
      ['key_1', text()],
      ['reason', text()],
    ] as const,
  };
  const schema = await create([{ name: 'x', kind: 'S' }], [odd]);
  await schema.apply([{ key: { x: { S: 'a' } }, rows: { [odd.name]: [['a', '1', null]] } }], [at(1)]);
  await schema.apply([{ key: { x: { S: 'a' } }, rows: { [odd.name]: [['a', '2', null]] } }], [at(2)]);
  expect(await schema.rows(odd.name)).toEqual([rowText(['a', '2', null])]);
});
