import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { StackAddresses } from './addresses.ts';
import { controlSqs } from './control-sqs.ts';

interface AnnouncedQueueOptions {
  /** The dead-letter queue has this name and `-dead`. */
  readonly name: string;
  /** Objects below this prefix of the bucket are announced. */
  readonly prefix: string;
  /** Default: the stack's. */
  readonly bucket?: string;
  /** Default: 5. */
  readonly maxReceiveCount?: number;
}

interface AnnouncedQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
  /** Deletes both queues, and announces nothing to them any more. */
  remove(): Promise<void>;
}

/**
 * Creates a queue with a dead-letter queue in a running stack, and announces new objects below a prefix to it. As on AWS,
 * its first message is an `s3:TestEvent`. If it exists already, it is used as it is.
 */
export async function createAnnouncedQueue(
  { sqs, s3, dynamodb }: Pick<StackAddresses, 'sqs' | 's3' | 'dynamodb'>,
  { name, prefix, bucket = s3.bucket, maxReceiveCount = 5 }: AnnouncedQueueOptions,
): Promise<AnnouncedQueue> {
  const { accessKeyId, secretAccessKey } = s3;
  const client = new SQSClient({
    endpoint: sqs.endpoint,
    region: dynamodb.region,
    credentials: { accessKeyId, secretAccessKey },
  });

  async function create(QueueName: string, Attributes: Record<string, string>) {
    const { QueueUrl: url } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
    const { Attributes: found } = await client.send(command);
    return { url: url!, arn: found!.QueueArn! };
  }

  try {
    const dead = await create(`${name}-dead`, {});
    const queue = await create(name, {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
    });
    const path = `notifications/${bucket}/${name}`;
    await controlSqs(sqs.endpoint, {
      ...{ method: 'PUT', path },
      body: {
        QueueArn: queue.arn,
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } },
      },
    });
    return {
      url: queue.url,
      deadLetterUrl: dead.url,
      async remove() {
        await controlSqs(sqs.endpoint, { method: 'DELETE', path });
        for (const QueueUrl of [queue.url, dead.url]) await client.send(new DeleteQueueCommand({ QueueUrl }));
        client.destroy();
      },
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}
