import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import type { Item } from '../../src/pipeline/item/attribute.ts';

/** A table whose items are numbered from 0. */
export interface PagedTable {
  /** Partition key first. */
  readonly key: readonly { readonly name: string; readonly kind: 'S' | 'N' | 'B' }[];
  readonly items: number;
  /** The table's size as DynamoDB counts it. */
  readonly bytes: number;
  numberOf(key: Item): number;
  read(request: ReadRequest): ItemsRead | Promise<ItemsRead>;
}

/** A page of one of the segments that the table decides on. */
export interface ReadRequest {
  readonly segment: number;
  readonly segments: number;
  /** The number of the item after which the page begins; undefined at the segment's beginning. */
  readonly after: number | undefined;
  /** The most items. A page ends earlier if it is full, but never before its first item. */
  readonly limit: number;
}

export interface ItemsRead {
  /** Their DynamoDB-JSON, with commas between them. */
  readonly text: Buffer;
  readonly count: number;
  /** Bytes as DynamoDB counts them. */
  readonly size: number;
  /** The last item's key, if more items follow it in the segment. */
  readonly lastKey?: Item | undefined;
}

interface Scan {
  readonly TableName: string;
  readonly Segment?: number;
  readonly TotalSegments?: number;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly ReturnConsumedCapacity?: string;
}

export interface PageServer {
  readonly endpoint: string;
  /** The bytes of the pages sent so far. */
  readonly sentBytes: number;
  close(): Promise<void>;
}

/**
 * Serves tables by DynamoDB's protocol: DescribeTable, and Scan by segments, with the CRC of each response. It does as
 * little as possible, so that a client can be measured and not the server.
 * @param find a table by its name, which may be an ARN; undefined if there is none
 */
export async function servePages(find: (table: string) => PagedTable | undefined): Promise<PageServer> {
  let sentBytes = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const call = String(request.headers['x-amz-target']).split('.').at(-1);
    const input = JSON.parse(await textOf(request)) as Scan;
    const table = find(input.TableName);
    if (table === undefined) return send(response, 400, [Buffer.from(notFound(input.TableName))]);
    if (call !== 'Scan') return send(response, 200, [Buffer.from(description(input.TableName, table))]);
    const parts = await page(input, table);
    for (const part of parts) sentBytes += part.length;
    send(response, 200, parts);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
  // Clients reuse connections. One that the server closes meanwhile would fail a request.
  server.keepAliveTimeout = 10 * 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sentBytes() {
      return sentBytes;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, status: number, parts: readonly Buffer[]): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': parts.reduce((sum, part) => sum + part.length, 0),
    'x-amz-crc32': parts.reduce((crc, part) => crc32(part, crc), 0),
  });
  for (const part of parts) response.write(part);
  response.end();
}

async function page(scan: Scan, table: PagedTable): Promise<Buffer[]> {
  const { text, count, size, lastKey } = await table.read({
    segment: scan.Segment ?? 0,
    segments: scan.TotalSegments ?? 1,
    after: scan.ExclusiveStartKey && table.numberOf(scan.ExclusiveStartKey),
    limit: scan.Limit ?? Infinity,
  });
  const units = Math.max(0.5, Math.ceil(size / 4096) / 2);
  const capacity =
    scan.ReturnConsumedCapacity === 'TOTAL'
      ? `"ConsumedCapacity":${JSON.stringify({ CapacityUnits: units, TableName: scan.TableName })},`
      : '';
  const last = lastKey === undefined ? '' : `,"LastEvaluatedKey":${JSON.stringify(lastKey)}`;
  return [
    Buffer.from(`{${capacity}"Count":${count},"Items":[`),
    text,
    Buffer.from(`]${last},"ScannedCount":${count}}`),
  ];
}

const description = (name: string, { key, items, bytes }: PagedTable) =>
  JSON.stringify({
    Table: {
      TableName: name,
      TableStatus: 'ACTIVE',
      TableId: name,
      ItemCount: items,
      TableSizeBytes: bytes,
      AttributeDefinitions: key.map((each) => ({ AttributeName: each.name, AttributeType: each.kind })),
      KeySchema: key.map((each, i) => ({ AttributeName: each.name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    },
  });

const notFound = (table: string) =>
  JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
    message: `Requested resource not found: Table: ${table} not found`,
  });

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
