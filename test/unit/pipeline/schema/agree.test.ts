import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { typeSql } from '../../../../src/pipeline/columns/redshift-type.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping, NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree, type Observation } from '../../../../src/pipeline/schema/agree.ts';
import { agreedLayouts } from '../../../../src/pipeline/schema/agreed-layouts.ts';
import { AgreedSchema, runsWithout } from '../../../../src/pipeline/schema/agreed-schema.ts';
import {
  diffLines,
  diffSchemas,
  driftCounts,
  driftOf,
  hasDrift,
  stoppingChanges,
} from '../../../../src/pipeline/schema/drift.ts';
import { OnDrift } from '../../../../src/pipeline/schema/on-drift.ts';
import { refuseTakenNames } from '../../../../src/pipeline/schema/refuse-mapping.ts';
import { emptySeen, mergeSeen, type Seen } from '../../../../src/pipeline/seen/seen.ts';

const key: Key = [{ name: 'id', kind: 'S' }];

function seenOf(items: readonly Item[], parts = 1): Seen {
  return Array.from({ length: parts }, (_, part) => {
    const shredder = createShredder({ key, layouts: [] });
    items.forEach((item, i) => {
      if (i % parts === part) shredder.shred(item);
    });
    return shredder.takeSeen();
  }).reduce(mergeSeen, emptySeen());
}

const observation = (run: number, seen: Seen, some: Partial<Observation> = {}): Observation => ({
  pipeline: 'p',
  by: `r${run}`,
  at: new Date(Date.UTC(2026, 10, run + 1)).toISOString(),
  whole: true,
  tableName: 'Things',
  key,
  seen,
  layouts: [],
  mapping: Mapping.parse({}),
  ...some,
});

/** The schema after runs over these items, one run after the other. */
function agreedAfter(runs: readonly (readonly Item[])[], some: Partial<Observation> = {}): AgreedSchema {
  let schema: AgreedSchema | undefined;
  runs.forEach((items, i) => {
    const run = observation(i + 1, seenOf(items), some);
    schema = agree(schema, run, Date.parse(run.at));
  });
  return schema as AgreedSchema;
}

const item = (attributes: Record<string, AttributeValue>): Item =>
  ({ id: { S: 'a' }, ...attributes }) as Item;
const columns = (schema: AgreedSchema, table = '') =>
  schema.tables
    .find(({ path }) => path === table)
    ?.columns.map(({ name, type }) => `${name} ${typeSql(type)}`);

/** Every name, by what it names. */
function namesOf(schema: AgreedSchema): Map<string, string> {
  return new Map([
    ...schema.key.map(({ path, columnName }) => [`key ${path}`, columnName] as const),
    ...schema.tables.flatMap(({ path, name, columns: all }) => [
      [`table ${path}`, name] as const,
      ...all.map((column) => [`${path} ${column.form} ${column.path}`, column.name] as const),
    ]),
  ]);
}

