import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { DynamodbError } from './dynamodb-error.ts';
import { expireItems } from './expire-items.ts';
import { ExportFaultSettings, type ExportFaults } from './exports/export-faults.ts';
import type { Item } from './item.ts';
import { parseBody, readBody } from './read-body.ts';
import { sequenceText } from './streams/sequence-numbers.ts';
import type { Shard } from './streams/shard.ts';
import type { Stream } from './streams/stream.ts';
import { FaultSettings, type StreamFaults } from './streams/stream-faults.ts';
import type { Streams } from './streams/streams.ts';
import type { TableClocks } from './table-clocks.ts';
import type { CaptureParts } from './write-operations.ts';

const PREFIX = '/_control/';

/** A refusal: what is wrong, and its HTTP status. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const table = z.string();
const OfShard = z.strictObject({
  table,
  /** Default: the open shard with the most hashes, the oldest of several. */
  shard: z.string().optional(),
});
const Partitions = z.strictObject({ table, partitions: z.number().int().min(1).max(1000) });
const Trim = z.strictObject({
  table,
  /** Default: all shards. */
  shard: z.string().optional(),
  /** Records that are older. Default: all records. */
  olderThanSeconds: z.number().nonnegative().optional(),
  /** So many records of each shard stay, the newest. */
  keep: z.number().int().nonnegative().default(0),
  /** Also forget the shards that are closed. */
  forgetShards: z.boolean().default(false),
});
const Expire = z.strictObject({ table });
const item = z.custom<Item>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const Records = z.strictObject({
  table,
  changes: z.array(z.strictObject({ key: item, before: item.optional(), after: item.optional() })),
});
const Clock = z.strictObject({ table, offsetSeconds: z.number() });

interface ControlledParts extends CaptureParts {
  readonly streams: Streams;
  readonly clocks: TableClocks;
  readonly exportFaults: ExportFaults;
  readonly faults: StreamFaults;
  /** How many shards a new stream has, if nothing was set for its table. */
  readonly partitions: number;
}

/** The server's own API, plain JSON: what happens to streams on AWS by itself, and faults. */
export class ControlApi {
  readonly #parts: ControlledParts;
  readonly #partitions = new Map<string, number>();
  readonly #calls: Readonly<Record<string, (body: unknown) => unknown>>;

  constructor(parts: ControlledParts) {
    const { streams, clocks, faults, exportFaults } = parts;
    this.#parts = parts;
    this.#calls = {
      'GET streams': () => streams.all().map(shownStream),
      'POST split': (body) => this.#succeed(parse(OfShard, body), 2),
      'POST roll': (body) => this.#succeed(parse(OfShard, body), 1),
      'POST trim': (body) => this.#trim(parse(Trim, body)),
      'POST partitions': (body) => {
        const parsed = parse(Partitions, body);
        this.#partitions.set(parsed.table, parsed.partitions);
      },
      'POST record': (body) => this.#record(parse(Records, body)),
      'POST expire': async (body) => await expireItems(parse(Expire, body).table, parts),
      'POST clock': (body) => {
        const parsed = parse(Clock, body);
        clocks.of(parsed.table).offsetMs = parsed.offsetSeconds * 1000;
      },
      'POST exports': (body) => exportFaults.add(parse(ExportFaultSettings, body)),
      'DELETE exports': () => exportFaults.clear(),
      'POST faults': (body) => faults.add(parse(FaultSettings, body)),
      'DELETE faults': () => faults.clear(),
    };
  }

  get locks(): CaptureParts['locks'] {
    return this.#parts.locks;
  }

  readonly partitionsOf = (name: string): number => this.#partitions.get(name) ?? this.#parts.partitions;

  isFor(request: IncomingMessage): boolean {
    return request.url?.startsWith(PREFIX) === true;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const result = await this.#perform(request);
      if (result === undefined) response.writeHead(204).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(result)}\n`);
    } catch (error) {
      const status = error instanceof Refused || error instanceof DynamodbError ? error.status : 500;
      if (status === 500) console.error(error);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ error: (error as Error).message })}\n`);
    }
  }

  async #perform(request: IncomingMessage): Promise<unknown> {
    const what = request.url!.slice(PREFIX.length);
    const call = `${request.method} ${what}`;
    // A page in a browser on this machine can send a form, but not JSON without a preflight request.
    if (request.method === 'POST' && !request.headers['content-type']?.startsWith('application/json'))
      throw new Refused(415, 'Send JSON, with content-type: application/json.');
    const perform = Object.hasOwn(this.#calls, call) ? this.#calls[call] : undefined;
    if (perform === undefined)
      throw new Refused(404, `There is no ${request.method} ${request.url}: see local/dynamodb/README.md.`);
    return await perform(parseBody(await readBody(request)));
  }

  #succeed({ table: name, shard: id }: z.output<typeof OfShard>, ways: 1 | 2): object {
    const stream = this.#streamOf(name);
    const size = ({ range }: Shard) => range.to - range.from;
    const open = stream.shards.filter(({ isOpen }) => isOpen).toSorted((a, b) => size(b) - size(a));
    const shard = id === undefined ? open[0] : open.find((each) => each.id === id);
    if (shard === undefined) throw new Refused(404, `The stream of ${name} has no open shard ${id ?? ''}.`);
    return { shard: shard.id, children: stream.succeed(shard, ways).map((child) => child.id) };
  }

  #trim({ table: name, shard: id, olderThanSeconds, keep, forgetShards }: z.output<typeof Trim>): object {
    const stream = this.#streamOf(name);
    const beforeMs = this.#parts.clocks.of(name).nowMs() - (olderThanSeconds ?? 0) * 1000;
    let trimmed = 0;
    for (const { records } of stream.shards.filter((shard) => id === undefined || shard.id === id)) {
      let left = records.count - keep;
      const isOld = (addedAtMs: number) => olderThanSeconds === undefined || addedAtMs <= beforeMs;
      trimmed += records.trimWhile((addedAtMs) => left-- > 0 && isOld(addedAtMs));
    }
    if (forgetShards) {
      stream.forget(
        (shard) => !shard.isOpen && shard.records.count === 0 && (id === undefined || shard.id === id),
      );
    }
    return { trimmed };
  }

  #record({ table: name, changes }: z.output<typeof Records>): object {
    const stream = this.#streamOf(name);
    for (const { key, before, after } of changes) stream.record({ key, before, after });
    return { recorded: changes.length };
  }

  #streamOf(name: string): Stream {
    const stream = this.#parts.streams.latestOf(name);
    if (stream === undefined) throw new Refused(404, `The table ${name} has no stream.`);
    return stream;
  }
}

function shownStream({ arn, table: { name }, viewType, isEnabled, shards }: Stream): object {
  return {
    arn,
    table: name,
    viewType,
    enabled: isEnabled,
    shards: shards.map(({ id, parent, range, isOpen, records }) => ({
      id,
      parent,
      range,
      open: isOpen,
      records: records.count,
      bytes: records.bytes,
      oldest: records.oldest && sequenceText(records.oldest.sequence),
    })),
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refused(400, z.prettifyError(parsed.error));
  return parsed.data;
}
