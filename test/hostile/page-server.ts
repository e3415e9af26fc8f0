import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { HOSTILE_KEY, hostileItem, numberOf } from './hostile-table.ts';

/** DynamoDB ends a page after this much. JSON is longer than what DynamoDB counts, so these pages are shorter. */
const PAGE_BYTES = 1024 * 1024;

interface Scan {
  readonly Segment: number;
  readonly TotalSegments: number;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: { readonly pk: { readonly S: string } };
}

export interface PageServer {
  readonly endpoint: string;
  /** The bytes of the pages sent so far. */
  readonly sentBytes: number;
  close(): Promise<void>;
}

/** Serves a hostile table by DynamoDB's protocol: DescribeTable, and Scan by segments. Items are made when asked for. */
export async function startPageServer(items: number): Promise<PageServer> {
  let sentBytes = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const call = String(request.headers['x-amz-target']).split('.').at(-1);
    const input = JSON.parse(await textOf(request));
    const body = Buffer.from(call === 'Scan' ? page(input, items) : description(items));
    if (call === 'Scan') sentBytes += body.length;
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amz-crc32': crc32(body),
    });
    response.end(body);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
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

function page(
  { Segment, TotalSegments, Limit = Infinity, ExclusiveStartKey: after }: Scan,
  items: number,
): string {
  const texts: string[] = [];
  let bytes = 0;
  let i = after === undefined ? Segment : numberOf(after.pk.S) + TotalSegments;
  let last: unknown;
  while (i < items && bytes < PAGE_BYTES && texts.length < Limit) {
    const { item } = hostileItem(i);
    last = { pk: item.pk, sk: item.sk };
    const text = JSON.stringify(item);
    texts.push(text);
    bytes += text.length;
    i += TotalSegments;
  }
  const end = i < items ? `,"LastEvaluatedKey":${JSON.stringify(last)}` : '';
  return `{"Items":[${texts.join(',')}],"Count":${texts.length},"ConsumedCapacity":{"CapacityUnits":1}${end}}`;
}

const description = (items: number) =>
  JSON.stringify({
    Table: {
      TableName: 'hostile',
      TableStatus: 'ACTIVE',
      TableId: 'hostile',
      ItemCount: items,
      TableSizeBytes: items * 20_000,
      AttributeDefinitions: HOSTILE_KEY.map(({ name, kind }) => ({
        AttributeName: name,
        AttributeType: kind,
      })),
      KeySchema: HOSTILE_KEY.map(({ name }, i) => ({
        AttributeName: name,
        KeyType: i === 0 ? 'HASH' : 'RANGE',
      })),
    },
  });

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