describe('the agreed schema', () => {
  test('is what schema/current.json may hold', () => {
    const schema = agreedAfter([[item({ n: { N: '1' }, list: { L: [{ S: 'x' }] } })]]);
    expect(AgreedSchema.parse(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
  });

  test('keeps columns in their order and puts new ones after them', () => {
    const schema = agreedAfter([
      [item({ m: { N: '1' } })],
      [item({ a: { N: '1' }, m: { N: '1.5' }, z: { S: 'z' } })],
    ]);
    expect(columns(schema)).toEqual(['m DECIMAL(38,1)', 'a BIGINT', 'z VARCHAR(16)']);
  });

  test('keeps what is gone', () => {
    const schema = agreedAfter([
      [item({ a: { N: '1' }, list: { L: [{ S: 'x' }] } })],
      [item({ b: { N: '1' } })],
    ]);
    expect(columns(schema)).toEqual(['a BIGINT', 'list__count INTEGER', 'b BIGINT']);
    expect(columns(schema, 'list[]')).toEqual(['value VARCHAR(16)']);
    expect(driftOf(schema, 'r2').gone).toMatchObject([
      { column: 'a', runs: 1 },
      { column: 'list__count', runs: 1 },
      { table: 'things__list', column: 'value', runs: 1 },
    ]);
  });

  test('reports for how many runs a column is gone, whichever run is sealed first', () => {
    const schema = agreedAfter([[item({ a: { N: '1' } })], [item({})], [item({})], [item({})]]);
    const column = schema.tables[0]!.columns[0]!;
    expect(runsWithout(schema, column)).toBe(3);
    // Sealed again, or sealed late: a run counts once, at its own time.
    const again = agree(schema, observation(2, seenOf([item({})])), 0);
    expect(runsWithout(again, column)).toBe(3);
    expect(again.revision).toBe(schema.revision);
  });

  test.each([
    ['Price', 'price'],
    ['price', 'Price'],
  ])('two paths that collide keep their names: %s came first', (first, second) => {
    const both = [item({ [first]: { N: '1' }, [second]: { S: 'x' } })];
    const schema = agreedAfter([
      [item({ [first]: { N: '1' } })],
      both,
      [item({ [second]: { S: 'y' } })],
      both,
    ]);
    const names = schema.tables[0]!.columns.map(({ path, name }) => [path, name]);
    expect(names).toEqual([
      [first, 'price'],
      [second, expect.stringMatching(/^price_[0-9a-f]{8}$/)],
    ]);
  });

  test('a column that was included without a value takes the type of its first values', () => {
    const layouts = [{ table: '', columns: [{ path: 'late', form: 'scalar' as const }] }];
    const first = agree(undefined, observation(1, seenOf([item({})]), { layouts }), 0);
    expect(columns(first)).toEqual(['late VARCHAR(256)']);
    const second = agree(first, observation(2, seenOf([item({ late: { N: '5' } })])), 1);
    expect(columns(second)).toEqual(['late BIGINT']);
  });

  test("of an empty table derives the key's type from its first values", () => {
    const schema = agreedAfter([[], [{ id: { S: 'x'.repeat(200) } }]]);
    expect(schema.key.map(({ type }) => typeSql(type))).toEqual(['VARCHAR(512)']);
  });

  test('refuses a table with another key', () => {
    const schema = agreedAfter([[item({})]]);
    const other = observation(2, emptySeen(), { key: [{ name: 'pk', kind: 'S' }] });
    expect(() => agree(schema, other, 0)).toThrow(/KeyChanged|primary key pk \(S\)/);
  });
});

describe('the mapping', () => {
  const mapping = (some: object) => ({ mapping: Mapping.parse(some) });
  const named = (some: object) => ({ pipeline: 'p', tableName: 'Things', key, ...mapping(some) });
  const refusal = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof Refusal) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'agreed';
  };

  test('names columns and tables', () => {
    const schema = agreedAfter(
      [[item({ Price: { N: '1' }, price: { N: '2' }, list: { L: [{ S: 'x' }] } })]],
      mapping({
        columns: { price: { name: 'cost' } },
        tables: { '': { name: 'goods' }, 'list[]': { name: 'members' } },
      }),
    );
    expect(columns(schema)).toEqual(['cost BIGINT', 'price BIGINT', 'list__count INTEGER']);
    expect(schema.tables.map(({ name }) => name)).toEqual(['goods', 'members']);
  });

  test('renames what had a name, and reports it', () => {
    const before = agreedAfter([[item({ price: { N: '1' } })]]);
    const run = observation(
      2,
      seenOf([item({ price: { N: '1' } })]),
      mapping({ columns: { price: { name: 'cost' } } }),
    );
    const schema = agree(before, run, 1);
    expect(diffSchemas(before, schema)).toMatchObject({
      renamed: [{ path: 'price', from: 'price', to: 'cost' }],
    });
    expect(hasDrift(diffSchemas(before, schema))).toBe(false);
  });

  test('is refused by the plan if it gives a name that another path has', () => {
    const before = agreedAfter([[item({ a: { N: '1' }, b: { N: '1' } })]]);
    const planned = (name: string) =>
      refusal(() => refuseTakenNames(before, named({ columns: { a: { name } } })));
    expect(planned('b')).toMatch(/^NameTaken: .*gives a the name b, but b already has that name/);
    expect(planned('id')).toMatch(/^NameTaken: .*but the key already has that name/);
    expect(planned('oid')).toMatch(
      /^NameTaken: .*but a system column of the warehouse already has that name/,
    );
    expect(planned('c')).toBe('agreed');
  });

  test('two columns, or two tables, can exchange their names', () => {
    const items = [item({ a: { N: '1' }, b: { L: [{ S: 'x' }] }, c: { L: [{ S: 'y' }] }, d: { S: 'z' } })];
    const before = agreedAfter([items]);
    const exchange = {
      columns: { a: { name: 'd' }, d: { name: 'a' } },
      tables: { 'b[]': { name: 'things__c' }, 'c[]': { name: 'things__b' } },
    };
    expect(refusal(() => refuseTakenNames(before, named(exchange)))).toBe('agreed');
    const schema = agree(before, observation(2, seenOf(items), mapping(exchange)), 1);
    expect(schema.tables.map(({ name }) => name)).toEqual(['things', 'things__c', 'things__b']);
    expect(columns(schema)).toEqual(['d BIGINT', 'b__count INTEGER', 'c__count INTEGER', 'a VARCHAR(16)']);
  });

  test('a name belongs to its path, even before a value was seen there', () => {
    const some = mapping({
      columns: { late: { name: 'early' } },
      tables: { 'late[]': { name: 'things__early' } },
    });
    const first = [item({ early: { N: '1' } }), item({ early: { L: [{ S: 'x' }] } })];
    const second = [...first, item({ late: { N: '1' } }), item({ late: { L: [{ S: 'x' }] } })];
    const schema = agreedAfter([first, second], some);
    const names = schema.tables.flatMap((table) => [table, ...table.columns]);
    expect(names.find(({ path }) => path === 'late[]')).toMatchObject({ name: 'things__early' });
    expect(columns(schema)).toContain('early BIGINT');
    expect(columns(schema)).toContainEqual(expect.stringMatching(/^early_[0-9a-f]{8} BIGINT$/));
  });

  test('takes a name from what it rules out: a removed entity, and the values of a path now kept whole', () => {
    const before = agreedAfter(
      [[item({ kind: { S: 'o' }, data: { N: '1' } })]],
      mapping({
        entities: { orders: { attribute: 'kind', equals: 'o' } },
        columns: { '[orders].data': { name: 'body' } },
      }),
    );
    const entity = { attribute: 'kind', equals: 'o' };
    const renamed = named({
      entities: { sales: entity },
      tables: { '[sales]': { name: 'orders' } },
      columns: { '[orders].kind': { name: 'body' } },
    });
    // agreedAfter sees the items without entities, so they are in the root table.
    expect(before.tables.map(({ path, name }) => [path, name])).toEqual([
      ['', 'things'],
      ['[orders]', 'orders'],
    ]);
    expect(refusal(() => refuseTakenNames(before, renamed))).toBe('agreed');
    const after = agree(before, observation(2, emptySeen(), renamed), 1);
    expect(after.tables.map(({ path, name }) => [path, name])).toEqual([
      ['', 'things'],
      ['[orders]', expect.stringMatching(/^orders_[0-9a-f]{8}$/)],
      ['[sales]', 'orders'],
    ]);

    const plainly = mapping({ columns: { data: { name: 'body' } } });
    const scalar = agree(undefined, observation(1, seenOf([item({ data: { N: '1' } })]), plainly), 0);
    const whole = mapping({ columns: { data: { name: 'body', asSuper: true } } });
    const shredder = createShredder({ key, layouts: [], mapping: whole.mapping });
    shredder.shred(item({ data: { N: '1' } }));
    const next = agree(scalar, observation(2, shredder.takeSeen(), whole), 1);
    expect(columns(next)).toEqual(['data BIGINT', 'body SUPER']);
  });

  test('refuses a type that is too narrow with one that holds the values, of the same kind if there is one', () => {
    const values = {
      number: { N: '12345678.25' },
      huge: { N: '1E+60' },
      date: { S: '2026-11-21' },
      time: { S: '2026-11-21T07:00:00Z' },
      text: { S: 'a text of more than 16 bytes' },
      bytes: { B: 'AAECAwQFBgcICQoLDA0ODxAREhM=' },
      flag: { BOOL: true },
    } as const;
    const typed = (type: string, ...of: (keyof typeof values)[]) => {
      const items = of.map((each) => item({ n: values[each] as never }));
      const run = observation(1, seenOf(items), mapping({ columns: { n: { type } } }));
      return refusal(() => agree(undefined, run, 0));
    };
    const advised = (...words: Parameters<typeof typed>) => / set type: "(.+?)"/.exec(typed(...words))?.[1];
    expect(advised('DECIMAL(18,15)', 'number')).toBe('DECIMAL(38,15)');
    expect(advised('BIGINT', 'number')).toBe('DECIMAL(38,2)');
    expect(advised('DATE', 'time')).toBe('TIMESTAMPTZ');
    expect(advised('DATE', 'date', 'time')).toBe('VARCHAR(32)');
    expect(advised('BOOLEAN', 'text')).toBe('VARCHAR(64)');
    expect(advised('VARBYTE(2)', 'bytes')).toBe('VARBYTE(32)');

    const types = [
      'BOOLEAN',
      'BIGINT',
      'DECIMAL(9,9)',
      'DECIMAL(38,37)',
      'DATE',
      'TIMESTAMPTZ',
      'VARCHAR(1)',
    ];
    const kinds = Object.keys(values) as (keyof typeof values)[];
    const all = [...types, 'VARBYTE(1)'].flatMap((type) =>
      kinds.flatMap((one) => kinds.map((other) => [type, one, other] as const)),
    );
    const wrong = all.filter((words) => {
      const [, ...of] = words;
      const better = advised(...words);
      return better !== undefined && typed(better, ...of) !== 'agreed';
    });
    expect(wrong).toEqual([]);
  });

  test('a name that another run took between plan and seal does not stop the run', () => {
    const before = agreedAfter([[item({ a: { N: '1' }, b: { N: '1' } })]]);
    const run = observation(2, seenOf([item({ a: { N: '1' } })]), mapping({ columns: { a: { name: 'b' } } }));
    expect(columns(agree(before, run, 1))).toEqual(['a BIGINT', 'b BIGINT']);
  });

  describe('makes times of numbers', () => {
    const epoch = mapping({ columns: { n: { epoch: 's' } } });
    const asTime = (text: string) => seenOf([item({ n: { S: text } })]);
    const time = asTime('2026-11-21T07:00:00Z');
    const agreedOn = (items: Item[], seen: Seen) =>
      agree(agreedAfter([items]), observation(2, seen, epoch), Date.UTC(2026, 10, 4));

    test('in a column that had only numbers before, which is drift', () => {
      const schema = agreedOn([item({ n: { N: '5' } })], time);
      expect(columns(schema)).toEqual(['n TIMESTAMPTZ']);
      expect(driftOf(schema, 'r2').retyped).toMatchObject([{ from: 'BIGINT', to: 'TIMESTAMPTZ' }]);
      const later = agree(schema, observation(3, seenOf([item({})]), epoch), Date.UTC(2026, 10, 5));
      expect(columns(later)).toEqual(['n TIMESTAMPTZ']);
    });

    test('but a column with text stays VARCHAR, unless the mapping has a type', () => {
      const text = [item({ n: { S: 'soon' } })];
      expect(columns(agreedOn(text, time))).toEqual(['n VARCHAR(32)']);
      const typed = mapping({ columns: { n: { epoch: 's', type: 'TIMESTAMPTZ' } } });
      expect(columns(agree(agreedAfter([text]), observation(2, time, typed), 0))).toEqual(['n TIMESTAMPTZ']);
    });

    test('and without the setting, its column is of text: no time becomes a number again', () => {
      const schema = agreedOn([item({ n: { N: '5' } })], time);
      const undone = agree(schema, observation(3, seenOf([item({ n: { N: '5' } })])), Date.UTC(2026, 10, 5));
      expect(columns(undone)).toEqual(['n VARCHAR(32)']);
    });
  });

  test('gives types, as long as they hold every value', () => {
    const typed = (type: string, items: Item[]) =>
      agree(undefined, observation(1, seenOf(items), mapping({ columns: { n: { type } } })), 0);
    expect(columns(typed('DECIMAL(10,2)', [item({ n: { N: '1.5' } })]))).toEqual(['n DECIMAL(10,2)']);
    expect(refusal(() => typed('DECIMAL(10,2)', [item({ n: { N: '1.555' } })]))).toMatch(
      /^TypeTooNarrow: .*gives n the type DECIMAL\(10,2\).*numbers \(N\).*3 after the point.*In mapping\.columns\."n", set type: "DECIMAL\(18,3\)", or remove the type/,
    );
    // A type says more than timestamp: false.
    const time = [item({ n: { S: '2026-11-21T07:00:00Z' } })];
    const both = mapping({ columns: { n: { type: 'TIMESTAMPTZ', timestamp: false } } });
    expect(columns(agree(undefined, observation(1, seenOf(time), both), 0))).toEqual(['n TIMESTAMPTZ']);
    expect(refusal(() => typed('VARCHAR(2)', [item({ n: { S: 'abc' } })]))).toMatch(
      /text \(S\); up to 3 bytes as text.*VARCHAR\(16\)/,
    );
  });

  test('timestamp: false keeps text that looks like a time', () => {
    const items = [item({ at: { S: '2026-11-21T07:00:00Z' } })];
    expect(columns(agreedAfter([items]))).toEqual(['at TIMESTAMPTZ']);
    expect(columns(agreedAfter([items], mapping({ columns: { at: { timestamp: false } } })))).toEqual([
      'at VARCHAR(32)',
    ]);
  });
});

