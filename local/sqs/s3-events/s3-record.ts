import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/**
 * What versitygw 1.8 posts for an event. It differs from AWS: the event's name begins with `s3:`, the key is as in the
 * request’s path, the ETag has quotes, and the size of a copy or a multipart upload is 0.
 */
export const PostedEvent = z.object({
  Records: z.array(
    z.object({
      awsRegion: z.string(),
      eventTime: z.string(),
      eventName: z.string(),
      requestParameters: z.object({ sourceIPAddress: z.string() }),
      userIdentity: z.object({ PrincipalId: z.string() }),
      s3: z.object({
        bucket: z.object({ name: z.string(), ownerIdentity: z.object({ PrincipalId: z.string() }) }),
        object: z.object({
          key: z.string(),
          size: z.number(),
          eTag: z.string().nullable(),
          versionId: z.string().nullish(),
        }),
      }),
    }),
  ),
});
export type PostedRecord = z.output<typeof PostedEvent>['Records'][number];

/** When the last sequencer was made, in microseconds, so that each is greater than those before. */
let lastSequence = 0n;

/**
 * The same event as S3 announces it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @param key decoded
 * @param size in bytes
 */
export function s3Record(posted: PostedRecord, key: string, size: number, configurationId: string): object {
  const { bucket, object } = posted.s3;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: posted.awsRegion,
    eventTime: new Date(posted.eventTime).toISOString(),
    eventName: posted.eventName.replace(/^s3:/, ''),
    userIdentity: { principalId: posted.userIdentity.PrincipalId },
    requestParameters: { sourceIPAddress: posted.requestParameters.sourceIPAddress },
    responseElements: {
      'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
      'x-amz-id-2': randomBytes(32).toString('base64'),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: bucket.ownerIdentity.PrincipalId },
        arn: `arn:aws:s3:::${bucket.name}`,
      },
      object: {
        key: encodedKey(key),
        size,
        eTag: (object.eTag ?? '').replaceAll('"', ''),
        ...(object.versionId && { versionId: object.versionId }),
        sequencer: sequencer(),
      },
    },
  };
}

/** A key as in a form: percent-encoded UTF-8, with `+` for a blank. S3 leaves slashes as they are. */
function encodedKey(key: string): string {
  const params = new URLSearchParams({ k: key }).toString().slice('k='.length);
  return params.replaceAll('%2F', '/');
}

function sequencer(): string {
  const now = BigInt(Date.now()) * 1000n;
  lastSequence = now > lastSequence ? now : lastSequence + 1n;
  return lastSequence.toString(16).toUpperCase().padStart(18, '0');
}
