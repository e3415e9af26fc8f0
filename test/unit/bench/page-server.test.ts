import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateItems, ItemFile, itemsDirectory, PAGE_BYTES } from '../../../bench/speed/item-file.ts';
import { itemSize } from '../../../bench/speed/item-size.ts';
import { type PageServer, servePages } from '../../../bench/speed/page-server.ts';
import { itemOf, numberOf, shapeNamed } from '../../../bench/speed/shapes.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';

const shape = shapeNamed('single-table');
const SEED = 3;
const BYTES = 5_000_000;
const directory = mkdtempSync(join(tmpdir(), 'tributary-items-'));
let table: ItemFile;
let server: PageServer;

beforeAll(async () => {
  table = await ItemFile.open(await generateItems(directory, shape, { seed: SEED, bytes: BYTES }));
  server = await servePages((name) => (name === 'shop' ? table : undefined));
});

afterAll(async () => {
  await server.close();
  await table.close();
  rmSync(directory, { recursive: true });
});

interface Answer {
  readonly Items: Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
  readonly ConsumedCapacity?: { readonly CapacityUnits: number; readonly TableName: string };
}

async function call(operation: string, input: object) {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
    body: JSON.stringify(input),
  });
  const body = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('x-amz-crc32')).toBe(String(crc32(body)));
  return { status: response.status, body: JSON.parse(body.toString('utf8')), bytes: body.length };
}

async function scan(more: object = {}): Promise<Answer> {
  return (await call('Scan', { TableName: 'shop', ...more })).body;
}

async function pagesOf(segment: object): Promise<Answer[]> {
  const pages: Answer[] = [];
  let from: Item | undefined;
  do {
    const page = await scan({ ...segment, ExclusiveStartKey: from });
    pages.push(page);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return pages;
}

const numbers = (pages: readonly Answer[]) =>
  pages.flatMap(({ Items }) => Items.map(({ pk }) => numberOf((pk as { S: string }).S)));

test('the segments together return every item once, as generated', async () => {
  const segments = await Promise.all([0, 1, 2].map((Segment) => pagesOf({ Segment, TotalSegments: 3 })));
  const pages = segments.flat();
  expect(numbers(pages)).toEqual(Array.from({ length: table.items }, (_, i) => i));
  expect(pages.flatMap(({ Items }) => Items)).toEqual(
    Array.from({ length: table.items }, (_, i) => itemOf(shape, SEED, i)),
  );
});

test('a page holds as many items as fit into 1 MB, as DynamoDB counts, and says how many', async () => {
  const pages = await pagesOf({});
  expect(pages.length).toBeGreaterThan(2);
  const sizes = pages.map(({ Items }) => Items.reduce((sum, item) => sum + itemSize(item), 0));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(PAGE_BYTES);
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(PAGE_BYTES - 2000);
  for (const { Items, Count, ScannedCount } of pages) {
    expect([Count, ScannedCount]).toEqual([Items.length, Items.length]);
  }
  expect(sizes.reduce((sum, each) => sum + each)).toBe(table.bytes);
});

test('a limit ends a page earlier, and the scan continues after its last key', async () => {
  const first = await scan({ Limit: 10 });
  expect(numbers([first])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const next = await scan({ Limit: 1, ExclusiveStartKey: first.LastEvaluatedKey });
  expect(numbers([next])).toEqual([10]);
});

test('consumed capacity is reported if requested, at half a unit per 4 KB', async () => {
  expect(await scan({ Limit: 1 })).not.toHaveProperty('ConsumedCapacity');
  const { ConsumedCapacity } = await scan({ ReturnConsumedCapacity: 'TOTAL' });
  expect(ConsumedCapacity).toEqual({ CapacityUnits: 128, TableName: 'shop' });
});

test('a table of the first items ends after them', async () => {
  const some = table.first(10);
  expect(some.items).toBe(10);
  expect(some.jsonBytes).toBe(
    Buffer.byteLength(Array.from({ length: 10 }, (_, i) => JSON.stringify(itemOf(shape, SEED, i))).join(',')),
  );
  expect(table.itemsOf(some.jsonBytes)).toBe(10);
  expect(table.itemsOf(some.jsonBytes + 1)).toBe(11);
});

test('DescribeTable returns the key and the size; a table that does not exist is not found', async () => {
  expect((await call('DescribeTable', { TableName: 'shop' })).body.Table).toMatchObject({
    TableStatus: 'ACTIVE',
    ItemCount: table.items,
    TableSizeBytes: table.bytes,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  const missing = await call('Scan', { TableName: 'other' });
  expect(missing).toMatchObject({
    status: 400,
    body: { __type: expect.stringContaining('ResourceNotFound') },
  });
});

test('sent bytes are those of the pages', async () => {
  const before = server.sentBytes;
  const { bytes } = await call('Scan', { TableName: 'shop', Limit: 3 });
  await call('DescribeTable', { TableName: 'shop' });
  expect(server.sentBytes - before).toBe(bytes);
});

test('items are generated once, as many as have the bytes; another seed has another folder', async () => {
  const file = join(directory, `${shape.name}-${BYTES}`);
  const before = statSync(`${file}.json`);
  expect(before.size).toBeGreaterThanOrEqual(BYTES);
  expect(before.size).toBeLessThan(BYTES + 2000);
  expect(await generateItems(directory, shape, { seed: SEED, bytes: BYTES })).toBe(file);
  expect(statSync(`${file}.json`).mtimeMs).toBe(before.mtimeMs);
  expect(itemsDirectory(1)).toBe(itemsDirectory(1));
  expect(itemsDirectory(1)).not.toBe(itemsDirectory(2));
});