describe('drift', () => {
  const first = [item({ a: { N: '1' } })];
  const second = [item({ a: { S: 'text' }, b: { BOOL: true }, list: { L: [{ N: '1' }] } })];

  test('of the first run is none', () => {
    const drift = driftOf(agreedAfter([first]), 'r1');
    expect(drift).toMatchObject({ first: true, revision: 1 });
    expect(hasDrift(drift)).toBe(false);
  });

  test('names what is new and what is wider', () => {
    const drift = driftOf(agreedAfter([first, second]), 'r2');
    expect(diffLines(drift)).toEqual([
      'new table things__list (list[])',
      'new column things.b BOOLEAN (b)',
      'new column things.list__count INTEGER (list)',
      'new column things__list.value BIGINT (list[])',
      'things.a: BIGINT → VARCHAR(16)',
    ]);
    expect(hasDrift(drift)).toBe(true);
  });

  test('tells a type and a name that the mapping changed from a wider type', () => {
    const mapping = Mapping.parse({ columns: { a: { name: 'amount', type: 'DECIMAL(10,2)' } } });
    const schema = agree(agreedAfter([first]), observation(2, seenOf(first), { mapping }), 1);
    const drift = driftOf(schema, 'r2');
    expect(driftCounts(drift)).toMatchObject({ newColumns: 0, widened: 0, retyped: 1, renamed: 1 });
    expect(diffLines(drift)).toEqual(['things.amount: BIGINT → DECIMAL(10,2)', 'a: a is now called amount']);
    const later = agree(schema, observation(3, seenOf(first), { mapping }), 2);
    expect(driftCounts(driftOf(later, 'r3'))).toMatchObject({ retyped: 0, renamed: 0 });
  });

  test('distinguishes a wider type, in which old values keep theirs, from any other change', () => {
    const change = (before: AttributeValue, after: AttributeValue) => {
      const schema = agreedAfter([[item({ a: before })], [item({ a: after })]]);
      const { widened, retyped } = driftOf(schema, 'r2');
      return [widened, retyped].map((changes) => changes.map(({ from, to }) => `${from} → ${to}`));
    };
    expect(change({ N: '1' }, { N: '1.5' })).toEqual([['BIGINT → DECIMAL(38,1)'], []]);
    expect(change({ N: '0.5' }, { N: '12345678901234567890.25' })).toEqual([
      ['DECIMAL(18,1) → DECIMAL(38,2)'],
      [],
    ]);
    expect(change({ S: 'a' }, { S: 'a'.repeat(20) })).toEqual([['VARCHAR(16) → VARCHAR(32)'], []]);
    expect(change({ N: '1' }, { S: '12' })).toEqual([[], ['BIGINT → VARCHAR(16)']]);
    expect(change({ S: '2026-11-21' }, { S: 'soon' })).toEqual([[], ['DATE → VARCHAR(16)']]);
    expect(change({ BOOL: true }, { N: '1' })).toEqual([[], ['BOOLEAN → VARCHAR(16)']]);
  });

  test('stops for, or flags, only the kinds of change that the definition names', () => {
    const before = agreedAfter([[item({ a: { N: '1' }, n: { N: '1' }, x: { S: 'x' } })]]);
    const changed = item({ a: { S: 'text' }, b: { BOOL: true }, n: { N: '1.5' }, list: { L: [{ N: '1' }] } });
    const after = agree(before, observation(2, seenOf([changed])), 1);
    const stopping = (onDrift: object | 'stop' | 'report') =>
      diffLines(stoppingChanges(before, after, OnDrift.parse(onDrift)));
    expect(stopping({ newTables: 'stop' })).toEqual([
      'new table things__list (list[])',
      'new column things__list.value BIGINT (list[])',
    ]);
    expect(stopping({ newColumns: 'stop' })).toEqual([
      'new column things.b BOOLEAN (b)',
      'new column things.list__count INTEGER (list)',
    ]);
    expect(stopping({ widerTypes: 'stop' })).toEqual(['things.n: BIGINT → DECIMAL(38,1)']);
    expect(stopping({ typeChanges: 'stop' })).toEqual(['things.a: BIGINT → VARCHAR(16)']);
    expect(stopping({ gone: 'stop' })).toEqual(['no value in things.x (x)']);
    expect(stopping('report')).toEqual([]);
    expect(stopping('stop')).toHaveLength(6);
    expect(diffLines(stoppingChanges(undefined, after, 'stop'))).toEqual([]);
    const flagged = (onDrift: object | 'evolve' | 'report', by = 'r2') =>
      driftOf(after, by, OnDrift.parse(onDrift)).flagged;
    expect(flagged('evolve')).toBe(false);
    expect(flagged('report')).toBe(true);
    expect(flagged({ typeChanges: 'report' })).toBe(true);
    expect(flagged({ gone: 'evolve' })).toBe(false);
    expect(flagged({})).toBe(true);
  });

  test('reports what is gone once, and lists it until it is back', () => {
    const schema = agreedAfter([[item({ a: { N: '1' } })], [item({})], [item({})]]);
    const drift = driftOf(schema, 'r3', OnDrift.parse({}));
    expect(driftCounts(drift)).toMatchObject({ gone: 1, newlyGone: 0, flagged: false });
    expect(driftCounts(driftOf(agreedAfter([[item({ a: { N: '1' } })], [item({})]]), 'r2'))).toMatchObject({
      ...{ gone: 1, newlyGone: 1, flagged: false },
    });
  });

  test('is reported the same when the run is sealed again', () => {
    const schema = agreedAfter([first, second]);
    const again = agree(schema, observation(2, seenOf(second)), 99);
    expect(again).toEqual(schema);
    expect(driftOf(again, 'r2')).toEqual(driftOf(schema, 'r2'));
  });
});

