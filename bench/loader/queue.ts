import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SourceFile } from '../../src/pipeline/loader/source-file.ts';
import { forEachLimited } from '../../src/store/for-each-limited.ts';

const AT_ONCE = 8;
/** SQS's limit. */
const PER_CALL = 10;

export async function createQueue(client: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }));
  return QueueUrl!;
}

/** Announces files as S3 does: a message for each. */
export async function announce(
  client: SQSClient,
  queue: string,
  files: readonly SourceFile[],
): Promise<void> {
  const starts = Array.from({ length: Math.ceil(files.length / PER_CALL) }, (_, i) => i * PER_CALL);
  await forEachLimited(starts, AT_ONCE, async (start) => {
    const Entries = files.slice(start, start + PER_CALL).map((file, i) => ({
      Id: String(i),
      MessageBody: JSON.stringify({ Records: [recordOf(file)] }),
    }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
    if (Failed.length > 0) throw new Error(`SQS refused messages: ${Failed[0]!.Message}`);
  });
}

/** Messages that are in the queue, visible or not. */
export async function messagesIn(client: SQSClient, queue: string): Promise<number> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queue,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, text) => sum + Number(text), 0);
}

const recordOf = ({ bucket, key, etag, bytes, at }: SourceFile) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'us-east-1',
  eventTime: at,
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    object: { key: encodeURIComponent(key), size: bytes, eTag: etag },
  },
});
