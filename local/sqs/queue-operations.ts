import { z } from 'zod';
import type { Queue } from './queue.ts';
import { ACCOUNT, ATTRIBUTE_NAMES, attributeText, type QueueAttributes } from './queue-attributes.ts';
import type { Queues } from './queues.ts';
import { type Operations, parametersOf, QueueUrl, whole } from './request.ts';
import { SqsError } from './sqs-error.ts';

const Attributes = z.record(z.string(), z.string());

/** The operations on queues as wholes. */
export function queueOperations(queues: Queues): Operations {
  return {
    CreateQueue(input, { origin }) {
      const schema = z.strictObject({ QueueName: z.string(), Attributes: Attributes.default({}) });
      const { QueueName, Attributes: given } = parametersOf(schema, input);
      return { QueueUrl: urlOf(queues.create(QueueName, given), origin) };
    },

    GetQueueUrl(input, { origin }) {
      const schema = z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() });
      const { QueueName, QueueOwnerAWSAccountId: owner = ACCOUNT } = parametersOf(schema, input);
      if (owner !== ACCOUNT) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
      return { QueueUrl: urlOf(queues.get(QueueName), origin) };
    },

    ListQueues(input, { origin }) {
      const schema = z.strictObject({
        QueueNamePrefix: z.string().default(''),
        MaxResults: whole(1, 1000).optional(),
        NextToken: z.string().optional(),
      });
      const { QueueNamePrefix, MaxResults, NextToken = '' } = parametersOf(schema, input);
      const found = queues.all().filter(({ name }) => name.startsWith(QueueNamePrefix) && name > NextToken);
      const page = found.slice(0, MaxResults ?? 1000);
      const more = MaxResults !== undefined && found.length > page.length;
      return {
        QueueUrls: page.map((queue) => urlOf(queue, origin)),
        ...(more && { NextToken: page.at(-1)!.name }),
      };
    },

    ListDeadLetterSourceQueues(input, { origin }) {
      const { arn } = queues.get(parametersOf(z.strictObject({ QueueUrl }), input).QueueUrl);
      return { queueUrls: sourcesOf(queues, arn).map((queue) => urlOf(queue, origin)) };
    },

    DeleteQueue(input) {
      queues.delete(queues.get(parametersOf(z.strictObject({ QueueUrl }), input).QueueUrl));
      return {};
    },

    PurgeQueue(input) {
      queues.get(parametersOf(z.strictObject({ QueueUrl }), input).QueueUrl).purge();
      return {};
    },

    GetQueueAttributes(input) {
      const schema = z.strictObject({ QueueUrl, AttributeNames: z.array(z.string()).default([]) });
      const { QueueUrl: name, AttributeNames: names } = parametersOf(schema, input);
      const known = attributesOf(queues.get(name));
      const unknown = names.find((each) => each !== 'All' && !Object.hasOwn(known, each));
      if (unknown !== undefined) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      const wanted = Object.entries(known).filter(
        ([each, text]) => text !== undefined && (names.includes('All') || names.includes(each)),
      );
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
    },

    SetQueueAttributes(input) {
      const schema = z.strictObject({ QueueUrl, Attributes });
      const { QueueUrl: name, Attributes: given } = parametersOf(schema, input);
      queues.setAttributes(queues.get(name), given);
      return {};
    },

    /** Moves the visible messages at once. On AWS, a task does it. As there, they are new messages. */
    StartMessageMoveTask(input) {
      const schema = z.strictObject({ SourceArn: z.string(), DestinationArn: z.string().optional() });
      const { SourceArn, DestinationArn } = parametersOf(schema, input);
      const source = queues.byArn(SourceArn);
      if (source === undefined)
        throw new SqsError(
          'ResourceNotFoundException',
          'The resource that you specified for the SourceArn parameter doesn’t exist.',
        );
      const [origin] = sourcesOf(queues, SourceArn);
      if (origin === undefined)
        throw new SqsError(
          'InvalidParameterValue',
          'Source queue must be configured as a Dead Letter Queue.',
        );
      for (const { body, attributes, movedFrom } of source.drain()) {
        const target = queues.byArn(DestinationArn ?? movedFrom ?? origin.arn) ?? origin;
        target.send(body, attributes, 0);
      }
      return { TaskHandle: Buffer.from(SourceArn).toString('base64') };
    },
  };
}

function urlOf({ name }: Queue, origin: string): string {
  return `${origin}/${ACCOUNT}/${name}`;
}

function sourcesOf(queues: Queues, arn: string): readonly Queue[] {
  return queues
    .all()
    .filter(
      ({ attributes: { RedrivePolicy: policy } }) => policy !== '' && policy.deadLetterTargetArn === arn,
    );
}

/** All attributes, by name; undefined for those without a value. */
function attributesOf(queue: Queue): Readonly<Record<string, string | undefined>> {
  const { visible, inFlight, delayed } = queue.counts();
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  const set = ATTRIBUTE_NAMES.map(
    (name: keyof QueueAttributes) => [name, attributeText(queue.attributes, name)] as const,
  );
  return {
    ...Object.fromEntries(set),
    QueueArn: queue.arn,
    CreatedTimestamp: seconds(queue.createdAtMs),
    LastModifiedTimestamp: seconds(queue.modifiedAtMs),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    SqsManagedSseEnabled: 'true',
    ...{ KmsMasterKeyId: undefined, KmsDataKeyReusePeriodSeconds: undefined, RedriveAllowPolicy: undefined },
    ...{ FifoQueue: undefined, ContentBasedDeduplication: undefined },
    ...{ DeduplicationScope: undefined, FifoThroughputLimit: undefined },
  };
}
