import { setTimeout } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError, nameOf, statusOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { Transient } from '../errors.ts';
import type {
  CallOptions,
  ETag,
  ListedObject,
  ListOptions,
  ObjectStore,
  PutOptions,
} from '../object-store.ts';
import { copyObject } from './copy-object.ts';
import { s3Cases } from './s3-errors.ts';

/** DeleteObjects' limit. */
const MAX_KEYS_PER_DELETE = 1_000;
/** Attempts to read a body that breaks off or arrives damaged. The SDK's own retries end with the headers. */
const MAX_BODY_READS = 4;
/** Attempts of a put that conflicts with another call. The SDK does not retry a 409. */
const MAX_CONFLICTING_PUTS = 5;
/**
 * Errors of a put that a retry may not meet again. The first is S3's, which asks for a retry of a conditional put. The
 * second comes from versitygw, the local stack's S3. It stores objects as files, and rejects a put whose directory it
 * is removing because another call deleted the last object in it.
 */
const CONFLICTS: ReadonlySet<string> = new Set(['ConditionalRequestConflict', 'ExistingObjectIsDirectory']);

/** Enough for the largest objects, about 64 MB, at 110 KB/s. */
const ATTEMPT_SECONDS = 600;

/** An S3 client. Most endpoints other than AWS's own have no host name per bucket, so it puts buckets in the path. */
export function s3Client(address: ServiceAddress = {}): S3Client {
  const settings = { ...clientSettings(address), forcePathStyle: address.endpoint !== undefined };
  return limitAttempts(new S3Client(settings), ATTEMPT_SECONDS);
}

interface S3ObjectStore extends ObjectStore {
  /** Lists one key, so that a missing or inaccessible bucket is reported before any work is done. */
  check(options?: CallOptions): Promise<void>;
}

