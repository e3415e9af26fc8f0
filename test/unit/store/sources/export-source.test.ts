import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { nextPage, type Page } from '../../../../src/clients/source.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { exportSource } from '../../../../src/store/sources/export-source.ts';
import { findExport } from '../../../../src/store/sources/find-export.ts';
import { dataKeys, exported, FOLDER, items, rewrite, TABLE_ARN } from './exported.ts';
import { storedObjects } from './stored-objects.ts';

const { signal } = new AbortController();
const wanted = { prefix: 'nightly', export: 'latest', table: 'orders' };
const byId = { ...wanted, export: '01693685827463-2d8752fd' };

const find = (objects: ReadonlyMap<string, Buffer>, other = {}) =>
  findExport(storedObjects(objects), { ...wanted, ...other }, signal);

/** All pages of all splits, as a run reads them. */
async function read(
  objects: ReadonlyMap<string, Buffer>,
  segments = 2,
  limit?: number,
  prefix = 'nightly',
): Promise<Page[]> {
  const { planned } = await find(objects, { ...byId, prefix });
  const source = exportSource(storedObjects(objects), planned);
  const pages: Page[] = [];
  for (let segment = 0; segment < segments; segment++) {
    const ofSplit = source.pages({ segment, segments }, undefined, { limit, signal });
    let page: Page;
    do {
      page = await nextPage(ofSplit);
      pages.push(page);
    } while (page.next !== undefined);
    expect(await ofSplit.next()).toEqual({ done: true, value: undefined });
  }
  return pages;
}

const itemsOf = (pages: readonly Page[]) => pages.flatMap((page) => page.items);
const sorted = (some: readonly Item[]) => some.map((item) => JSON.stringify(item)).sort();

describe('every item of an export is read once', () => {
  test.each<readonly [string, Parameters<typeof exported>[0] & object]>([
    ['of files with one gzip member', {}],
    ['of files with several gzip members', { members: 2 }],
    ['of one file', { files: 1 }],
    ['of a table without items', { items: [] }],
    ['without a prefix', { prefix: '' }],
  ])('%s', async (_of, some) => {
    const pages = await read(exported(some), 2, undefined, some.prefix);
    expect(sorted(itemsOf(pages))).toEqual(sorted(some.items ?? items(6)));
    expect(pages.every(({ readUnits }) => readUnits === 0)).toBe(true);
  });

  test('in more splits than files', async () => {
    expect(sorted(itemsOf(await read(exported(), 7)))).toEqual(sorted(items(6)));
  });

  test('with every attribute, whatever its name, and text as it is', async () => {
    const odd: Item[] = [
      { id: { S: '"Item":{ 😀 }}\\n' }, ['__proto__']: { M: { constructor: { N: '1e2' } } } } as Item,
      { id: { S: '' }, list: { L: [{ S: '}}' }, { NULL: true }] } },
    ];
    const pages = await read(exported({ items: odd, files: 1 }), 1);
    expect(JSON.stringify(itemsOf(pages))).toBe(JSON.stringify(odd));
    const [{ bytes }] = pages as [Page];
    expect(bytes!.body.toString('utf8', bytes!.start, bytes!.end)).toBe(
      odd.map((item) => JSON.stringify(item)).join(','),
    );
  });

  test('from lines that are written in another way', async () => {
    const objects = exported({ files: 1, items: items(1) });
    const [key] = dataKeys(objects) as [string];
    const { createHash } = await import('node:crypto');
    const body = gzipSync('{ "Item" : {"id":{"S":"item 0"},"n":{"N":"0"}} }');
    objects.set(key, body);
    const md5 = createHash('md5').update(body).digest('base64');
    rewrite(objects, `${FOLDER}manifest-files.json`, (text) =>
      text.replace(/"md5Checksum":"[^"]+"/, `"md5Checksum":"${md5}"`),
    );
    expect(itemsOf(await read(objects))).toEqual(items(1));
  });

  test('after it was copied to another prefix', async () => {
    const copied = [...exported()].map(([key, body]) => [key.replace('nightly/', 'a/b/'), body] as const);
    const { planned } = await find(new Map(copied), { prefix: 'a/b/' });
    const source = exportSource(storedObjects(new Map(copied)), planned);
    const page = await nextPage(source.pages({ segment: 0, segments: 4 }, undefined, { signal }));
    expect(page.items).toEqual([items(6)[0], items(6)[4]]);
  });

  test('large files are read in pages of bounded size', async () => {
    const large = Array.from({ length: 4000 }, (_, n) => ({
      id: { S: String(n) },
      text: { S: 'x'.repeat(1000) },
    }));
    const pages = await read(exported({ items: large, files: 1 }), 1);
    expect(pages.length).toBeGreaterThan(2);
    for (const { bytes } of pages) expect(bytes!.end).toBeLessThan(1_510_000);
    expect(JSON.stringify(itemsOf(pages))).toBe(JSON.stringify(large));
  });
});

