import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Item } from '../item.ts';

/**
 * The objects of an export, as AWS documents them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */

export type ViewType = 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** One item's changes in a window together. An item that is the same at both ends is not exported. */
export interface NetChange {
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** Of the last write. */
  readonly writtenAtMs: number;
}

interface Exported {
  readonly bucket: string;
  /** As requested; empty for none. */
  readonly prefix: string;
  readonly id: string;
  readonly tableArn: string;
  readonly tableId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The number of data files: one per partition. Some may be empty. */
  readonly files: number;
  /** Each data file consists of so many gzip members. Default: 1. */
  readonly members?: number;
}

export interface FullExport extends Exported {
  readonly exportTimeMs: number;
  readonly items: readonly Item[];
}

export interface IncrementalExport extends Exported {
  readonly fromMs: number;
  readonly toMs: number;
  readonly viewType: ViewType;
  readonly changes: readonly NetChange[];
}

/** Objects by key. The summary is last, as it is the last that DynamoDB writes. */
export type ExportObjects = ReadonlyMap<string, Buffer>;

const iso = (ms: number) => new Date(ms).toISOString();

/** A full export: the items of a table at one time. */
export function fullExport(full: FullExport): ExportObjects {
  const { id, items, exportTimeMs } = full;
  const lines = items.map((item) => JSON.stringify({ Item: item }));
  const summary = { version: '2020-06-30', exportTime: iso(exportTimeMs), exportType: 'FULL_EXPORT' };
  return objectsOf(full, { lines, summary, dataFolder: `AWSDynamoDB/${id}/data/` });
}

/** An incremental export: what changed in a window, each item once. Its data folder is shared by all exports of a prefix. */
export function incrementalExport(incremental: IncrementalExport): ExportObjects {
  const { viewType, changes, fromMs, toMs } = incremental;
  const lines = changes.map(({ key, before, after, writtenAtMs }) =>
    JSON.stringify({
      Metadata: { WriteTimestampMicros: { N: String(writtenAtMs * 1000) } },
      Keys: key,
      ...(viewType === 'NEW_AND_OLD_IMAGES' && before !== undefined && { OldImage: before }),
      ...(after !== undefined && { NewImage: after }),
    }),
  );
  const summary = {
    ...{ version: '2023-08-01', exportFromTime: iso(fromMs), exportToTime: iso(toMs) },
    ...{ outputView: viewType, exportType: 'INCREMENTAL_EXPORT' },
  };
  return objectsOf(incremental, { lines, summary, dataFolder: 'AWSDynamoDB/data/' });
}

function objectsOf(
  exported: Exported,
  {
    lines,
    summary,
    dataFolder,
  }: { readonly lines: readonly string[]; readonly summary: object; readonly dataFolder: string },
): ExportObjects {
  const { bucket, prefix, id, tableArn, tableId, startedAtMs, endedAtMs, files, members = 1 } = exported;
  const before = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const folder = `${before}AWSDynamoDB/${id}/`;
  const objects = new Map<string, Buffer>([[`${folder}_started`, Buffer.alloc(0)]]);
  const listed: string[] = [];
  for (let file = 0; file < files; file++) {
    const own = lines.filter((_, index) => index % files === file);
    const body = gzipped(own, members);
    const name = createHash('sha256').update(`${id}/${file}`).digest('base64url').slice(0, 26).toLowerCase();
    const key = `${before}${dataFolder}${name}.json.gz`;
    objects.set(key, body);
    listed.push(
      JSON.stringify({
        itemCount: own.length,
        md5Checksum: md5(body),
        etag: `${createHash('md5').update(body).digest('hex')}-1`,
        dataFileS3Key: key,
      }),
    );
  }
  const filesKey = `${folder}manifest-files.json`;
  addManifest(filesKey, listed.map((line) => `${line}\n`).join(''));
  addManifest(
    `${folder}manifest-summary.json`,
    JSON.stringify({
      ...summary,
      exportArn: `${tableArn}/export/${id}`,
      ...{ startTime: iso(startedAtMs), endTime: iso(endedAtMs), tableArn, tableId },
      ...{ s3Bucket: bucket, s3Prefix: prefix === '' ? null : prefix },
      ...{ s3SseAlgorithm: 'AES256', s3SseKmsKeyId: null, manifestFilesS3Key: filesKey },
      ...{ billedSizeBytes: lines.join('').length, itemCount: lines.length, outputFormat: 'DYNAMODB_JSON' },
    }),
  );
  return objects;

  /** The checksum is there before the manifest, so that a reader of the one finds the other. */
  function addManifest(key: string, text: string): void {
    const body = Buffer.from(text);
    objects.set(key.replace(/\.json$/, '.md5'), Buffer.from(md5(body)));
    objects.set(key, body);
  }
}

function gzipped(lines: readonly string[], members: number): Buffer {
  const each = Math.max(1, Math.ceil(lines.length / members));
  const parts: Buffer[] = [];
  for (let from = 0; from < Math.max(1, lines.length); from += each) {
    const text = lines.slice(from, from + each).map((line) => `${line}\n`);
    parts.push(gzipSync(text.join('')));
  }
  return Buffer.concat(parts);
}

const md5 = (body: Buffer) => createHash('md5').update(body).digest('base64');
