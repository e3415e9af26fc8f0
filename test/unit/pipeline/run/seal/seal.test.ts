import { describe, expect, test } from '@jest/globals';
import type { Layout } from '../../../../../src/pipeline/columns/layout.ts';
import { PipelineDefinition } from '../../../../../src/pipeline/definition/pipeline-definition.ts';
import { Refusal } from '../../../../../src/pipeline/failure/refusal.ts';
import { attributePath, ROOT } from '../../../../../src/pipeline/item/path.ts';
import type { PartFile } from '../../../../../src/pipeline/load/part-file.ts';
import { Manifest } from '../../../../../src/pipeline/run/manifest.ts';
import type { Plan } from '../../../../../src/pipeline/run/plan.ts';
import { type SealInput, buildManifest as sealWith } from '../../../../../src/pipeline/run/seal/seal.ts';
import type { CheckpointFigures } from '../../../../../src/pipeline/run/segments/checkpoint.ts';
import { agree } from '../../../../../src/pipeline/schema/agree.ts';
import type { ScalarSeen, Seen } from '../../../../../src/pipeline/seen/seen.ts';
import { createTable } from '../../../../../src/pipeline/staging/ddl.ts';

const plan: Plan = {
  version: 1,
  pipeline: 'nobel',
  run: 'r1',
  owner: { workflowId: 'w', firstExecutionRunId: 'f' },
  plannedAt: '2026-11-21T06:00:00.000Z',
  definition: PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'nobel' },
    staging: { bucket: 'runs' },
    warehouse: { kind: 'redshift', workgroup: 'local', database: 'dev', schema: 'nobel', iamRole: 'default' },
  }),
  source: { tableName: 'nobel', key: [{ name: 'id', kind: 'S' }], approximateItems: 0, approximateBytes: 0 },
  segments: 2,
  layouts: [],
};

const scalar = (
  kind: ScalarSeen['kinds'][number],
  values: number,
  some: Partial<ScalarSeen> = {},
): ScalarSeen => ({
  kinds: [kind],
  textForms: kind === 'S' ? ['other'] : [],
  maxBytes: 5,
  maxIntegerDigits: kind === 'N' ? 4 : 0,
  maxScale: 0,
  allInt64: true,
  hasExponent: false,
  values,
  textBytes: values * 4,
  ...some,
});

const rootLayout: Layout = {
  table: '',
  columns: [
    { path: 'prizes', form: 'count' },
    { path: 'year', form: 'scalar' },
  ],
};
const wideLayout: Layout = {
  table: '',
  columns: [...rootLayout.columns, { path: 'zeal', form: 'scalar' }],
};
const prizesLayout: Layout = {
  table: 'prizes[]',
  columns: [{ path: 'prizes[].motivation', form: 'scalar' }],
};

const file = (key: string, table: string, layout: string, rows: number): PartFile => ({
  key,
  etag: `"${key}"`,
  table,
  layout,
  rows,
  bytes: 100,
  rawBytes: 300,
});

const seen: Seen = {
  tables: {
    '': {
      rows: 3,
      scalars: { id: scalar('S', 3), year: scalar('N', 2), zeal: scalar('S', 1) },
      bytes: {},
      counts: { prizes: { values: 3, members: 4 } },
    },
    'prizes[]': {
      rows: 4,
      scalars: { 'prizes[].motivation': scalar('S', 3, { maxBytes: 300, textBytes: 700 }) },
      bytes: { 'prizes[].motivation': { maxBytes: 70_000, values: 1 } },
      counts: {},
    },
  },
};

const checkpoint = (segment: number, some: Partial<CheckpointFigures>): CheckpointFigures => ({
  version: 2,
  run: 'r1',
  segment,
  number: 1,
  attempt: 'a',
  pages: 1,
  items: 0,
  readUnits: 1,
  startedAt: '2026-11-21T06:00:01.000Z',
  endedAt: '2026-11-21T06:00:02.000Z',
  files: [],
  rejectReasons: {},
  ...some,
});

