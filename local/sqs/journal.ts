import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, renameSync, type WriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { BodyStore } from './body-store.ts';
import type { Message } from './message.ts';
import { MessageAttributes } from './message-attributes.ts';
import type { Queue } from './queue.ts';
import { ATTRIBUTE_NAMES, attributeText, withAttributes } from './queue-attributes.ts';
import type { QueueLog, Queues } from './queues.ts';
import type { Notifications } from './s3-events/notifications.ts';

/** One line of the file. */
const Line = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('queue'),
    name: z.string(),
    id: z.string(),
    createdAtMs: z.number(),
    attributes: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal('queue deleted'), name: z.string() }),
  z.object({
    kind: z.literal('message'),
    queue: z.string(),
    id: z.string(),
    body: z.string(),
    attributes: MessageAttributes.optional(),
    sentAtMs: z.number(),
    receiveCount: z.number().default(0),
    firstReceivedAtMs: z.number().optional(),
    movedFrom: z.string().optional(),
  }),
  z.object({ kind: z.literal('message gone'), queue: z.string(), id: z.string() }),
  z.object({ kind: z.literal('notifications'), bucket: z.string(), configuration: z.unknown() }),
]);
type Line = z.input<typeof Line>;

/** The file is rewritten when so many of its lines no longer count, and four times as many as those that do. */
const MIN_DEAD_LINES = 50_000;

interface Kept {
  readonly queues: Queues;
  readonly notifications: Notifications;
}

/**
 * The server's file: what happened since it was last rewritten, one JSON object per line. Receives are not recorded, so
 * after a restart all messages are visible, and their receive counts are those of their arrival.
 */
export class Journal implements QueueLog {
  readonly #path: string;
  readonly #kept: Kept;
  #file: FileHandle;
  #lines = 0;
  #messages = 0;
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, kept: Kept, file: FileHandle) {
    this.#path = path;
    this.#kept = kept;
    this.#file = file;
  }

  /** Reads the file, if there is one, into the queues, and records their changes from then on. */
  static async open(path: string, kept: Kept, bodies: BodyStore): Promise<Journal> {
    if (existsSync(path)) await readInto(path, kept, bodies);
    await rewrite(path, kept);
    const journal = new Journal(path, kept, await open(path, 'a'));
    kept.queues.logTo(journal);
    kept.notifications.onChange((bucket) => journal.#add(notificationsLine(kept.notifications, bucket)));
    journal.#messages = messagesOf(kept);
    return journal;
  }

  created(queue: Queue): void {
    this.#add(queueLine(queue));
  }

  deleted({ name }: Queue): void {
    this.#add({ kind: 'queue deleted', name });
  }

  arrived({ name }: Queue, message: Message): void {
    this.#messages += 1;
    this.#add(messageLine(name, message));
  }

  left({ name }: Queue, { id }: Message): void {
    this.#messages -= 1;
    this.#add({ kind: 'message gone', queue: name, id });
  }

  /** Waits until everything so far is written. It then survives the end of this process, not that of the machine. */
  async flushed(): Promise<void> {
    // Callers that come while a write is in progress share the next one.
    if (this.#pending.length > 0) {
      const before = this.#writing;
      this.#writing = before.then(async () => await this.#write());
    }
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flushed();
    await this.#file.close();
  }

  #add(line: Line): void {
    this.#lines += 1;
    this.#pending.push(`${JSON.stringify(line)}\n`);
  }

  async #write(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    await this.#file.appendFile(text);
    const dead = this.#lines - this.#messages;
    if (dead < MIN_DEAD_LINES || dead < 4 * this.#messages) return;
    await this.#file.close();
    // What happens meanwhile is both in the new file and pending. Reading a line twice changes nothing.
    await rewrite(this.#path, this.#kept);
    this.#file = await open(this.#path, 'a');
    this.#lines = this.#messages;
  }
}

async function readInto(path: string, { queues, notifications }: Kept, bodies: BodyStore): Promise<void> {
  const messages = new Map<string, Map<string, Message>>();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const text of lines) {
    const line = parsed(text);
    switch (line?.kind) {
      case 'queue':
        queues.restore(line, withAttributes(line.attributes));
        if (!messages.has(line.name)) messages.set(line.name, new Map());
        break;
      case 'queue deleted':
        if (messages.delete(line.name)) queues.delete(queues.get(line.name));
        break;
      case 'message':
        messages.get(line.queue)?.set(line.id, {
          ...{ firstReceivedAtMs: undefined, movedFrom: undefined, attributes: undefined },
          ...line,
          body: bodies.store(line.body),
          ...{ state: 'gone', delivery: 0, stamp: 0, receivedAtMs: 0 },
        });
        break;
      case 'message gone':
        messages.get(line.queue)?.delete(line.id);
        break;
      case 'notifications':
        notifications.restore(line.bucket, line.configuration);
        break;
      case undefined:
    }
  }
  for (const [name, waiting] of messages) {
    const queue = queues.get(name);
    for (const message of waiting.values()) queue.add(message);
  }
}

/** A line that a killed process left unfinished counts as not written. */
function parsed(text: string): z.output<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function rewrite(path: string, { queues, notifications }: Kept): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  for (const queue of queues.all()) await put(stream, queueLine(queue));
  for (const bucket of notifications.buckets()) await put(stream, notificationsLine(notifications, bucket));
  for (const queue of queues.all())
    for (const message of queue.messages()) await put(stream, messageLine(queue.name, message));
  stream.end();
  await once(stream, 'close');
  renameSync(unfinished, path);
}

async function put(stream: WriteStream, line: Line): Promise<void> {
  if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
}

function queueLine(queue: Queue): Line {
  const { name, id, createdAtMs, attributes } = queue;
  const texts = ATTRIBUTE_NAMES.map((each) => [each, attributeText(attributes, each) ?? ''] as const);
  return { kind: 'queue', name, id, createdAtMs, attributes: Object.fromEntries(texts) };
}

function messageLine(queue: string, message: Message): Line {
  const { id, body, attributes, sentAtMs, receiveCount, firstReceivedAtMs, movedFrom } = message;
  return {
    ...{ kind: 'message', queue, id, body: body.text, attributes, sentAtMs, receiveCount },
    ...{ firstReceivedAtMs, movedFrom },
  };
}

function notificationsLine(notifications: Notifications, bucket: string): Line {
  return { kind: 'notifications', bucket, configuration: notifications.of(bucket) };
}

function messagesOf({ queues }: Kept): number {
  let count = 0;
  for (const queue of queues.all()) {
    const { visible, inFlight, delayed } = queue.counts();
    count += visible + inFlight + delayed;
  }
  return count;
}
