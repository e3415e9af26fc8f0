import {
  type TableDescription as Described,
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { Key } from '../../pipeline/item/key.ts';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import { awsError } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { takeRawResponse } from '../aws/raw-response.ts';
import { Terminal, Transient } from '../errors.ts';
import type { ScanPage, ScanRequest, TableDescription, TableSource } from '../table-source.ts';
import { DamagedPages } from './damaged-pages.ts';
import { tableCases } from './dynamodb-errors.ts';
import { PageBuffers } from './page-buffers.ts';
import { parseScanResponse } from './scan-response.ts';

/** Enough for a page, which has at most 1 MB. */
const ATTEMPT_SECONDS = 120;

/** A page of 1 MB, as DynamoDB counts, in its JSON. */
const USUAL_PAGE_BYTES = 1_500_000;

/** A DynamoDB client. Use one per worker, so that all segments share its connections and its request rate. */
export function dynamodbClient(address: ServiceAddress = {}): DynamoDBClient {
  return limitAttempts(new DynamoDBClient(clientSettings(address)), ATTEMPT_SECONDS);
}

/** DynamoDB as a source of items. Tables are given by name or, in another account, by ARN. */
export function createDynamoDBTableSource({ client }: { readonly client: DynamoDBClient }): TableSource {
  const damagedPages = new DamagedPages();
  const buffers = new PageBuffers();
  return {
    async describe(table, { signal } = {}) {
      const region = await regionOf(client);
      try {
        const { Table } = await client.send(
          new DescribeTableCommand({ TableName: table }),
          abortable(signal),
        );
        return descriptionOf(table, Table);
      } catch (error) {
        throw awsError(error, {
          doing: `describe DynamoDB table ${table} in ${region}`,
          action: 'dynamodb:DescribeTable',
          cases: tableCases(error, table, region),
          signal,
        });
      }
    },

    async scanPage(request) {
      try {
        const page = await scanPage(client, request, buffers);
        damagedPages.forget(request);
        return page;
      } catch (error) {
        const region = await regionOf(client);
        throw awsError(damagedPages.classify(error, request), {
          doing: `scan segment ${request.segment} of ${request.segments} of DynamoDB table ${request.table} in ${region}`,
          action: 'dynamodb:Scan',
          cases: tableCases(error, request.table, region),
          signal: request.signal,
        });
      }
    },
  };
}

/** The table's name, from a name or an ARN (`arn:aws:dynamodb:<region>:<account>:table/<name>`). */
export function tableNameOf(table: string): string {
  return /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(table)?.[1] ?? table;
}

async function scanPage(
  client: DynamoDBClient,
  request: ScanRequest,
  buffers: PageBuffers,
): Promise<ScanPage> {
  const command = new ScanCommand({ TableName: request.table });
  const body = scanBody(request);
  // We write the request ourselves, so that the last key of a page is sent back exactly as received. The SDK's own form
  // would require decoding binary, and has lost attributes with unusual names before.
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { body: string }).body = body;
      return next(args);
    },
    { name: 'writeScanRequest', step: 'build', priority: 'high', override: true },
  );
  let page: ScanPage | undefined;
  takeRawResponse(
    command,
    (body, headers) => {
      page = parseScanResponse(body, headers, { from: request.from, release: () => buffers.release(body) });
    },
    (body, headers) => buffers.read(body, Number(headers['content-length'] ?? USUAL_PAGE_BYTES)),
  );
  await client.send(command, abortable(request.signal));
  if (page === undefined) {
    throw new Transient(
      'DamagedPage',
      `The response for a page of DynamoDB table ${request.table} has no body. The page is read again.`,
    );
  }
  return page;
}

/** The Scan request in DynamoDB's JSON protocol. Unless asked otherwise, reads are eventually consistent, which costs half as much. */
export function scanBody(request: ScanRequest): string {
  return JSON.stringify({
    TableName: request.table,
    Segment: request.segment,
    TotalSegments: request.segments,
    Limit: request.limit,
    ExclusiveStartKey: request.from,
    ...(request.consistent ? { ConsistentRead: true } : {}),
    ReturnConsumedCapacity: 'TOTAL',
  });
}

/**
 * The description of a table, from DescribeTable's response.
 * @throws Transient `TableNotReady`, Terminal `TableNotReadable`
 */
export function descriptionOf(table: string, described: Described | undefined): TableDescription {
  const status = described?.TableStatus ?? 'ACTIVE';
  if (status === 'CREATING') {
    throw new Transient('TableNotReady', `DynamoDB table ${table} is still being created. This is retried.`);
  }
  if (status !== 'ACTIVE' && status !== 'UPDATING') {
    throw new Terminal(
      'TableNotReadable',
      `DynamoDB table ${table} has the status ${status}, so it cannot be scanned. Check the table in DynamoDB.`,
    );
  }
  const kinds = new Map(
    described?.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]),
  );
  const order = { HASH: 0, RANGE: 1 };
  const key = [...(described?.KeySchema ?? [])]
    .toSorted((a, b) => order[a.KeyType ?? 'HASH'] - order[b.KeyType ?? 'HASH'])
    .map(({ AttributeName: name }) => ({ name, kind: kinds.get(name) }));
  const units = described?.ProvisionedThroughput?.ReadCapacityUnits;
  const onDemand = described?.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  return {
    tableName: described?.TableName ?? tableNameOf(table),
    ...(described?.TableArn === undefined ? {} : { tableArn: described.TableArn }),
    ...(described?.TableId === undefined ? {} : { tableId: described.TableId }),
    key: Key.parse(key),
    approximateItems: described?.ItemCount ?? 0,
    approximateBytes: described?.TableSizeBytes ?? 0,
    ...(onDemand || !units ? {} : { readCapacityUnits: units }),
  };
}

async function regionOf(client: DynamoDBClient): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return 'an unknown region';
  }
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}