describe('the layouts a run starts with', () => {
  test('have what was common and is not gone', () => {
    const many = Array.from({ length: 300 }, (_, i) =>
      item({ a: { N: '1' }, list: { L: [{ S: 'x' }] }, ...(i === 0 ? { rare: { N: '1' } } : {}) }),
    );
    expect(agreedLayouts(agreedAfter([many]), NO_MAPPING)).toEqual([
      {
        table: '',
        columns: [
          { path: 'a', form: 'scalar' },
          { path: 'list', form: 'count' },
        ],
      },
      { table: 'list[]', columns: [{ path: 'list[]', form: 'scalar' }] },
    ]);
    const next = agreedAfter([many, [item({ list: { L: [{ S: 'x' }] } })]]);
    expect(agreedLayouts(next, NO_MAPPING)[0]?.columns).toEqual([{ path: 'list', form: 'count' }]);
  });
});

const name = fc.constantFrom(
  'a',
  'A',
  'a__b',
  'a.b',
  'b',
  'B',
  'id',
  'ID',
  '_pos',
  'value',
  '__proto__',
  'constructor',
  'é',
);
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<AttributeValue>(
      { N: '1' },
      { N: '1.25' },
      { N: '123456789012345678901234567890' },
      { S: 'text' },
      { S: '2026-11-21' },
      { S: 'x'.repeat(100) },
      { BOOL: true },
      { B: 'AAE=' },
      { SS: ['a', 'b'] },
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L }) as AttributeValue),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 3 })
      .map((all) => ({ M: Object.fromEntries(all) }) as AttributeValue),
  ),
}));
const items = fc.array(
  fc
    .array(
      fc.tuple(
        name.filter((each) => each !== 'id'),
        value,
      ),
      { maxLength: 4 },
    )
    .map((all) => Object.assign(Object.fromEntries(all), { id: { S: 'k' } }) as Item),
  { maxLength: 5 },
);