/** One S3 bucket as an object store. Errors name the bucket and the key. */
export function createS3ObjectStore(options: {
  readonly client: S3Client;
  readonly bucket: string;
}): S3ObjectStore {
  const { client, bucket } = options;
  const at = (key: string) => `s3://${bucket}/${key}`;

  /** Calls S3 and classifies failures. */
  async function attempt<T>(what: Omit<Attempt, 'cases'>, call: (send: object) => Promise<T>): Promise<T> {
    try {
      return await call(what.signal === undefined ? {} : { abortSignal: what.signal });
    } catch (error) {
      throw awsError(error, { ...what, cases: s3Cases(error, bucket) });
    }
  }

  async function put(
    key: string,
    body: Uint8Array | string,
    { signal, contentType }: PutOptions,
    condition: { readonly IfNoneMatch?: '*'; readonly IfMatch?: ETag },
  ) {
    return await attempt({ doing: `write ${at(key)}`, action: 's3:PutObject', signal }, async (send) => {
      for (let puts = 1; ; puts++) {
        try {
          const { ETag } = await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: key,
              // As bytes, because the SDK treats an empty string as a body of unknown length.
              Body: typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
              ...(contentType === undefined ? {} : { ContentType: contentType }),
              ...condition,
            }),
            send,
          );
          return requireETag(ETag, at(key));
        } catch (error) {
          if (!CONFLICTS.has(nameOf(error)) || puts === MAX_CONFLICTING_PUTS) throw error;
          await setTimeout(100 * puts, undefined, { signal });
        }
      }
    });
  }

  async function* list(prefix: string, { signal, delimiter, startAfter }: ListOptions = {}) {
    let next: string | undefined;
    do {
      const response = await attempt(
        { doing: `list ${at(prefix)}`, action: 's3:ListBucket', signal },
        (send) =>
          client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix,
              Delimiter: delimiter,
              StartAfter: startAfter,
              ContinuationToken: next,
            }),
            send,
          ),
      );
      // Folders and objects are two lists, each in order.
      const entries: ListedObject[] = [
        ...(response.Contents ?? []).map(({ Key = '', Size = 0, ETag, LastModified }) => ({
          key: Key,
          bytes: Size,
          ...(ETag === undefined ? {} : { etag: quoted(ETag) }),
          ...(LastModified === undefined ? {} : { modifiedMs: LastModified.getTime() }),
        })),
        ...(response.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({ key: Prefix, bytes: 0 })),
      ];
      yield* entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
      next = response.IsTruncated === true ? response.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  return {
    bucket,
    list,

    async get(key, { signal } = {}) {
      return await attempt({ doing: `read ${at(key)}`, action: 's3:GetObject', signal }, async (send) => {
        for (let reads = 1; ; reads++) {
          const response = await client
            .send(new GetObjectCommand({ Bucket: bucket, Key: key }), send)
            .catch((error: unknown) => {
              if (nameOf(error) === 'NoSuchKey') return undefined;
              throw error;
            });
          if (response === undefined) return undefined;
          try {
            const body = (await response.Body?.transformToByteArray()) ?? new Uint8Array();
            return { body, etag: requireETag(response.ETag, at(key)) };
          } catch (error) {
            if (reads === MAX_BODY_READS || signal?.aborted === true) throw error;
          }
        }
      });
    },

    async head(key, { signal } = {}) {
      const doing = { doing: `look up ${at(key)}`, action: 's3:GetObject', signal };
      const found = await attempt(doing, (send) =>
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), send).catch((error: unknown) => {
          if (nameOf(error) === 'NotFound' || nameOf(error) === 'NoSuchKey') return undefined;
          throw error;
        }),
      );
      if (found === undefined) return undefined;
      return {
        bytes: found.ContentLength ?? 0,
        etag: requireETag(found.ETag, at(key)),
        modifiedMs: found.LastModified?.getTime() ?? 0,
      };
    },

    async getRange(key, { from, bytes }, etag, { signal } = {}) {
      const Range = from < 0 ? `bytes=${from}` : `bytes=${from}-${from + bytes - 1}`;
      return await attempt({ doing: `read ${at(key)}`, action: 's3:GetObject', signal }, async (send) => {
        for (let reads = 1; ; reads++) {
          try {
            const response = await client.send(
              new GetObjectCommand({ Bucket: bucket, Key: key, Range, IfMatch: etag }),
              send,
            );
            // A store may ignore the condition.
            if (quoted(response.ETag ?? '') !== etag) return 'changed';
            return (await response.Body?.transformToByteArray()) ?? new Uint8Array();
          } catch (error) {
            if (nameOf(error) === 'NoSuchKey') return 'missing';
            if (statusOf(error) === 412) return 'changed';
            // The range begins at or after the end.
            if (statusOf(error) === 416) return new Uint8Array();
            if (statusOf(error) !== undefined || reads === MAX_BODY_READS || signal?.aborted === true)
              throw error;
          }
        }
      });
    },

    async copy(from, to, { signal } = {}) {
      const doing = `copy s3://${from.bucket}/${from.key} to ${at(to)}`;
      return await attempt({ doing, action: 's3:PutObject', signal }, async (send) => {
        try {
          return requireETag(await copyObject(client, from, { bucket, key: to }, send), at(to));
        } catch (error) {
          if (nameOf(error) === 'NoSuchKey') return 'missing';
          if (statusOf(error) === 412) return 'changed';
          throw error;
        }
      });
    },

    async put(key, body, options = {}) {
      return await put(key, body, options, {});
    },

    async putNew(key, body, options = {}) {
      try {
        return await put(key, body, options, { IfNoneMatch: '*' });
      } catch (error) {
        if (conditionFailed(error)) return 'exists';
        throw error;
      }
    },

    async putIfMatch(key, body, etag, options = {}) {
      try {
        return await put(key, body, options, { IfMatch: etag });
      } catch (error) {
        if (conditionFailed(error) || isMissing(error)) return 'changed';
        throw error;
      }
    },

    async delete(keys, { signal } = {}) {
      for (let from = 0; from < keys.length; from += MAX_KEYS_PER_DELETE) {
        const some = keys.slice(from, from + MAX_KEYS_PER_DELETE);
        const doing = `delete ${some.length} objects of s3://${bucket}, the first of which is ${some[0]}`;
        await attempt({ doing, action: 's3:DeleteObject', signal }, async (send) => {
          const Objects = some.map((Key) => ({ Key }));
          const { Errors } = await client.send(
            new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
            send,
          );
          const [failed] = Errors ?? [];
          if (failed !== undefined) {
            throw Object.assign(new Error(`${failed.Key}: ${failed.Message ?? 'not deleted'}`), {
              name: failed.Code ?? 'InternalError',
              $metadata: {
                httpStatusCode: failed.Code === undefined || failed.Code === 'InternalError' ? 500 : 400,
              },
            });
          }
        });
      }
    },

    async check(options = {}) {
      await attempt(
        { doing: `list s3://${bucket}`, action: 's3:ListBucket', signal: options.signal },
        (send) => client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), send),
      );
    },
  };
}

function requireETag(etag: string | undefined, where: string): ETag {
  if (etag === undefined) {
    throw new Transient('DamagedAnswer', `S3 returned no ETag for ${where}. This is retried.`);
  }
  return quoted(etag);
}

const quoted = (etag: string): ETag => (etag.startsWith('"') ? (etag as ETag) : `"${etag}"`);

/** 404: S3's response to If-Match if the key does not exist. */
function isMissing(error: unknown): boolean {
  return nameOf(Error.isError(error) ? error.cause : undefined) === 'NoSuchKey';
}

/** 412: the condition did not hold. */
function conditionFailed(error: unknown): boolean {
  const cause = Error.isError(error) ? error.cause : undefined;
  return nameOf(cause) === 'PreconditionFailed' || statusOf(cause) === 412;
}
