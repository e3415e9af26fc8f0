import { createSqsMessageQueue, sqsClient } from '../../../src/clients/sqs/sqs-message-queue.ts';
import { testStack } from './stack.ts';

interface AnnouncedObject {
  readonly eventName: string;
  /** As it was written. */
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly sequencer: string;
}

/** So many calls in a row, of 20 s each, return nothing if nothing more will be announced. */
const MOST_EMPTY_CALLS = 10;

/**
 * Receives and deletes the messages of a queue until all these keys were announced.
 * @returns what was announced up to then, in the order of arrival
 */
export async function untilAnnounced(url: string, keys: readonly string[]): Promise<AnnouncedObject[]> {
  const client = sqsClient(url, testStack().sqs);
  const queue = createSqsMessageQueue({ client, url });
  const announced: AnnouncedObject[] = [];
  let empty = 0;
  try {
    while (!keys.every((key) => announced.some((object) => object.key === key))) {
      const messages = await queue.receive({ max: 10, waitSeconds: 20, visibilitySeconds: 60 });
      empty = messages.length === 0 ? empty + 1 : 0;
      if (empty === MOST_EMPTY_CALLS) {
        const found = announced.map(({ key }) => key).join(', ');
        throw new Error(`${keys.join(', ')} were not announced within ${empty * 20} s, but: ${found}`);
      }
      if (messages.length === 0) continue;
      announced.push(...messages.flatMap(({ body }) => objectsIn(body)));
      await queue.delete(messages.map(({ receipt }) => receipt));
    }
    return announced;
  } finally {
    client.destroy();
  }
}

function objectsIn(body: string): AnnouncedObject[] {
  interface Parsed {
    Records?: {
      eventName: string;
      s3: { object: { key: string; size: number; eTag: string; sequencer: string } };
    }[];
  }
  const { Records = [] } = JSON.parse(body) as Parsed;
  return Records.map(({ eventName, s3: { object } }) => ({
    eventName,
    key: decodeURIComponent(object.key.replaceAll('+', ' ')),
    size: object.size,
    etag: object.eTag,
    sequencer: object.sequencer,
  }));
}
