import { getEventListeners } from 'node:events';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  type ScalarAttributeType,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import {
  createDynamoDBTableSource,
  dynamodbClient,
} from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import type { ScanPage, TableSource } from '../../../src/clients/table-source.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

const { endpoint, region } = testStack().dynamodb;
useStackCredentials();
const client = dynamodbClient({ endpoint, region });
const source = createDynamoDBTableSource({ client });
const suffix = Date.now().toString(36);

/** A table that only this file uses, with the key's attributes in order. */
async function createTable(name: string, key: readonly [string, ScalarAttributeType][]): Promise<string> {
  const TableName = `clients-${name}-${suffix}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: key.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: key.map(([AttributeName], index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.1 }, { TableName });
  return TableName;
}

/** Writes items by the protocol itself, exactly as their JSON: the SDK's objects could lose some attribute names. */
async function write(TableName: string, items: readonly Item[]): Promise<void> {
  for (let from = 0; from < items.length; from += 25) {
    const requests = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    const command = new BatchWriteItemCommand({ RequestItems: { [TableName]: [] } });
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: string }).body = JSON.stringify({ RequestItems: { [TableName]: requests } });
        return next(args);
      },
      { step: 'build', priority: 'high' },
    );
    await client.send(command);
  }
}

/** Every page of one segment. */
async function pagesOf(
  table: string,
  segment = 0,
  segments = 1,
  limit?: number,
  from = source,
): Promise<ScanPage[]> {
  const pages: ScanPage[] = [];
  let key: Item | undefined;
  do {
    const page = await from.scanPage({ table, segment, segments, limit, from: key });
    pages.push(page);
    key = page.next;
  } while (key !== undefined);
  return pages;
}

const inOrder = (items: readonly Item[]) =>
  items.map((item) => JSON.stringify(item, Object.keys(item).sort())).sort();

test('a table is described by its key, in order, and its approximate size', async () => {
  const table = await createTable('described', [
    ['motivation', 'S'],
    ['year', 'N'],
  ]);
  await expect(source.describe(table)).resolves.toMatchObject({
    tableName: table,
    key: [
      { name: 'motivation', kind: 'S' },
      { name: 'year', kind: 'N' },
    ],
    approximateItems: expect.any(Number),
    approximateBytes: expect.any(Number),
  });
});

test('every item is read once over all segments and pages, for any page size', async () => {
  const table = await createTable('segments', [
    ['id', 'S'],
    ['n', 'N'],
  ]);
  const items = Array.from({ length: 230 }, (_, index) => ({
    id: { S: `é${index % 40}` },
    n: { N: String(index) },
  }));
  await write(table, items);
  for (const [segments, limit] of [
    [1, undefined],
    [1, 7],
    [5, 3],
  ] as const) {
    const pages = await Promise.all(
      Array.from({ length: segments }, (_, segment) => pagesOf(table, segment, segments, limit)),
    );
    const all = pages.flat();
    expect(inOrder(all.flatMap((page) => page.items))).toEqual(inOrder(items));
    expect(all.every((page) => page.count === page.items.length)).toBe(true);
    expect(all[0]?.readUnits).toBeGreaterThan(0);
  }
});

test('an empty table is one empty page', async () => {
  const table = await createTable('empty', [['id', 'S']]);
  const pages = await pagesOf(table);
  expect(pages).toHaveLength(1);
  expect(pages[0]).toMatchObject({
    items: [],
    count: 0,
    next: undefined,
    readUnits: expect.any(Number),
  });
});

test('a scan resumes from binary keys, and from keys named like object built-ins', async () => {
  const table = await createTable('odd-names', [
    ['__proto__', 'B'],
    ['constructor', 'N'],
  ]);
  const items = ['AAEC', '/+8=', 'AA=='].map(
    (bytes, index) =>
      JSON.parse(`{"__proto__":{"B":"${bytes}"},"constructor":{"N":"${index}"},
        "toString":{"S":"x"},"map":{"M":{"__proto__":{"L":[{"M":{"__proto__":{"NULL":true}}}]}}}}`) as Item,
  );
  await write(table, items);
  const pages = await pagesOf(table, 0, 1, 1);
  const found = pages.flatMap((page) => page.items);
  expect(found).toHaveLength(3);
  for (const item of found) {
    expect(Object.keys(item).sort()).toEqual(['__proto__', 'constructor', 'map', 'toString']);
    expect(JSON.stringify(item.map)).toBe('{"M":{"__proto__":{"L":[{"M":{"__proto__":{"NULL":true}}}]}}}');
  }
  const keysFound = found.map((item) =>
    JSON.stringify(Object.getOwnPropertyDescriptor(item, '__proto__')?.value),
  );
  expect(keysFound.sort()).toEqual(['{"B":"/+8="}', '{"B":"AA=="}', '{"B":"AAEC"}']);
});

test('numbers keep all their digits', async () => {
  const table = await createTable('digits', [['id', 'S']]);
  const digits = '0.1234567890123456789012345678901234567';
  await write(table, [{ id: { S: 'a' }, n: { N: digits }, set: { NS: ['9007199254740993'] } }]);
  const [page] = await pagesOf(table);
  expect(page?.items).toEqual([{ id: { S: 'a' }, n: { N: digits }, set: { NS: ['9007199254740993'] } }]);
});

test('a missing table is reported with its name and region', async () => {
  const missing = {
    name: 'Terminal',
    code: 'TableNotFound',
    message: expect.stringMatching(new RegExp(`no table nobel-prizes in ${region}`)),
  };
  await expect(source.describe('nobel-prizes')).rejects.toMatchObject(missing);
  await expect(source.scanPage({ table: 'nobel-prizes', segment: 0, segments: 1 })).rejects.toMatchObject(
    missing,
  );
});

test('an aborted scan is reported as aborted', async () => {
  const signal = AbortSignal.abort();
  const request = { table: 'any', segment: 0, segments: 1, signal };
  await expect(source.scanPage(request)).rejects.toMatchObject({ name: 'AbortError' });
});

test('a signal that outlives many pages does not accumulate listeners', async () => {
  const table = await createTable('many-pages', [['id', 'S']]);
  const { signal } = new AbortController();
  for (let page = 0; page < 30; page++) await source.scanPage({ table, segment: 0, segments: 1, signal });
  expect(getEventListeners(signal, 'abort').length).toBeLessThan(5);
});

describe('transient faults of DynamoDB and the network', () => {
  const items = Array.from({ length: 50 }, (_, index) => ({
    id: { S: `item ${index}` },
    text: { S: 'é'.repeat(50) },
  }));
  let proxy: ScriptedProxy;
  let table: string;
  let patient: TableSource;
  let impatient: TableSource;

  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
    table = await createTable('bad-moments', [['id', 'S']]);
    await write(table, items);
    patient = createDynamoDBTableSource({ client: dynamodbClient({ endpoint: proxy.endpoint, region }) });
    // A client that does not retry, to see the final error.
    const settings = { ...clientSettings({ endpoint: proxy.endpoint, region }), maxAttempts: 1 };
    impatient = createDynamoDBTableSource({ client: new DynamoDBClient(settings) });
  });
  afterAll(async () => {
    await proxy.close();
  });

  const refusal = (type: string, status = 400): Fault => ({
    kind: 'refused',
    refusal: {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'no' }),
    },
  });
  /** Still JSON, and of the same length: only the CRC shows it. */
  const otherDigit: Fault = {
    kind: 'damaged',
    damage: (body) => Buffer.from(body.toString().replace('item 1', 'item 7')),
  };
  const brokenOff: Fault = { kind: 'cut', afterBytes: 900 };

  test.each([
    ['one byte changed on its way', otherDigit],
    ['the answer broke off', brokenOff],
    ['the line was reset', { kind: 'reset' }],
    ['DynamoDB had a fault', refusal('InternalServerError', 500)],
  ] as const)('%s: the page is read again, whole', async (_what, fault) => {
    proxy.next([fault]);
    const pages = await pagesOf(table, 0, 1, undefined, patient);
    expect(inOrder(pages.flatMap((page) => page.items))).toEqual(inOrder(items));
    expect(proxy.calls).toHaveLength(pages.length + 1);
  });

  test('a throttled scan slows down and then reads the page', async () => {
    // A separate client: it stays at the slower pace.
    const client = dynamodbClient({ endpoint: proxy.endpoint, region });
    proxy.next([refusal('ThrottlingException')]);
    const page = await createDynamoDBTableSource({ client }).scanPage({ table, segment: 0, segments: 1 });
    expect(page.count).toBe(items.length);
    expect(proxy.calls).toHaveLength(2);
  });

  test('a scan that is aborted while it waits for an answer ends at once', async () => {
    proxy.next([{ kind: 'silence' }]);
    const controller = new AbortController();
    const page = patient.scanPage({ table, segment: 0, segments: 1, signal: controller.signal });
    const aborted = proxy.called().then(() => controller.abort());
    await expect(page).rejects.toMatchObject({ name: 'AbortError' });
    await aborted;
  });

  test.each([
    ['Transient', 'DamagedPage', otherDigit],
    ['Transient', 'NetworkFailed', brokenOff],
    ['Transient', 'Throttled', refusal('ThrottlingException')],
    ['Transient', 'ServiceFailed', refusal('InternalServerError', 500)],
    ['Terminal', 'AccessDenied', refusal('AccessDeniedException')],
    ['Terminal', 'CredentialsInvalid', refusal('UnrecognizedClientException')],
    ['Transient', 'CredentialsExpired', refusal('ExpiredTokenException')],
    ['Terminal', 'Refused', refusal('ValidationException')],
  ] as const)('when it stays so: %s %s', async (name, code, fault) => {
    proxy.next([], fault);
    await expect(impatient.scanPage({ table, segment: 0, segments: 1 })).rejects.toMatchObject({
      name,
      code,
    });
  });

  test('a page that is damaged every time is not read forever', async () => {
    proxy.next([], otherDigit);
    const request = { table, segment: 0, segments: 1 };
    const codes: unknown[] = [];
    for (let i = 0; i < 10; i++) {
      codes.push(await impatient.scanPage(request).catch((error: { code?: unknown }) => error.code));
    }
    expect(new Set(codes.slice(0, 8))).toEqual(new Set(['DamagedPage']));
    expect(codes).toContain('PageUnreadable');
  });

  test('a refused scan names the permission it needs and the table', async () => {
    proxy.next([], refusal('AccessDeniedException'));
    await expect(impatient.scanPage({ table, segment: 0, segments: 1 })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`${table}.*Allow dynamodb:Scan`)),
    });
    await expect(impatient.describe(table)).rejects.toMatchObject({
      message: expect.stringContaining('Allow dynamodb:DescribeTable'),
    });
  });

  test('a table named by ARN is addressed by ARN', async () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/nobel';
    proxy.next([], refusal('ResourceNotFoundException'));
    await expect(impatient.scanPage({ table: arn, segment: 0, segments: 1 })).rejects.toMatchObject({
      code: 'TableNotFound',
    });
    expect(JSON.parse(String(proxy.calls[0]?.body))).toHaveProperty('TableName', arn);
  });
});
