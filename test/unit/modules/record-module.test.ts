import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { bundleModule } from '../../../src/modules/bundle-module.ts';
import { codeVersion } from '../../../src/modules/code-version.ts';
import { type ModuleLimits, RecordModule } from '../../../src/modules/record-module.ts';

const directory = mkdtempSync(join(tmpdir(), 'record-module-'));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const LIMITS: ModuleLimits = { blockSeconds: 60, memoryMegabytes: 128 };
const open: RecordModule[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** @param compute the body of the function of column `c`, which gets `record` */
async function moduleOf(compute: string, limits: Partial<ModuleLimits> = {}): Promise<RecordModule> {
  const file = write(
    'columns.ts',
    `import { defineRecords } from '@tributary-data/tributary';
     const computed: (record: any) => any = (record) => { ${compute} };
     export default defineRecords({
       a: { type: 'bigint', comment: 'A number.', from: 'a' },
       c: { type: 'string', compute: computed },
     });`,
  );
  const code = await bundleModule(file);
  const loaded = await RecordModule.load(code, { file, timezone: 'UTC', limits: { ...LIMITS, ...limits } });
  open.push(loaded);
  return loaded;
}

const records = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ line: i + 1, text: `{"a":${i + 1}}` }));

describe('a module', () => {
  test('is bundled with its imports, and has its columns and rows', async () => {
    write('upper.ts', 'export const upper = (text: string): string => text.toUpperCase();');
    const file = write(
      'imports.ts',
      `import { createHash } from 'node:crypto';
       import { defineRecords } from '@tributary-data/tributary';
       import { upper } from './upper.ts';
       export default defineRecords({
         u: { type: 'string', from: 'u', convert: (value) => upper(String(value)) },
         h: { type: 'string', compute: () => createHash('md5').update('').digest('hex').slice(0, 4) },
       });`,
    );
    const loaded = await RecordModule.load(await bundleModule(file), {
      file,
      timezone: 'UTC',
      limits: LIMITS,
    });
    open.push(loaded);
    expect(loaded.columns).toEqual([
      { name: 'u', type: { kind: 'string' }, isComputed: false },
      { name: 'h', type: { kind: 'string' }, isComputed: true },
    ]);
    expect(await loaded.read([{ line: 7, text: '{"u":"x"}' }])).toEqual({
      rows: [{ index: 0, line: 7, cells: ['X', 'd41d'] }],
      rejects: [],
    });
  });

  test('sets aside what is malformed, does not fit or throws, and reads the rest', async () => {
    const loaded = await moduleOf(`if (record.a === 2) throw new Error('two'); return String(record.a);`);
    const { rows, rejects } = await loaded.read([
      { line: 1, text: '{"a":1}' },
      { line: 2, text: '{"a":2}' },
      { line: 3, text: '{"a":"x"}' },
      { line: 4, text: '{"a":' },
      { line: 5, text: 'x', malformed: 'not a JSON object' },
      { line: 6, text: `{"d":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
      { line: 7, text: '{"a":9223372036854775807}' },
    ]);
    expect(rows.map(({ line, cells }) => [line, cells])).toEqual(
      expect.arrayContaining([
        [1, ['1', '1']],
        [7, ['9223372036854775807', '9223372036854775807']],
      ]),
    );
    expect(rejects).toEqual(
      expect.arrayContaining([
        { index: 1, line: 2, reason: 'column c: its function threw', detail: 'Error: two', raw: '{"a":2}' },
        {
          index: 2,
          line: 3,
          reason: 'column a: expected bigint, got text that is no integer in plain digits, such as -12 (a)',
          raw: '{"a":"x"}',
        },
        expect.objectContaining({ line: 4, reason: 'not JSON' }),
        { index: 4, line: 5, reason: 'not a JSON object', raw: 'x' },
      ]),
    );
    expect(rows.length + rejects.length).toBe(7);
  });

  test('keeps the beginning of a long record that it sets aside', async () => {
    const loaded = await moduleOf('return null;');
    const text = `{"a":"${'x'.repeat(3_000_000)}"}`;
    const { rejects } = await loaded.read([{ line: 1, text }]);
    expect(rejects.map(({ raw }) => raw === text.slice(0, 1024 ** 2))).toEqual([true]);
  });

  test('finds no environment', async () => {
    const loaded = await moduleOf(`return JSON.stringify(process.env);`);
    expect((await loaded.read(records(1))).rows[0]?.cells[1]).toBe('{}');
  });
});

describe('a function that exceeds its limits costs only its record', () => {
  test.each([
    ['never returns', 'while (record.a === 3);', { blockSeconds: 5 }, 'took longer than 5 s'],
    [
      'takes all memory',
      `if (record.a === 3) { const all = []; for (;;) all.push(new Array(1e5).fill(record)); }`,
      { memoryMegabytes: 32 },
      'needed more than 32 MB of memory',
    ],
    ['ends the thread', `if (record.a === 3) process.exit(0);`, {}, 'ended its thread'],
  ])('one that %s', async (_, body, limits, why) => {
    const loaded = await moduleOf(`${body} return 'c' + record.a;`, limits);
    const { rows, rejects } = await loaded.read(records(5));
    expect(rows.map(({ index, cells }) => [index, cells[1]])).toEqual([
      [0, 'c1'],
      [1, 'c2'],
      [3, 'c4'],
      [4, 'c5'],
    ]);
    expect(rejects).toEqual([
      { index: 2, line: 3, reason: `the module ${why} for this record`, raw: '{"a":3}' },
    ]);
  });
});

describe('a module that cannot be used', () => {
  const loaded = async (text: string, limits = LIMITS) => {
    const file = write('unusable.ts', text);
    return RecordModule.load(await bundleModule(file), { file: 'unusable.ts', timezone: 'UTC', limits });
  };

  test('is refused by the compiler, with file, line and column', async () => {
    await expect(loaded(`import x from './missing.ts';\nexport default x;`)).rejects.toThrow(
      /unusable\.ts cannot be compiled:\nunusable\.ts:1:15 Could not resolve/,
    );
    await expect(loaded('export default {;')).rejects.toThrow(/unusable\.ts:1:17 /);
    await expect(bundleModule(join(directory, 'none.ts'))).rejects.toThrow(/none\.ts cannot be compiled/);
  });

  test.each([
    ['export const a = 1;', 'it has no default export'],
    ['export default { a: 1 };', 'its default export was not made with defineRecords'],
    ['export default null;', 'its default export was not made with defineRecords'],
    [
      `import { defineRecords } from '@tributary-data/tributary';
       export default defineRecords({ a: { type: 'text', from: 'a' } } as never);`,
      'column a: expected string, bigint',
    ],
    [`throw new Error('at the top');`, 'Error: at the top'],
  ])('%s', async (text, why) => {
    await expect(loaded(text)).rejects.toThrow(why);
  });

  test('because it never ends loading', async () => {
    await expect(loaded('for (;;);', { ...LIMITS, loadSeconds: 1 })).rejects.toThrow(
      'unusable.ts cannot be used: it took longer than 1 s while it was loaded',
    );
  });
});

describe('the version', () => {
  const settings = {
    partition: { column: 'd', unit: 'day', timezone: 'UTC' },
    bounds: { from: '1970-01-01', until: 'tomorrow' },
  } as const;

  test('is the same for the same files in another place, and another once an import changes', async () => {
    const text = `import { x } from './x.ts'; // a comment\nexport default x;`;
    const file = write('version.ts', text);
    write('x.ts', 'export const x = 1;');
    const before = await bundleModule(file);
    const elsewhere = mkdtempSync(join(directory, 'elsewhere-'));
    for (const [name, content] of [
      ['version.ts', text],
      ['x.ts', 'export const x = 1;'],
    ] as const)
      writeFileSync(join(elsewhere, name), content);
    expect(await bundleModule(join(elsewhere, 'version.ts'))).toBe(before);
    write('x.ts', 'export const x = 2;');
    expect(await bundleModule(file)).not.toBe(before);
  });

  test('has the release, and depends on the settings that decide about rows, not on their order', () => {
    const version = codeVersion('code', settings);
    expect(version).toMatch(/^[0-9a-f]{32}$/);
    const { partition, ...rest } = settings;
    const { timezone, ...other } = partition;
    expect(codeVersion('code', { ...rest, partition: { timezone, ...other } })).toBe(version);
    expect(codeVersion('code', { ...settings, release: 'v1' })).toMatch(/^v1\+[0-9a-f]{32}$/);
    expect(codeVersion('code', { ...settings, deduplicate: { key: ['d'] } })).not.toBe(version);
    expect(codeVersion('code2', settings)).not.toBe(version);
  });
});