/** Sealed as the first run of its pipeline. */
function buildManifest(input: Omit<SealInput, 'agreed'>) {
  const agreed = agree(
    undefined,
    {
      pipeline: input.plan.pipeline,
      by: input.plan.run,
      at: input.plan.plannedAt,
      whole: true,
      tableName: input.plan.source.tableName,
      key: input.plan.source.key,
      seen: input.seen,
      layouts: input.layouts.values(),
      mapping: input.plan.definition.mapping,
    },
    Date.parse(input.sealedAt),
  );
  return sealWith({ ...input, agreed });
}

const input: Omit<SealInput, 'agreed'> = {
  plan,
  checkpoints: [
    checkpoint(0, {
      items: 3,
      files: [file('data/items/0', '', 'aa', 2), file('data/prizes/0', 'prizes[]', 'pp', 3)],
      odd: { key: 'odd/0', etag: 'e', items: 1, bytes: 10 },
    }),
    checkpoint(1, {
      items: 1,
      endedAt: '2026-11-21T06:10:00.000Z',
      rejects: { key: 'rejects/1', etag: 'e', items: 1, bytes: 10 },
      rejectReasons: { 'a key that VARCHAR cannot hold': 1 },
    }),
  ],
  seen,
  oddRejects: { rejects: [], rejectReasons: {} },
  oddFiles: [file('data/items/seal', '', 'bb', 1), file('data/prizes/seal', 'prizes[]', 'qq', 1)],
  layouts: new Map<string, Layout>([
    ['aa', rootLayout],
    ['pp', prizesLayout],
    ['bb', wideLayout],
    [
      'qq',
      {
        table: 'prizes[]',
        columns: [
          { path: 'prizes[].motivation', form: 'bytes' },
          { path: 'prizes[].motivation', form: 'scalar' },
        ],
      },
    ],
  ]),
  sealedAt: '2026-11-21T06:11:00.000Z',
};