describe('the newest export', () => {
  const newer = { id: '01693785827463-aaaaaaaa', items: items(3) };

  test('is the one that is complete, full, and of the table', async () => {
    const others = new Map([
      ...exported(),
      ...exported({ id: '01693885827463-bbbbbbbb', tableArn: `${TABLE_ARN}-archive` }),
      ...exported(newer),
    ]);
    for (const [key, body] of exported({ id: '01693985827463-cccccccc' }))
      if (!key.includes('manifest-summary.json')) others.set(key, body);
    await expect(find(others)).resolves.toMatchObject({ planned: { id: newer.id }, items: 3 });
  });

  test('has the time of the table, and exact counts', async () => {
    const { planned, items: count } = await find(exported());
    expect(planned).toMatchObject({ time: '2026-11-30T02:00:00.000Z', tableId: 'id-of-orders', files: 4 });
    expect(count).toBe(6);
  });

  test('is named by its ARN as well', async () => {
    const arn = `${TABLE_ARN}/export/01693685827463-2d8752fd`;
    await expect(find(exported(), { export: arn })).resolves.toMatchObject({ planned: { arn } });
  });

  test.each([
    ['ExportNotFound', 'there is none', {}, new Map()],
    ['ExportNotFound', 'there is none of the table', { table: 'customers' }, exported()],
    [
      'ExportIncomplete',
      'the one that is named has no summary',
      { export: '01693685827463-00000000' },
      exported(),
    ],
    [
      'ExportNotReadable',
      'the one that is named is of another table',
      { ...byId, table: 'customers' },
      exported(),
    ],
  ] as const)('%s if %s', async (code, _why, other, objects) => {
    await expect(find(objects, other)).rejects.toMatchObject({ code });
  });

  test.each([
    ['in Ion', (text: string) => text.replace('DYNAMODB_JSON', 'ION'), /format ION/],
    [
      'incremental',
      (text: string) =>
        text.replace(
          '"exportType":"FULL_EXPORT"',
          '"exportType":"INCREMENTAL_EXPORT","exportFromTime":"2026-11-30T01:00:00Z",' +
            '"exportToTime":"2026-11-30T02:00:00Z","outputView":"NEW_IMAGE"',
        ),
      /incremental/,
    ],
  ])('is refused if it is %s', async (_how, change, message) => {
    const objects = exported();
    rewrite(objects, `${FOLDER}manifest-summary.json`, change);
    await expect(find(objects, byId)).rejects.toMatchObject({
      code: 'ExportNotReadable',
      message: expect.stringMatching(message),
    });
  });
});

