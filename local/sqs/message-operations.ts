import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Entries, eachEntry } from './batch.ts';
import type { BodyStore } from './body-store.ts';
import type { Delivery } from './message.ts';
import {
  attributeBytes,
  MessageAttributes,
  md5OfAttributes,
  selectAttributes,
} from './message-attributes.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { type Operations, parametersOf, QueueUrl, whole } from './request.ts';
import { SqsError } from './sqs-error.ts';

/** Of one request, and thus of all entries of a batch together. */
const MAX_REQUEST_BYTES = 1_048_576;
/** What XML 1.0 does not allow. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const sent = {
  MessageBody: z.string(),
  DelaySeconds: whole(0, 900).optional(),
  MessageAttributes: MessageAttributes.optional(),
};
const deleted = { ReceiptHandle: z.string() };
const changed = { ReceiptHandle: z.string(), VisibilityTimeout: whole(0, 43_200) };

const SystemName = z.enum([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'DeadLetterQueueSourceArn',
  'AWSTraceHeader',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
]);

/** The operations on messages. */
export function messageOperations(queues: Queues, bodies: BodyStore): Operations {
  function send(queue: Queue, parameters: Record<string, unknown>) {
    const {
      MessageBody,
      DelaySeconds,
      MessageAttributes: attributes,
    } = parametersOf(z.strictObject(sent), parameters);
    if (MessageBody === '')
      throw new SqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
    if (FORBIDDEN.test(MessageBody))
      throw new SqsError(
        'InvalidMessageContents',
        'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
      );
    const most = queue.attributes.MaximumMessageSize;
    if (Buffer.byteLength(MessageBody) + attributeBytes(attributes) > most)
      throw new SqsError(
        'InvalidParameterValue',
        `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
      );
    const { id } = queue.send(
      bodies.store(MessageBody),
      attributes,
      DelaySeconds ?? queue.attributes.DelaySeconds,
    );
    return {
      MessageId: id,
      MD5OfMessageBody: md5(MessageBody),
      ...(attributes && { MD5OfMessageAttributes: md5OfAttributes(attributes) }),
    };
  }

  return {
    SendMessage(input) {
      const { QueueUrl: name, ...parameters } = parametersOf(z.looseObject({ QueueUrl }), input);
      return send(queues.get(name), parameters);
    },

    SendMessageBatch(input) {
      const { queue, entries } = batchOf(queues, input);
      let bytes = 0;
      for (const { MessageBody, MessageAttributes: attributes } of entries) {
        const known = MessageAttributes.optional().safeParse(attributes).data;
        bytes += Buffer.byteLength(String(MessageBody)) + attributeBytes(known);
      }
      if (bytes > MAX_REQUEST_BYTES)
        throw new SqsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_REQUEST_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      return eachEntry(entries, (parameters) => send(queue, parameters));
    },

    async ReceiveMessage(input, { signal }) {
      const parameters = parametersOf(
        z.strictObject({
          QueueUrl,
          MaxNumberOfMessages: whole(1, 10).default(1),
          VisibilityTimeout: whole(0, 43_200).optional(),
          WaitTimeSeconds: whole(0, 20).optional(),
          AttributeNames: z.array(SystemName).default([]),
          MessageSystemAttributeNames: z.array(SystemName).default([]),
          MessageAttributeNames: z.array(z.string()).default([]),
        }),
        input,
      );
      const queue = queues.get(parameters.QueueUrl);
      const deliveries = await queue.receive({
        max: parameters.MaxNumberOfMessages,
        visibilitySeconds: parameters.VisibilityTimeout ?? queue.attributes.VisibilityTimeout,
        waitSeconds: parameters.WaitTimeSeconds ?? queue.attributes.ReceiveMessageWaitTimeSeconds,
        signal,
      });
      const system = new Set([...parameters.AttributeNames, ...parameters.MessageSystemAttributeNames]);
      const Messages = deliveries.map((each) => received(each, system, parameters.MessageAttributeNames));
      return Messages.length === 0 ? {} : { Messages };
    },

    DeleteMessage(input) {
      const { QueueUrl: name, ReceiptHandle } = parametersOf(z.strictObject({ QueueUrl, ...deleted }), input);
      queues.get(name).delete(ReceiptHandle);
      return {};
    },

    DeleteMessageBatch(input) {
      const { queue, entries } = batchOf(queues, input);
      return eachEntry(entries, (parameters) => {
        queue.delete(parametersOf(z.strictObject(deleted), parameters).ReceiptHandle);
        return {};
      });
    },

    ChangeMessageVisibility(input) {
      const schema = z.strictObject({ QueueUrl, ...changed });
      const { QueueUrl: name, ReceiptHandle, VisibilityTimeout } = parametersOf(schema, input);
      queues.get(name).changeVisibility(ReceiptHandle, VisibilityTimeout);
      return {};
    },

    ChangeMessageVisibilityBatch(input) {
      const { queue, entries } = batchOf(queues, input);
      return eachEntry(entries, (parameters) => {
        const { ReceiptHandle, VisibilityTimeout } = parametersOf(z.strictObject(changed), parameters);
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
        return {};
      });
    },
  };
}

function batchOf(queues: Queues, input: unknown) {
  const { QueueUrl: name, Entries: entries } = parametersOf(z.strictObject({ QueueUrl, Entries }), input);
  return { queue: queues.get(name), entries };
}

function received(
  { message, receipt, receiveCount }: Delivery,
  system: ReadonlySet<string>,
  names: readonly string[],
) {
  const Body = message.body.text;
  const about: Record<string, string | undefined> = {
    SenderId: 'local',
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    DeadLetterQueueSourceArn: message.movedFrom,
  };
  const wanted = Object.entries(about).filter(
    ([name, value]) => value !== undefined && (system.has('All') || system.has(name)),
  );
  const own = selectAttributes(message.attributes ?? {}, names);
  return {
    MessageId: message.id,
    ReceiptHandle: receipt,
    MD5OfBody: md5(Body),
    Body,
    ...(wanted.length > 0 && { Attributes: Object.fromEntries(wanted) }),
    ...(own && { MessageAttributes: own, MD5OfMessageAttributes: md5OfAttributes(own) }),
  };
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