describe('a sealed run', () => {
  const manifest = buildManifest(input);
  const [root, prizes] = manifest.tables;

  test('is what manifest.json may hold', () => {
    expect(Manifest.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  test('adds up its checkpoints', () => {
    expect(manifest).toMatchObject({
      extractedFrom: '2026-11-21T06:00:00.000Z',
      extractedTo: '2026-11-21T06:10:00.000Z',
      items: 4,
      odd: 1,
      rejects: 1,
      rejectReasons: { 'a key that VARCHAR cannot hold': 1 },
      bytes: 400,
    });
  });

  test('has a table with the counts of each column', () => {
    expect(root).toMatchObject({ path: '', name: 'nobel', rows: 3 });
    expect(root?.columns).toEqual([
      {
        name: 'id',
        type: { type: 'VARCHAR', bytes: 16 },
        role: 'key',
        path: 'id',
        form: 'scalar',
        notNull: true,
        values: 3,
        textBytes: 12,
        kinds: ['string'],
      },
      {
        name: 'prizes__count',
        type: { type: 'INTEGER' },
        role: 'value',
        path: 'prizes',
        form: 'count',
        notNull: false,
        values: 3,
      },
      {
        name: 'year',
        type: { type: 'BIGINT' },
        role: 'value',
        path: 'year',
        form: 'scalar',
        notNull: false,
        values: 2,
        kinds: ['number'],
      },
      {
        name: 'zeal',
        type: { type: 'VARCHAR', bytes: 16 },
        role: 'value',
        path: 'zeal',
        form: 'scalar',
        notNull: false,
        values: 1,
        textBytes: 4,
        kinds: ['string'],
      },
    ]);
  });

  test('copies the key into child tables, where its bytes are unknown', () => {
    expect(prizes?.columns.slice(0, 2)).toEqual([
      {
        name: 'id',
        type: { type: 'VARCHAR', bytes: 16 },
        role: 'key',
        path: 'id',
        form: 'scalar',
        notNull: true,
        values: 4,
        kinds: ['string'],
      },
      {
        name: '_pos',
        type: { type: 'INTEGER' },
        role: 'position',
        path: 'prizes[]',
        notNull: true,
        values: 4,
      },
    ]);
  });

  test('names the fields of each layout in the order of its files', () => {
    expect(root?.layouts).toEqual({
      aa: ['id', 'prizes__count', 'year'],
      bb: ['id', 'prizes__count', 'year', 'zeal'],
    });
    expect(prizes?.layouts).toEqual({
      pp: ['id', '_pos', 'motivation'],
      qq: ['id', '_pos', 'motivation__bytes', 'motivation'],
    });
    expect(prizes?.files.map(({ key }) => key)).toEqual(['data/prizes/0', 'data/prizes/seal']);
  });

  test('is the same whatever the order of the segments', () => {
    expect(buildManifest({ ...input, checkpoints: input.checkpoints.toReversed() })).toEqual(manifest);
  });

  test('makes the tables of its DDL', () => {
    expect(createTable('nobel__r1_1', prizes!)).toBe(
      'CREATE TABLE IF NOT EXISTS "nobel__r1_1"."nobel__prizes" ("id" VARCHAR(16) NOT NULL, "_pos" INTEGER NOT NULL, ' +
        '"motivation" VARCHAR(512), "motivation__bytes" VARBYTE(131072), PRIMARY KEY ("id", "_pos")) ' +
        'DISTSTYLE AUTO SORTKEY AUTO',
    );
  });
});

describe('an empty DynamoDB table', () => {
  const empty: Omit<SealInput, 'agreed'> = {
    ...input,
    checkpoints: [checkpoint(0, {}), checkpoint(1, {})],
    seen: { tables: {} },
    oddFiles: [],
    layouts: new Map(),
  };

  test('is a table with its key and no rows', () => {
    const { tables } = buildManifest(empty);
    expect(tables).toEqual([
      {
        path: '',
        name: 'nobel',
        rows: 0,
        columns: [
          {
            name: 'id',
            type: { type: 'VARCHAR', bytes: 256 },
            role: 'key',
            path: 'id',
            form: 'scalar',
            notNull: true,
            values: 0,
            textBytes: 0,
            kinds: ['string'],
          },
        ],
        layouts: {},
        files: [],
      },
    ]);
  });

  test('with a key of bytes has no primary key', () => {
    const binary = { ...plan, source: { ...plan.source, key: [{ name: 'id', kind: 'B' as const }] } };
    const [table] = buildManifest({ ...empty, plan: binary }).tables;
    expect(createTable('s', table!)).toBe(
      'CREATE TABLE IF NOT EXISTS "s"."nobel" ("id" VARBYTE(256) NOT NULL) DISTSTYLE AUTO SORTKEY AUTO',
    );
  });
});

describe('items that the conditions of where leave out', () => {
  const [first, second] = input.checkpoints as [CheckpointFigures, CheckpointFigures];

  const manifest = buildManifest(input);

  test('are counted', () => {
    const filtered = [{ ...first, items: first.items + 3, filtered: 3 }, second];
    const sealed = buildManifest({ ...input, checkpoints: filtered });
    expect(sealed).toMatchObject({ items: manifest.items + 3, filtered: 3 });
    expect({ ...sealed, items: manifest.items, filtered: undefined }).toEqual(manifest);
  });

  test('are pointed out if they are all', () => {
    const nothing = { files: [], odd: undefined, rejects: undefined, rejectReasons: {} };
    const checkpoints = [first, second].map((each) => ({ ...each, ...nothing, items: 2, filtered: 2 }));
    const sealed = buildManifest({ ...input, checkpoints, oddFiles: [], seen: { tables: {} } });
    expect(sealed).toMatchObject({ items: 4, filtered: 4 });
    expect(sealed.notes).toContainEqual(expect.stringContaining('where leaves out every item'));
  });
});

describe('what the plan found is noted', () => {
  test('settings that match nothing, and leave no trace in a run', () => {
    const mapping = { ...plan.definition.mapping, exclude: ['yaer'], columns: { yer: { hash: true } } };
    const settings = [
      { setting: 'columns' as const, path: 'yer', hint: ' (did you mean "year"?)' },
      { setting: 'exclude' as const, path: 'yaer', hint: ' (did you mean "year"?)' },
      { setting: 'exclude' as const, path: 'year', hint: '' },
    ];
    const planned = {
      ...plan,
      definition: { ...plan.definition, mapping },
      unmatched: { items: 3, settings },
    };
    expect(buildManifest({ ...input, plan: planned }).notes).toEqual([
      'mapping.columns has settings for yer, which no run ever saw (did you mean "year"?)',
      'mapping.exclude has yaer, which the sample of 3 items did not have (did you mean "year"?)',
    ]);
  });

  test('another key of the hashes', () => {
    const notes = buildManifest({ ...input, plan: { ...plan, hashedOtherwise: 'r0' } }).notes;
    expect(notes).toEqual([expect.stringContaining('TRIBUTARY_HASH_KEY differs from that of run r0')]);
  });
});

describe('a run is not sealed', () => {
  const [first, second] = input.checkpoints as [CheckpointFigures, CheckpointFigures];
  const refusal = (changed: Partial<SealInput>) => {
    try {
      buildManifest({ ...input, ...changed });
    } catch (error) {
      return error instanceof Refusal ? `${error.code}: ${error.message}` : error;
    }
    return 'sealed';
  };

  test('if the scan counted more items than there are rows and rejects', () => {
    expect(refusal({ checkpoints: [{ ...first, items: 4 }, second] })).toContain(
      '5 items in the pages, but 4 rows, odd items, rejected items and filtered items',
    );
  });

  test('if a file lacks rows that were seen', () => {
    const files = [file('data/items/0', '', 'aa', 1), ...first.files.slice(1)];
    expect(refusal({ checkpoints: [{ ...first, files }, second] })).toContain(
      'the root table: 2 rows in files and of odd items, but 3 rows seen',
    );
  });

  test('if lists had more members than there are rows', () => {
    const root = { ...seen.tables['']!, counts: { prizes: { values: 3, members: 5 } } };
    expect(refusal({ seen: { tables: { ...seen.tables, '': root } } })).toContain(
      'the table of prizes: 5 members of the list, but 4 rows seen',
    );
  });

  test('if a table would have more than 1,600 columns', () => {
    const scalars = Object.fromEntries(
      Array.from({ length: 1600 }, (_, i) => [`a${i}`, scalar('BOOL', 1)] as const),
    );
    const root = { ...seen.tables['']!, scalars: { id: scalar('S', 3), ...scalars } };
    expect(refusal({ seen: { tables: { ...seen.tables, '': root } } })).toMatch(
      /^TooManyColumns: Table nobel would have 1604 columns, .* at most 1600/,
    );
  });
});

test('attributes called like object built-ins are columns like any other', () => {
  const odd = ['__proto__', 'constructor', 'toString'].map((name) => attributePath(ROOT, name));
  const scalars = Object.fromEntries([['id', scalar('S', 3)], ...odd.map((name) => [name, scalar('N', 3)])]);
  const layout: Layout = { table: '', columns: odd.toSorted().map((path) => ({ path, form: 'scalar' })) };
  const [table] = buildManifest({
    ...input,
    checkpoints: [checkpoint(0, { items: 3, files: [file('k', '', 'xx', 3)] })],
    seen: { tables: { '': { rows: 3, scalars, bytes: {}, counts: {} } } },
    oddFiles: [],
    layouts: new Map([['xx', layout]]),
  }).tables;
  expect(table?.layouts).toEqual({ xx: ['id', '__proto__', 'constructor', 'tostring'] });
  expect(table?.columns.map(({ values }) => values)).toEqual([3, 3, 3, 3]);
});
