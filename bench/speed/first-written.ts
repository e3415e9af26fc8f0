import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { stringify } from 'csv-stringify/sync';

/**
 * What one would write first to copy a DynamoDB table to S3 for COPY, and a measure for Tributary: the DocumentClient,
 * csv-stringify, gzip, and an upload per table and segment. Maps become columns, and lists and sets become tables of
 * their own. It does nothing about long numbers, wrong columns, crashes or memory.
 */

const SEGMENTS = 4;
const KEY = ['pk', 'sk'];

/** Of each table, the columns in order. The root table's name is empty. Others are named by the path of their list. */
export type Columns = Readonly<Record<string, readonly string[]>>;

type Row = Record<string, unknown>;

interface Order {
  readonly dynamodb: string;
  readonly s3: string;
  readonly table: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly columns: Columns;
}

/** @returns the number of items read, and of rows written to each table */
export async function copyTable(order: Order): Promise<{ items: number; rows: Record<string, number> }> {
  const client = new DynamoDBClient({ endpoint: order.dynamodb });
  const source = DynamoDBDocumentClient.from(client);
  const s3 = new S3Client({ endpoint: order.s3, forcePathStyle: true });
  const rows: Record<string, number> = {};
  let items = 0;

  const copySegment = async (segment: number) => {
    const files = Object.keys(order.columns).map((table) => ({ table, ...gzipFile() }));
    const scan = { TableName: order.table, Segment: segment, TotalSegments: SEGMENTS };
    for await (const page of paginateScan({ client: source }, scan)) {
      const rowsByTable = Map.groupBy((page.Items ?? []).flatMap(rowsOf), ([table]) => table);
      items += page.Items?.length ?? 0;
      for (const { table, gzip } of files) {
        const some = rowsByTable.get(table)?.map(([, row]) => row) ?? [];
        rows[table] = (rows[table] ?? 0) + some.length;
        const csv = stringify(some, { columns: [...order.columns[table]!], cast: { boolean: String } });
        if (!gzip.write(csv)) await once(gzip, 'drain');
      }
    }
    for (const { table, gzip, bytes } of files) {
      gzip.end();
      const Key = `${order.prefix}/${table === '' ? 'root' : table}/${segment}.csv.gz`;
      await s3.send(new PutObjectCommand({ Bucket: order.bucket, Key, Body: Buffer.concat(await bytes) }));
    }
  };

  await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => copySegment(segment)));
  client.destroy();
  s3.destroy();
  return { items, rows };
}

function gzipFile() {
  const gzip = createGzip({ level: 6 });
  return { gzip, bytes: gzip.toArray() as Promise<Buffer[]> };
}

/** The item's row in the root table, and one row for each member of its lists and sets. */
export function rowsOf(item: Row): [table: string, row: Row][] {
  const rows: [string, Row][] = [];
  const root: Row = {};
  rows.push(['', root]);
  const key = Object.fromEntries(KEY.map((name) => [name, item[name]]));
  flatten(item, root, { table: '', column: '', key, depth: 0 });
  return rows;

  interface Place {
    readonly table: string;
    readonly column: string;
    /** What a child row begins with: the item's key, and the positions in the lists around it. */
    readonly key: Row;
    readonly depth: number;
  }

  function flatten(value: unknown, row: Row, place: Place): void {
    const { table, column, key, depth } = place;
    if (Array.isArray(value) || value instanceof Set) {
      const child = table === '' ? column : `${table}[].${column}`;
      [...value].forEach((member, i) => {
        const ids = { ...key, [`i${depth}`]: i };
        const childRow = { ...ids };
        rows.push([child, childRow]);
        flatten(member, childRow, { table: child, column: '', key: ids, depth: depth + 1 });
      });
    } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      for (const [name, each] of Object.entries(value)) {
        flatten(each, row, { ...place, column: column === '' ? name : `${column}.${name}` });
      }
    } else {
      row[column === '' ? 'value' : column] = value;
    }
  }
}

/** The columns of all rows of these items. One would write them down by hand. */
export function columnsOf(items: Iterable<Row>): Columns {
  const columns: Record<string, Set<string>> = {};
  for (const item of items) {
    for (const [table, row] of rowsOf(item)) {
      columns[table] ??= new Set();
      for (const name in row) columns[table].add(name);
    }
  }
  return Object.fromEntries(Object.entries(columns).map(([table, names]) => [table, [...names]]));
}
