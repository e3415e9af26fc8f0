import type { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import { CopyFailure } from '../copy-failure.ts';

export interface SourceFile {
  bucket: string;
  key: string;
  url: string;
  mandatory: boolean;
  /** As the manifest says. */
  contentLength?: number;
}

export interface OpenedFile {
  body: Readable;
  bytes: number;
  etag: string | undefined;
}

const Manifest = z.object({
  entries: z.array(
    z.object({
      url: z.string(),
      mandatory: z.boolean().default(false),
      meta: z.object({ content_length: z.number() }).partial().optional(),
    }),
  ),
});

/** The files that a COPY names: its manifest's entries in order (one listed twice loads twice), or all keys of its prefix. */
export async function sourceFiles(s3: S3Client, copy: CopyStatement): Promise<SourceFile[]> {
  if (!copy.manifest) {
    const { bucket, key } = parseUrl(copy.from);
    return prefixFiles(s3, bucket, key);
  }
  const text = await readObject(s3, copy.from).catch((error: CopyFailure) => {
    throw new CopyFailure(`Problem reading manifest file - ${error.message}`, {
      code: 8001,
      context: error.context,
    });
  });
  return manifestEntries(text, copy);
}

/** The text of one object. @throws CopyFailure */
export async function readObject(s3: S3Client, url: string): Promise<string> {
  const { bucket, key } = parseUrl(url);
  try {
    const response = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await response.Body!.transformToString('utf8');
  } catch (error) {
    throw s3Failure(error, url);
  }
}

function manifestEntries(text: string, { from: url, format }: CopyStatement): SourceFile[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CopyFailure('Manifest file is not in correct json format', {
      code: 8001,
      context: `Manifest file location = ${url}`,
    });
  }
  const manifest = Manifest.safeParse(json);
  if (!manifest.success) {
    const issue = manifest.error.issues[0]!;
    throw new CopyFailure(
      `Manifest file contains invalid entries: ${issue.path.join('.')}: ${issue.message}`,
      {
        code: 8001,
        context: `Manifest file location = ${url}`,
      },
    );
  }
  return manifest.data.entries.map((entry) => {
    const { url: entryUrl, mandatory, meta } = entry;
    // AWS, "Using a manifest to specify data files": `content_length` is required for Parquet and ORC.
    if (format === 'parquet' && meta?.content_length === undefined)
      throw new CopyFailure(
        `Manifest file contains invalid entries: ${entryUrl}: Parquet files need meta.content_length, their size in bytes`,
        { code: 8001, context: `Manifest file location = ${url}` },
      );
    const length = meta?.content_length;
    return {
      ...parseUrl(entryUrl),
      url: entryUrl,
      mandatory,
      ...(length === undefined ? {} : { contentLength: length }),
    };
  });
}

async function prefixFiles(s3: S3Client, bucket: string, prefix: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  let token: string | undefined;
  do {
    const page = await s3
      .send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      )
      .catch((error: unknown) => {
        throw s3Failure(error, `s3://${bucket}/${prefix}`);
      });
    for (const { Key: key } of page.Contents ?? []) {
      if (key !== undefined) files.push({ bucket, key, url: `s3://${bucket}/${key}`, mandatory: true });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  if (files.length === 0)
    throw new CopyFailure(`The specified S3 prefix '${prefix}' does not exist`, { code: 8001 });
  return files;
}

/** The file's bytes; undefined if it is absent and not mandatory. */
export async function openFile(s3: S3Client, file: SourceFile): Promise<OpenedFile | undefined> {
  try {
    const response = await s3.send(new GetObjectCommand({ Bucket: file.bucket, Key: file.key }));
    return { body: response.Body as Readable, bytes: response.ContentLength ?? 0, etag: response.ETag };
  } catch (error) {
    if (!file.mandatory && (error as Error).name === 'NoSuchKey') return undefined;
    throw s3Failure(error, file.url);
  }
}

function parseUrl(url: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url);
  if (!match) throw new CopyFailure(`Invalid S3 path: ${url}`, { code: 8001 });
  return { bucket: match[1]!, key: match[2]! };
}

const S3_MESSAGES: Record<string, string> = {
  NoSuchKey: 'The specified key does not exist.',
  NoSuchBucket: 'The specified bucket does not exist',
  AccessDenied: 'Access Denied',
};

/** S3's refusal as Redshift reports it. */
export function s3Failure(error: unknown, url: string): CopyFailure {
  const { name, message, $metadata } = error as Error & {
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    return new CopyFailure(`S3CurlException: ${message},CurlError 7,CanRetry 1`, {
      code: 9001,
      context: `S3 key being read : ${url}`,
    });
  }
  const text = `S3ServiceException:${S3_MESSAGES[name] ?? message},Status ${status},Error ${name},Rid ${$metadata?.requestId ?? 'none'},ExtRid none,CanRetry ${status >= 500 || name === 'NoSuchKey' ? 1 : 0}`;
  return new CopyFailure(text, { code: 8001, context: `S3 key being read : ${url}` });
}
