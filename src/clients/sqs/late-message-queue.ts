import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ServiceAddress } from '../aws/aws-client.ts';
import type { MessageQueue } from '../message-queue.ts';
import { originOfQueue } from './queue-url.ts';

/**
 * Finds queues by URL, one client per host. The AWS client is loaded when a queue is first called: a worker without
 * loaders never needs it.
 */
export function lateMessageQueues(address: ServiceAddress): (url: string) => MessageQueue {
  const clients = new Map<string, SQSClient>();

  async function queue(url: string): Promise<MessageQueue> {
    const { createSqsMessageQueue, sqsClient } = await import('./sqs-message-queue.ts');
    const origin = originOfQueue(url) ?? url;
    const client = clients.get(origin) ?? sqsClient(url, address);
    clients.set(origin, client);
    return createSqsMessageQueue({ client, url });
  }

  return (url) => ({
    url,
    receive: async (options) => await (await queue(url)).receive(options),
    delete: async (receipts, options) => await (await queue(url)).delete(receipts, options),
    extend: async (receipts, seconds, options) => await (await queue(url)).extend(receipts, seconds, options),
    counts: async (options) => await (await queue(url)).counts(options),
    redrive: async (options) => await (await queue(url)).redrive(options),
  });
}
