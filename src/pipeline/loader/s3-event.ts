import { z } from 'zod';
import { bareEtag } from './source-file.ts';

/**
 * What a message of a watched queue says. S3 writes to the queue itself, through an SNS topic (whose JSON contains the
 * notification as text, unless delivery is raw) or through EventBridge.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export type ReadMessage =
  /** The files that it announces: none for a test event, a removal, a restored object or a folder. */
  | { readonly files: readonly AnnouncedFile[] }
  /** It is not a notification of S3. */
  | { readonly poison: string };

export interface AnnouncedFile {
  readonly bucket: string;
  /** As S3 has it, without escapes. */
  readonly key: string;
  /** Without quotes. Absent in the events of some servers. */
  readonly etag: string | undefined;
  /** Absent or 0 in the events of some servers, whatever the size is. */
  readonly bytes: number | undefined;
}

/** SNS in SQS, and EventBridge in SNS in SQS. */
const MOST_WRAPPERS = 3;

const Size = z.number().int().nonnegative().optional().catch(undefined);

/** One record of a notification. The event's name has the prefix `s3:` on some servers. */
const S3Record = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({ key: z.string().min(1), size: Size, eTag: z.string().optional() }),
  }),
});
const Notification = z.object({ Records: z.array(S3Record) });
const TestEvent = z.object({ Event: z.literal('s3:TestEvent') });
const SnsMessage = z.object({ Type: z.literal('Notification'), Message: z.string() });
const SnsConfirmation = z.object({ Type: z.literal('SubscriptionConfirmation') });
const BusEvent = z.object({ source: z.literal('aws.s3'), 'detail-type': z.string() });
const ObjectCreated = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({ key: z.string().min(1), size: Size, etag: z.string().optional() }),
  }),
});

/** Reads one message. All of its records count; a message with an unreadable one is poison as a whole. */
export function readMessage(body: string, depth = 0): ReadMessage {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return { poison: 'it is not JSON' };
  }
  const wrapped = SnsMessage.safeParse(message);
  if (wrapped.success && depth < MOST_WRAPPERS) return readMessage(wrapped.data.Message, depth + 1);
  if (SnsConfirmation.safeParse(message).success)
    return { poison: 'it asks to confirm a subscription to an SNS topic: open its SubscribeURL' };
  if (TestEvent.safeParse(message).success) return { files: [] };
  const event = BusEvent.safeParse(message);
  if (event.success) return fromBus(event.data['detail-type'], message);
  return fromRecords(message);
}

function fromRecords(message: unknown): ReadMessage {
  const { success, data } = Notification.safeParse(message);
  if (!success) return { poison: 'it is not a notification of S3' };
  const files: AnnouncedFile[] = [];
  for (const { eventName, s3 } of data.Records) {
    if (!/^(?:s3:)?ObjectCreated:/.test(eventName)) continue;
    const key = decodedKey(s3.object.key);
    if (key === undefined) return { poison: 'the key of an object has an escape that is not UTF-8' };
    files.push(announced(s3.bucket.name, key, s3.object.size, s3.object.eTag));
  }
  return { files: files.filter(isFile) };
}

/** EventBridge has the key as it is. */
function fromBus(detailType: string, message: unknown): ReadMessage {
  if (detailType !== 'Object Created') return { files: [] };
  const { success, data } = ObjectCreated.safeParse(message);
  if (!success) return { poison: 'it is an event “Object Created” without a bucket or a key' };
  const { bucket, object } = data.detail;
  return { files: [announced(bucket.name, object.key, object.size, object.etag)].filter(isFile) };
}

const announced = (bucket: string, key: string, bytes: number | undefined, etag = ''): AnnouncedFile => ({
  bucket,
  key,
  bytes,
  etag: bareEtag(etag) || undefined,
});

/** A key that ends in a slash is a folder that a console created. */
const isFile = ({ key }: AnnouncedFile) => !key.endsWith('/');

/** S3 encodes keys as HTML forms do: a blank is `+`, and a plus `%2B`. @returns undefined if an escape is not UTF-8 */
function decodedKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
