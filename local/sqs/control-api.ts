import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { FaultSettings, QueueFaults } from './queue-faults.ts';
import type { Queues } from './queues.ts';
import { readBody } from './read-body.ts';
import { NotificationConfiguration, QueueConfiguration } from './s3-events/notification-configuration.ts';
import { NotificationError, type Notifications, type SizeOf } from './s3-events/notifications.ts';
import { PostedEvent } from './s3-events/s3-record.ts';
import { SqsError } from './sqs-error.ts';

const PREFIX = '/_control/';

/** A refusal: what is wrong, and its HTTP status. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface ControlledParts {
  readonly queues: Queues;
  readonly notifications: Notifications;
  readonly sizesFrom: (endpoint: string) => SizeOf;
}

/** The server's own API, plain JSON: a bucket's notifications, the events that versitygw posts, and faults. */
export class ControlApi {
  readonly #parts: ControlledParts;

  constructor(parts: ControlledParts) {
    this.#parts = parts;
  }

  isFor(request: IncomingMessage): boolean {
    return request.url?.startsWith(PREFIX) === true;
  }

  /** @param flushed waits until changes are on disk */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    flushed: () => Promise<void>,
  ): Promise<void> {
    try {
      const result = await this.#perform(request);
      await flushed();
      // Without a body: versitygw reads none, and would need a new connection for its next event.
      if (result === undefined) response.writeHead(204).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(result)}\n`);
    } catch (error) {
      const status = statusOf(error as Error);
      if (status === 500) console.error(error);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ error: (error as Error).message })}\n`);
    }
  }

  async #perform(request: IncomingMessage): Promise<object | undefined> {
    const { queues, notifications, sizesFrom } = this.#parts;
    const isRead = request.method === 'GET';
    // A page in a browser on this machine can send a form, but not JSON without a preflight request.
    if (
      !isRead &&
      request.method !== 'DELETE' &&
      !request.headers['content-type']?.startsWith('application/json')
    )
      throw new Refused(415, 'Send JSON, with content-type: application/json.');
    const url = new URL(request.url!, 'http://local');
    const [what = '', name = '', id = ''] = url.pathname
      .slice(PREFIX.length)
      .split('/')
      .map(decodeURIComponent);
    const call = `${request.method} ${what}${name && '/…'}${id && '/…'}`;
    switch (call) {
      case 'GET notifications/…':
        return notifications.of(name);
      case 'PUT notifications/…':
        return notifications.replace(name, parse(NotificationConfiguration, await readBody(request)));
      case 'PUT notifications/…/…':
        return notifications.put(name, id, parse(QueueConfiguration, await readBody(request)));
      case 'DELETE notifications/…/…':
        return notifications.remove(name, id);
      case 'POST s3-events': {
        const event = PostedEvent.safeParse(await readBody(request));
        // Anything else is the test event that versitygw posts when it starts.
        const sizeOf = sizesFrom(url.searchParams.get('s3') ?? '');
        for (const record of event.data?.Records ?? []) await notifications.announce(record, sizeOf);
        return undefined;
      }
      case 'PUT faults/…':
        queues.get(name).faults = new QueueFaults(parse(FaultSettings, await readBody(request)));
        return undefined;
      case 'DELETE faults/…':
        queues.get(name).faults = new QueueFaults();
        return undefined;
      case 'POST expire/…':
        queues.get(name).expireAll();
        return undefined;
      default:
        throw new Refused(404, `There is no ${request.method} ${url.pathname}: see local/sqs/README.md.`);
    }
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refused(400, z.prettifyError(parsed.error));
  return parsed.data;
}

function statusOf(error: Error): number {
  if (error instanceof Refused) return error.status;
  if (error instanceof SqsError) return error.name === 'QueueDoesNotExist' ? 404 : 400;
  return error instanceof NotificationError ? 400 : 500;
}
