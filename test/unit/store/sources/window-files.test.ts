import { describe, expect, test } from '@jest/globals';
import { incrementalExport, type NetChange } from '../../../../local/dynamodb/exports/export-files.ts';
import { netChange } from '../../../../src/pipeline/changes/export-record.ts';
import { readExportFile } from '../../../../src/store/sources/export-file.ts';
import { CHANGE_LINES, findWindowFiles, verifyFiles } from '../../../../src/store/sources/window-files.ts';
import { dataKeys, rewrite, TABLE_ARN } from './exported.ts';
import { storedObjects } from './stored-objects.ts';

const { signal } = new AbortController();
const ID = '01693685827463-2d8752fd';
const FOLDER = `windows/AWSDynamoDB/${ID}/`;
const SUMMARY = `${FOLDER}manifest-summary.json`;
const FILES = `${FOLDER}manifest-files.json`;
const window = { from: 1_764_468_000, to: 1_764_468_900 };
const wanted = { prefix: 'windows/', id: ID, tableId: 'id-of-orders', window };

const item = (n: number, version: number) => ({ id: { S: `item ${n}` }, version: { N: String(version) } });
/** One that is new, one that was changed, and one that was deleted. */
const CHANGES: readonly NetChange[] = [
  [undefined, item(0, 1)],
  [item(1, 1), item(1, 2)],
  [item(2, 1), undefined],
].map(([before, after], n) => ({
  ...{ key: { id: { S: `item ${n}` } }, before, after, writtenAtMs: window.from * 1000 + n },
}));

type Exported = Parameters<typeof incrementalExport>[0];

/** An export with one change per file, of which the last file is empty. */
const exported = (some: Partial<Exported> = {}) =>
  new Map(
    incrementalExport({
      ...{ bucket: 'exports', prefix: 'windows', id: ID, tableArn: TABLE_ARN, tableId: 'id-of-orders' },
      ...{ startedAtMs: 0, endedAtMs: 0, files: 4, viewType: 'NEW_AND_OLD_IMAGES', changes: CHANGES },
      ...{ fromMs: window.from * 1000, toMs: window.to * 1000 },
      ...some,
    }),
  );

/** All changes, as the reader of a window finds them: `kind`, image and image before. */
async function read(objects: ReadonlyMap<string, Buffer>, other: Partial<typeof wanted> = {}) {
  const store = storedObjects(objects);
  const { files, viewType } = await findWindowFiles(store, { ...wanted, ...other }, signal);
  let verified = 0;
  const onPage = (count: number) => {
    verified = count;
  };
  await verifyFiles(store, files, { signal, onPage });
  const found: unknown[] = [];
  for (const file of files) {
    const options = { limit: Number.POSITIVE_INFINITY, signal, form: CHANGE_LINES };
    for await (const page of readExportFile(store, file, { byte: 0, items: 0 }, options)) {
      for (const line of page.items) {
        const { kind, image, before } = netChange(line, viewType)!;
        found.push([kind, image, before]);
      }
    }
  }
  expect(verified).toBe(found.length);
  return found;
}

describe('the files of an incremental export', () => {
  test('have each change once, with both images or the new ones', async () => {
    expect(await read(exported())).toEqual([
      ['INSERT', item(0, 1), undefined],
      ['MODIFY', item(1, 2), item(1, 1)],
      ['REMOVE', undefined, item(2, 1)],
    ]);
    expect(await read(exported({ viewType: 'NEW_IMAGE' }))).toEqual([
      ['MODIFY', item(0, 1), undefined],
      ['MODIFY', item(1, 2), undefined],
      ['REMOVE', undefined, undefined],
    ]);
  });

  test('may be one, consist of several gzip members, or all be empty', async () => {
    expect(await read(exported({ files: 1, members: 3 }))).toHaveLength(3);
    expect(await read(exported({ changes: [] }))).toEqual([]);
  });

  test('are found if the manifest names them without the prefix, and its checksum has the documented name', async () => {
    const objects = exported();
    rewrite(objects, FILES, (text) => text.replaceAll('"windows/', '"'));
    for (const manifest of [FILES, SUMMARY]) {
      const md5 = manifest.replace('.json', '.md5');
      objects.set(manifest.replace('.json', '.checksum'), objects.get(md5)!);
      objects.delete(md5);
    }
    expect(await read(objects)).toHaveLength(3);
  });

  test.each([
    ['another table', { tableId: 'id-of-another' }],
    ['another start', { window: { ...window, from: window.from - 1 } }],
    ['another end', { window: { ...window, to: window.to + 900 } }],
  ])('are refused if the export is of %s', async (_, other) => {
    await expect(read(exported(), other)).rejects.toMatchObject({ code: 'ExportDamaged' });
  });

  const changed = (key: string, change: (body: Buffer) => Buffer) => (objects: Map<string, Buffer>) =>
    objects.set(key, change(objects.get(key)!));
  const [first, , , empty] = dataKeys(exported()) as [string, string, string, string];

  test.each<[what: string, code: string, damage: (objects: Map<string, Buffer>) => unknown]>([
    ['has no summary', 'ExportIncomplete', (objects) => objects.delete(SUMMARY)],
    ['has no list of files', 'ExportIncomplete', (objects) => objects.delete(FILES)],
    ['has no checksum', 'ExportIncomplete', (objects) => objects.delete(`${FOLDER}manifest-files.md5`)],
    ['lacks a file', 'ExportIncomplete', (objects) => objects.delete(first)],
    ['lacks an empty file', 'ExportIncomplete', (objects) => objects.delete(empty)],
    [
      'has a file that is not listed',
      'ExportDamaged',
      (objects) => objects.set('windows/AWSDynamoDB/data/unlisted.json.gz', objects.get(first)!),
    ],
    ['has a file that is cut off', 'ExportDamaged', changed(first, (body) => body.subarray(0, -9))],
    ['has another file', 'ExportDamaged', (objects) => objects.set(first, objects.get(empty)!)],
    [
      'has another number of changes than its summary says',
      'ExportDamaged',
      (objects) => rewrite(objects, SUMMARY, (text) => text.replace('"itemCount":3', '"itemCount":4')),
    ],
    [
      'is a full one',
      'ExportDamaged',
      (objects) =>
        rewrite(objects, SUMMARY, (text) =>
          text.replace('"INCREMENTAL_EXPORT"', '"FULL_EXPORT","exportTime":"2025-11-30T02:00:00.000Z"'),
        ),
    ],
    [
      'is in Ion',
      'ExportDamaged',
      (objects) => rewrite(objects, SUMMARY, (text) => text.replace('"DYNAMODB_JSON"', '"ION"')),
    ],
  ])('are refused if the export %s', async (_, code, damage) => {
    const objects = exported();
    damage(objects);
    await expect(read(objects)).rejects.toMatchObject({ code });
  });
});
