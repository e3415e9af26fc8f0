import { createHash } from 'node:crypto';
import { type FullExport, fullExport } from '../../../../local/dynamodb/exports/export-files.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';

export const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders';
export const FOLDER = 'nightly/AWSDynamoDB/01693685827463-2d8752fd/';

/** An export with two items per file, of which the last file is empty. */
export function exported(
  some: Partial<Omit<FullExport, 'items'>> & { readonly items?: readonly Item[] } = {},
): Map<string, Buffer> {
  const atMs = Date.parse('2026-11-30T02:00:00.000Z');
  return new Map(
    fullExport({
      ...{ bucket: 'exports', prefix: 'nightly', id: '01693685827463-2d8752fd', tableArn: TABLE_ARN },
      ...{ tableId: 'id-of-orders', startedAtMs: atMs, endedAtMs: atMs, exportTimeMs: atMs },
      ...{ files: 4, items: items(6) },
      ...some,
    }),
  );
}

export const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({ id: { S: `item ${n}` }, n: { N: String(n) } }));

/** Replaces a manifest, with the checksum that it then has. */
export function rewrite(objects: Map<string, Buffer>, key: string, change: (text: string) => string): void {
  const body = Buffer.from(change((objects.get(key) as Buffer).toString()));
  objects.set(key, body);
  objects.set(key.replace(/\.json$/, '.md5'), Buffer.from(createHash('md5').update(body).digest('base64')));
}

export const dataKeys = (objects: ReadonlyMap<string, Buffer>): string[] =>
  [...objects.keys()].filter((key) => key.endsWith('.json.gz'));
