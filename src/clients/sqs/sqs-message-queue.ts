import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { Transient } from '../errors.ts';
import type { FailedEntry, MessageQueue, ReceivedMessage } from '../message-queue.ts';
import type { CallOptions } from '../object-store.ts';
import { originOfQueue, regionOfQueue } from './queue-url.ts';
import { sqsCases } from './sqs-errors.ts';

/** SQS's limit on the entries of one batch call. */
const MAX_ENTRIES = 10;
/** More than the longest poll, 20 s. */
const ATTEMPT_SECONDS = 40;

/** A client for queues whose URLs have the same host. A queue's URL names its region, which may not be the worker's. */
export function sqsClient(url: string, { endpoint, region }: ServiceAddress = {}): SQSClient {
  const settings = clientSettings({ endpoint, region: regionOfQueue(url) ?? region });
  const origin = endpoint ?? originOfQueue(url);
  const client = new SQSClient({ ...settings, ...(origin !== undefined && { endpoint: origin }) });
  return limitAttempts(client, ATTEMPT_SECONDS);
}

/** The SQS queue with this URL. Errors name it. */
export function createSqsMessageQueue(options: {
  readonly client: SQSClient;
  readonly url: string;
}): MessageQueue {
  const { client, url } = options;

  /** Calls SQS and classifies failures. */
  async function attempt<T>(what: Omit<Attempt, 'cases'>, call: (send: object) => Promise<T>): Promise<T> {
    try {
      return await call(what.signal === undefined ? {} : { abortSignal: what.signal });
    } catch (error) {
      throw awsError(error, { ...what, cases: sqsCases(url) });
    }
  }

  async function attributes(names: QueueAttributeName[], { signal }: CallOptions) {
    const doing = `read the attributes of the queue ${url}`;
    const { Attributes = {} } = await attempt(
      { doing, action: 'sqs:GetQueueAttributes', signal },
      async (send) =>
        await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }), send),
    );
    return { doing, found: Attributes };
  }

  return {
    url,

    async receive({ max, waitSeconds, visibilitySeconds, signal }) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      });
      const doing = `receive messages from the queue ${url}`;
      const { Messages = [] } = await attempt(
        { doing, action: 'sqs:ReceiveMessage', signal },
        async (send) => await client.send(command, send),
      );
      return Messages.map((message) => received(message, doing));
    },

    async delete(receipts, { signal } = {}) {
      const what = {
        doing: `delete messages of the queue ${url}`,
        action: 'sqs:DeleteMessage',
        signal,
      };
      return await inBatches(receipts, async (Entries) => {
        const command = new DeleteMessageBatchCommand({ QueueUrl: url, Entries });
        return await attempt(what, async (send) => await client.send(command, send));
      });
    },

    async extend(receipts, seconds, { signal } = {}) {
      const what = {
        doing: `hide messages of the queue ${url} for longer`,
        action: 'sqs:ChangeMessageVisibility',
        signal,
      };
      return await inBatches(receipts, async (entries) => {
        const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
        return await attempt(what, async (send) => await client.send(command, send));
      });
    },

    async counts(call = {}) {
      const { doing, found } = await attributes(
        [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
        call,
      );
      return readable(Counts, found, doing);
    },

    async redrive(call = {}) {
      const { doing, found } = await attributes(['RedrivePolicy'], call);
      return readable(Redriven, found, doing);
    },
  };
}

const count = z.coerce.number().int().nonnegative();

const Received = z
  .object({
    MessageId: z.string(),
    ReceiptHandle: z.string(),
    Body: z.string().default(''),
    Attributes: z.object({ ApproximateReceiveCount: count, SentTimestamp: count }),
  })
  .transform(
    ({ MessageId, ReceiptHandle, Body, Attributes }): ReceivedMessage => ({
      id: MessageId,
      receipt: ReceiptHandle,
      body: Body,
      receiveCount: Attributes.ApproximateReceiveCount,
      sentAtMs: Attributes.SentTimestamp,
    }),
  );

const Counts = z
  .object({
    ApproximateNumberOfMessages: count,
    ApproximateNumberOfMessagesNotVisible: count,
    ApproximateNumberOfMessagesDelayed: count,
  })
  .transform((found) => ({
    visible: found.ApproximateNumberOfMessages,
    inFlight: found.ApproximateNumberOfMessagesNotVisible,
    delayed: found.ApproximateNumberOfMessagesDelayed,
  }));

const Policy = z
  // The console writes maxReceiveCount as a number, templates often as text.
  .object({ deadLetterTargetArn: z.string(), maxReceiveCount: count })
  .transform((policy) => ({
    deadLetterQueueArn: policy.deadLetterTargetArn,
    maxReceiveCount: policy.maxReceiveCount,
  }));
const Redriven = z
  .object({ RedrivePolicy: z.string().optional() })
  .transform(({ RedrivePolicy }) => RedrivePolicy || undefined)
  .transform((text, context) => {
    try {
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    } catch {
      context.addIssue({ code: 'custom', message: 'RedrivePolicy is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(Policy.optional());

function received(message: Message, doing: string): ReceivedMessage {
  return readable(Received, message, doing);
}

/** @throws Transient `DamagedAnswer` if the answer does not have the form that SQS documents */
function readable<T>(schema: z.ZodType<T>, answer: unknown, doing: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Transient(
    'DamagedAnswer',
    `Cannot ${doing}: SQS’s answer has another form than documented. ${z.prettifyError(parsed.error)}`,
  );
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}
interface BatchResult {
  readonly Failed?:
    | readonly {
        readonly Id: string | undefined;
        readonly Code: string | undefined;
        readonly Message?: string | undefined;
        readonly SenderFault: boolean | undefined;
      }[]
    | undefined;
}

/**
 * Makes a batch call for every ten receipts, all at once.
 * @throws the first batch's error, after all batches have ended
 */
async function inBatches(
  receipts: readonly string[],
  call: (entries: Entry[]) => Promise<BatchResult>,
): Promise<FailedEntry[]> {
  const starts = receipts.flatMap((_receipt, index) => (index % MAX_ENTRIES === 0 ? [index] : []));
  const batches = await Promise.allSettled(
    starts.map(async (start) => {
      const batch = receipts.slice(start, start + MAX_ENTRIES);
      const { Failed = [] } = await call(
        batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
      );
      return Failed.map(({ Id, Code = 'Unknown', Message = '', SenderFault }) => ({
        receipt: batch[Number(Id)] ?? '',
        code: Code,
        message: Message,
        retryable: SenderFault !== true,
      }));
    }),
  );
  return batches.flatMap((batch) => {
    if (batch.status === 'rejected') throw batch.reason;
    return batch.value;
  });
}