describe('over any items', () => {
  test('any order and any split of them makes the same schema', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 4 }), (some, parts) => {
        const whole = agree(undefined, observation(1, seenOf(some)), 0);
        const split = agree(undefined, observation(1, seenOf(some.toReversed(), parts)), 0);
        expect(JSON.stringify(split)).toBe(JSON.stringify(whole));
      }),
    );
  });

  test('a run seen twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(items, { minLength: 1, maxLength: 4 }), (runs) => {
        const schema = agreedAfter(runs);
        const last = observation(runs.length, seenOf(runs.at(-1) as Item[]));
        expect(agree(schema, last, 1e15)).toEqual(schema);
      }),
    );
  });

  test('names and positions never change, no two columns share a name, and types only widen', () => {
    fc.assert(
      fc.property(fc.array(items, { minLength: 2, maxLength: 6 }), (runs) => {
        let before: AgreedSchema | undefined;
        runs.forEach((some, i) => {
          const schema = agree(before, observation(i + 1, seenOf(some)), i);
          const names = namesOf(schema);
          for (const [what, given] of namesOf(before ?? schema)) expect(names.get(what)).toBe(given);
          const tables = schema.tables.map((table) => table.name);
          expect(new Set(tables).size).toBe(tables.length);
          for (const table of schema.tables) {
            const all = [
              ...schema.key.map(({ columnName }) => columnName),
              ...table.columns.map((c) => c.name),
            ];
            expect(new Set(all).size).toBe(all.length);
            const old = before?.tables.find(({ path }) => path === table.path)?.columns ?? [];
            expect(table.columns.slice(0, old.length).map((c) => c.name)).toEqual(old.map((c) => c.name));
          }
          before = schema;
        });
      }),
      { numRuns: 200 },
    );
  });

  test('the order of the runs affects neither the types nor the set of columns', () => {
    const typesOf = (schema: AgreedSchema) =>
      schema.tables
        .flatMap((table) =>
          table.columns.map(
            (column) => `${table.path} ${column.form} ${column.path} ${typeSql(column.type)}`,
          ),
        )
        .sort();
    fc.assert(
      fc.property(items, items, items, (a, b, c) => {
        expect(typesOf(agreedAfter([c, a, b]))).toEqual(typesOf(agreedAfter([a, b, c])));
      }),
      { numRuns: 200 },
    );
  });
});
