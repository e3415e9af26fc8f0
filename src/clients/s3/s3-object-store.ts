import { setTimeout } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError, nameOf, statusOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { Transient } from '../errors.ts';
import type { CallOptions, ETag, ListedObject, ObjectStore, PutOptions } from '../object-store.ts';
import { s3Cases } from './s3-errors.ts';

/** DeleteObjects takes at most this many keys. */
const keysPerDelete = 1_000;
/** A body that breaks off or arrives damaged is read this often: the SDK's own retries end with the headers. */
const bodyReads = 4;
/** A put that meets another call under way is put this often: the SDK does not repeat a 409. */
const conflictingPuts = 5;
/**
 * Refusals of a put that the next try of the same put may not meet. The first is S3's, which asks for another try of a
 * conditional put. The second is versitygw's, the local stack's S3: it keeps objects as files, and refuses a put whose
 * directory it removes at that moment because another call deleted the last object below it.
 */
const conflicts = new Set(['ConditionalRequestConflict', 'ExistingObjectIsDirectory']);

/** The largest objects are some 64 MB: 110 KB a second is enough. */
const attemptSeconds = 600;

/** An S3 client. Endpoints other than AWS's own mostly have no name for each bucket, so paths are used there. */
export function s3Client(address: ServiceAddress = {}): S3Client {
  const settings = { ...clientSettings(address), forcePathStyle: address.endpoint !== undefined };
  return limitAttempts(new S3Client(settings), attemptSeconds);
}

/** One bucket as an object store. */
interface S3ObjectStore extends ObjectStore {
  /** Asks for one key, to have a bucket that is missing or closed reported before work is done. */
  check(options?: CallOptions): Promise<void>;
}

/** One S3 bucket. Errors carry the bucket and the key. */
export function createS3ObjectStore(options: {
  readonly client: S3Client;
  readonly bucket: string;
}): S3ObjectStore {
  const { client, bucket } = options;
  const at = (key: string) => `s3://${bucket}/${key}`;

  /** Calls S3, and classes what fails. */
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
              // As bytes: an empty text the SDK takes for a body whose length nobody knows.
              Body: typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
              ...(contentType === undefined ? {} : { ContentType: contentType }),
              ...condition,
            }),
            send,
          );
          return requireETag(ETag, at(key));
        } catch (error) {
          if (!conflicts.has(nameOf(error)) || puts === conflictingPuts) throw error;
          await setTimeout(100 * puts, undefined, { signal });
        }
      }
    });
  }

  async function* list(
    prefix: string,
    { signal, delimiter }: CallOptions & { readonly delimiter?: '/' } = {},
  ) {
    let next: string | undefined;
    do {
      const answer = await attempt({ doing: `list ${at(prefix)}`, action: 's3:ListBucket', signal }, (send) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            Delimiter: delimiter,
            ContinuationToken: next,
          }),
          send,
        ),
      );
      // Folders and objects come as two lists, each in order.
      const entries: ListedObject[] = [
        ...(answer.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })),
        ...(answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({ key: Prefix, bytes: 0 })),
      ];
      yield* entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
      next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  return {
    bucket,
    list,

    async get(key, { signal } = {}) {
      return await attempt({ doing: `read ${at(key)}`, action: 's3:GetObject', signal }, async (send) => {
        for (let reads = 1; ; reads++) {
          const answer = await client
            .send(new GetObjectCommand({ Bucket: bucket, Key: key }), send)
            .catch((error: unknown) => {
              if (nameOf(error) === 'NoSuchKey') return undefined;
              throw error;
            });
          if (answer === undefined) return undefined;
          try {
            const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
            return { body, etag: requireETag(answer.ETag, at(key)) };
          } catch (error) {
            if (reads === bodyReads || signal?.aborted === true) throw error;
          }
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
      for (let from = 0; from < keys.length; from += keysPerDelete) {
        const some = keys.slice(from, from + keysPerDelete);
        const doing = `delete ${some.length} objects of s3://${bucket}, ${some[0]} first`;
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
    throw new Transient('DamagedAnswer', `S3 gave no ETag for ${where}; this is tried again.`);
  }
  return etag.startsWith('"') ? (etag as ETag) : `"${etag}"`;
}

/** 404: with If-Match, S3 says so of a key that is not there. */
function isMissing(error: unknown): boolean {
  return nameOf(Error.isError(error) ? error.cause : undefined) === 'NoSuchKey';
}

/** 412: the condition did not hold. */
function conditionFailed(error: unknown): boolean {
  const cause = Error.isError(error) ? error.cause : undefined;
  return nameOf(cause) === 'PreconditionFailed' || statusOf(cause) === 412;
}
