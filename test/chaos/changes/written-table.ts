import {
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  type AttributeValue as SdkValue,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { forSdk } from '../../integration/changes/logged-table.ts';
import type { ChaosStack } from '../chaos-stack.ts';

export const KEY: Key = [
  { name: 'id', kind: 'S' },
  { name: 'no', kind: 'N' },
];

/** Keys that are written: few enough that most are written several times. */
const KEYS = 50;
const PAST = 1_000_000;

const Streams = z.array(
  z.object({ table: z.string(), shards: z.array(z.object({ id: z.string(), records: z.number() })) }),
);

const S = (text: string): AttributeValue => ({ S: text });
const N = (number: number): AttributeValue => ({ N: String(number) });
const keyOf = (n: number): Item => ({ id: S(`k${n >> 2}${' '.repeat(n & 1)}`), no: N(n & 2) });
const sdkItem = (item: Item) => forSdk(item) as Record<string, SdkValue>;

/** A table with a stream, and a map to which every write is repeated: what live has to hold in the end. */
export class WrittenTable {
  readonly name: string;
  readonly #stack: ChaosStack;
  readonly #seed: number;
  readonly #grows: boolean;
  readonly #model = new Map<number, Item>();
  #writes = 0;
  /** Writes that changed something: each is one record of the stream. */
  changes = 0;

  constructor(stack: ChaosStack, name: string, { seed, grows }: { seed: number; grows: boolean }) {
    this.#stack = stack;
    this.name = name;
    this.#seed = seed;
    this.#grows = grows;
  }

  get items(): Item[] {
    return [...this.#model.values()];
  }

  /** Its items expire at the time `until`. */
  async create(partitions: number): Promise<void> {
    const client = this.#stack.dynamodb;
    await this.control('partitions', { table: this.name, partitions });
    await client.send(
      new CreateTableCommand({
        ...{ TableName: this.name, BillingMode: 'PAY_PER_REQUEST' },
        AttributeDefinitions: KEY.map(({ name, kind }) => ({ AttributeName: name, AttributeType: kind })),
        KeySchema: KEY.map(({ name }, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: this.name });
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: this.name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
      }),
    );
  }

  /** The next write of the seed: an item is put, or deleted and sometimes recreated. @param growing with what live lacks */
  async write(growing: boolean): Promise<void> {
    const number = ++this.#writes;
    const n = seededInteger(0, KEYS - 1, this.#seed, 'key', number);
    const kind = seededFraction(this.#seed, 'write', number);
    const exists = this.#model.has(n);
    if (exists && kind < 0.3) await this.#erase(n);
    if (kind < 0.2 && exists) return;
    await this.#put(n, this.#item(n, number, growing && this.#grows));
  }

  #item(n: number, version: number, isGrown: boolean): Item {
    const count = (what: string, most: number) => seededInteger(0, most, this.#seed, what, version);
    const list = (length: number, value: (at: number) => AttributeValue): AttributeValue => ({
      L: Array.from({ length }, (_, at) => value(at)),
    });
    return {
      ...keyOf(n),
      version: N(version),
      place: { M: { city: S(`city ${version % 5}`) } },
      lines: list(count('lines', 4), (at) => ({
        M: { sku: S(`${version}-${at}`), sizes: list(count('sizes', 2), N) },
      })),
      ...(seededFraction(this.#seed, 'until', version) < 0.1 ? { until: N(PAST) } : {}),
      ...(isGrown && version % 3 === 0
        ? { [`extra${version % 4}`]: S('x'.repeat(version)), visits: list(count('visits', 3), N) }
        : {}),
    };
  }

  async #put(n: number, item: Item): Promise<void> {
    await this.#stack.dynamodb.send(new PutItemCommand({ TableName: this.name, Item: sdkItem(item) }));
    this.#model.set(n, item);
    this.changes++;
  }

  async #erase(n: number): Promise<void> {
    await this.#stack.dynamodb.send(new DeleteItemCommand({ TableName: this.name, Key: sdkItem(keyOf(n)) }));
    this.#model.delete(n);
    this.changes++;
  }

  /** DynamoDB deletes what has expired. */
  async expire(): Promise<void> {
    await this.control('expire', { table: this.name });
    for (const [n, { until }] of [...this.#model]) {
      if (until === undefined) continue;
      this.#model.delete(n);
      this.changes++;
    }
  }

  /** How many records the stream has, by shard. */
  async recordsByShard(): Promise<Map<string, number>> {
    const response = await fetch(`${this.#stack.addresses.dynamodb.endpoint}/_control/streams`);
    const streams = Streams.parse(await response.json()).filter(({ table }) => table === this.name);
    return new Map(streams.flatMap(({ shards }) => shards.map(({ id, records }) => [id, records] as const)));
  }

  /** What happens on AWS by itself. See local/dynamodb/README.md. */
  async control(what: string, body: object = { table: this.name }): Promise<void> {
    const response = await fetch(`${this.#stack.addresses.dynamodb.endpoint}/_control/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${what}: ${await response.text()}`);
  }
}