describe('a damaged export is refused, with the name of the file', () => {
  const [first] = dataKeys(exported()) as [string];
  const truncated = (objects: Map<string, Buffer>, key: string) =>
    objects.set(key, objects.get(key)!.subarray(0, -5));

  test.each<readonly [string, string, string, (objects: Map<string, Buffer>) => unknown]>([
    [
      'the list of files is missing',
      'ExportIncomplete',
      `${FOLDER}manifest-files.json`,
      (o) => o.delete(`${FOLDER}manifest-files.json`),
    ],
    [
      'its checksum is missing',
      'ExportIncomplete',
      `${FOLDER}manifest-files.md5`,
      (o) => o.delete(`${FOLDER}manifest-files.md5`),
    ],
    [
      'the list of files is cut off',
      'ExportDamaged',
      `${FOLDER}manifest-files.json`,
      (o) => truncated(o, `${FOLDER}manifest-files.json`),
    ],
    [
      'the summary was changed',
      'ExportDamaged',
      `${FOLDER}manifest-summary.json`,
      (o) => o.set(`${FOLDER}manifest-summary.json`, Buffer.from('{}')),
    ],
    [
      'the summary counts other items',
      'ExportDamaged',
      `${FOLDER}manifest-files.json`,
      (o) =>
        rewrite(o, `${FOLDER}manifest-summary.json`, (text) =>
          text.replace('"itemCount":6', '"itemCount":7'),
        ),
    ],
    [
      'a line of the list is not JSON',
      'ExportDamaged',
      `${FOLDER}manifest-files.json`,
      (o) => rewrite(o, `${FOLDER}manifest-files.json`, (text) => text.replace('{', '')),
    ],
    [
      'a file is listed twice',
      'ExportDamaged',
      `${FOLDER}manifest-files.json`,
      (o) => rewrite(o, `${FOLDER}manifest-files.json`, (text) => `${text}${text.split('\n')[3]}\n`),
    ],
    ['a data file is missing', 'ExportIncomplete', first, (o) => o.delete(first)],
    [
      'a data file is not listed',
      'ExportDamaged',
      `${FOLDER}data/other.json.gz`,
      (o) => o.set(`${FOLDER}data/other.json.gz`, gzipSync('')),
    ],
    ['a data file is cut off', 'ExportDamaged', first, (o) => truncated(o, first)],
    ['a data file is empty', 'ExportDamaged', first, (o) => o.set(first, Buffer.alloc(0))],
    [
      'a data file was compressed again',
      'ExportDamaged',
      first,
      (o) => o.set(first, gzipSync(gunzipSync(o.get(first)!), { level: 1 })),
    ],
    [
      'a data file lacks an item',
      'ExportDamaged',
      first,
      (o) => o.set(first, gzipSync(gunzipSync(o.get(first)!).toString().split('\n')[0]!)),
    ],
    [
      'a byte of a data file is another',
      'ExportDamaged',
      first,
      (o) => o.set(first, Buffer.from(o.get(first)!.map((byte, at) => (at === 30 ? byte ^ 255 : byte)))),
    ],
  ])('%s', async (_how, code, key, damage) => {
    const objects = exported();
    damage(objects);
    await expect(read(objects)).rejects.toMatchObject({ code, message: expect.stringContaining(key) });
  });

  test('a line without an item, even with the right checksum', async () => {
    const objects = exported({ items: [{ id: { S: 'a' } }], files: 1 });
    const [key] = dataKeys(objects) as [string];
    const { createHash } = await import('node:crypto');
    const body = gzipSync('{"Keys":{"id":{"S":"a"}}}\n');
    objects.set(key, body);
    rewrite(objects, `${FOLDER}manifest-files.json`, (text) =>
      text.replace(
        /"md5Checksum":"[^"]+"/,
        `"md5Checksum":"${createHash('md5').update(body).digest('base64')}"`,
      ),
    );
    await expect(read(objects)).rejects.toMatchObject({
      code: 'ExportDamaged',
      message: expect.stringContaining('line without an Item: number 1'),
    });
  });

  test('a data file has other items than the manifest counts', async () => {
    const objects = exported({ files: 3 });
    rewrite(objects, `${FOLDER}manifest-files.json`, (text) =>
      text.replace('"itemCount":2', '"itemCount":3').replace('"itemCount":2', '"itemCount":1'),
    );
    await expect(read(objects)).rejects.toMatchObject({
      code: 'ExportDamaged',
      message: expect.stringMatching(/has 2 items, not \d as its manifest says/),
    });
  });

  test('the list of files is another one than when the run was planned', async () => {
    const objects = exported();
    const { planned } = await find(objects);
    rewrite(objects, `${FOLDER}manifest-files.json`, (text) => `${text}\n`);
    const pages = exportSource(storedObjects(objects), planned).pages(
      { segment: 0, segments: 1 },
      undefined,
      { signal },
    );
    await expect(nextPage(pages)).rejects.toMatchObject({ code: 'ExportDamaged' });
  });
});
