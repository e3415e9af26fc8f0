/**
 * `node bench/change-steps.ts [--changes 20000] [--tables 1] [--item-bytes 1000] [--rounds 5]`: what a worker's own code takes
 * for one change, step by step, and how much longer the same takes if every item is parsed, as for mappings that leave out or
 * hide something and for items with something new. Without S3, DynamoDB and the warehouse. Both take turns; medians.
 */
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { RecordedChanges } from '../src/activities/changes/recorded-change.ts';
import type { StreamRecord } from '../src/clients/change-stream.ts';
import { parseRecordsResponse } from '../src/clients/dynamodb/streams-response.ts';
import type { ObjectStore } from '../src/clients/object-store.ts';
import { wantedLayouts } from '../src/pipeline/apply/wanted-layouts.ts';
import type { LogCheckpoint } from '../src/pipeline/changes/log-documents.ts';
import type { Layout } from '../src/pipeline/columns/layout.ts';
import type { Item } from '../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../src/pipeline/item/csv.ts';
import { parseExactly } from '../src/pipeline/item/exact-json.ts';
import { FOR_LOOKS } from '../src/pipeline/mapping/hide/hiding.ts';
import { NO_MAPPING } from '../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../src/pipeline/mapping/shred.ts';
import { limitsOf } from '../src/pipeline/run/first-layouts.ts';
import { LastImages } from '../src/store/changes/last-images.ts';
import { RecordsWriter, readRecords, takeLastImages } from '../src/store/changes/record-files.ts';
import { RowFiles } from '../src/store/changes/row-files.ts';
import { PartBuffer } from '../src/store/part-buffer.ts';
import { ChangingItems, KEY } from './changes/changing-items.ts';
import { median } from './speed/measurement.ts';

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '20000' },
    tables: { type: 'string', default: '1' },
    'item-bytes': { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
});
const [count, tables, itemBytes, rounds] = [
  values.changes,
  values.tables,
  values['item-bytes'],
  values.rounds,
].map(Number) as [number, number, number, number];
const PER_PAGE = 800;
const key = [{ name: KEY, kind: 'S' as const }];
const { signal } = new AbortController();
const bodies = new Map<string, Uint8Array>();
const store = {
  bucket: 'bench',
  put: async (name: string, body: Uint8Array) => {
    bodies.set(name, body);
    return 'etag';
  },
  get: async (name: string) => ({ body: bodies.get(name)!, etag: 'etag' }),
} as unknown as ObjectStore;
const log = { store, at: { prefix: 'bench', pipeline: 'bench', epoch: 'e' } };
const place = { shard: 's', number: 1, attempt: 'a' };

const items = new ChangingItems({ keys: count, tables, itemBytes, seed: 1 });
const pages = [...pagesOf()];
const layouts = layoutsOf([...items.first(500)]);

/** From the bytes of an answer to those of a file of the log. */
async function read(isSent: boolean): Promise<Pick<LogCheckpoint, 'file' | 'shard' | 'number'>> {
  const writer = new RecordsWriter();
  const changes = new RecordedChanges(NO_MAPPING, key, undefined);
  for (const { body, sum } of pages) {
    const { records } = parseRecordsResponse(body, isSent ? { 'x-amz-crc32': sum } : {});
    for (const record of records) append(writer, record, changes);
    await writer.drain();
  }
  return { file: await writer.write(log, place, signal), shard: 's', number: 1 };
}

function append(writer: RecordsWriter, record: StreamRecord, changes: RecordedChanges): void {
  if (record.sent === undefined) writer.append(changes.of(record));
  else writer.appendSent(record, record.sent);
}

/** From a file of the log to the last image of each key. */
async function gather(checkpoint: Awaited<ReturnType<typeof read>>, isParsed: boolean): Promise<LastImages> {
  const images = new LastImages(key);
  if (!isParsed) {
    await takeLastImages(log, checkpoint, images, signal);
    return images;
  }
  const at = { shard: 's', checkpoint: 1 };
  for await (const records of readRecords(log, checkpoint))
    for (const record of records) images.take(record, at);
  return images;
}

/** From images to compressed rows. */
async function write(images: LastImages): Promise<void> {
  const files = new RowFiles({ ...rowOptions(), compression: 'zstd' });
  for (const { image } of images.images()) {
    if (image !== undefined) files.write(image);
    if (files.isCrowded) await files.drain();
  }
  await files.upload(store, 'apply/', signal);
}

async function writeParsed(images: LastImages): Promise<void> {
  const parts = layouts.map(() => new PartBuffer('zstd'));
  const shredder = createShredder({ ...rowOptions(), sinks: parts, nullText: NULL_TEXT });
  for (const { image } of images.images()) {
    if (image === undefined) continue;
    shredder.shred(parseExactly(image.in.toString('utf8', image.start, image.end)) as Item);
    for (const part of parts) await part.drain();
  }
  for (const part of parts) await part.finish();
}

const rowOptions = () => ({ key, layouts, mapping: NO_MAPPING, hiding: FOR_LOOKS });

const checkpoint = await read(true);
const images = await gather(checkpoint, false);
const steps: readonly (readonly [string, () => unknown, () => unknown])[] = [
  ['stream to log', () => read(true), () => read(false)],
  [
    'log to last images',
    async () => (await gather(checkpoint, false)).discard(),
    async () => (await gather(checkpoint, true)).discard(),
  ],
  ['last images to rows', () => write(images), () => writeParsed(images)],
];
console.log(
  `${count} changes of ${itemBytes} bytes, ${tables} table(s): microseconds of CPU per change, all threads; medians of ${rounds} rounds`,
);
for (const [name, asBytes, parsed] of steps) {
  const [bytesTimes, parsedTimes]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const found = [await microseconds(asBytes), await microseconds(parsed)] as const;
    // The first one compiles.
    if (round === 0) continue;
    bytesTimes.push(found[0]);
    parsedTimes.push(found[1]);
  }
  const ratio = median(parsedTimes.map((each, i) => each / bytesTimes[i]!));
  console.log(
    `${name.padEnd(22)} ${median(bytesTimes).toFixed(1).padStart(6)}   parsed ${median(parsedTimes).toFixed(1).padStart(6)}   ${ratio.toFixed(1)}×`,
  );
}

async function microseconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function* pagesOf(): Generator<{ readonly body: Buffer; readonly sum: string }> {
  for (let from = 0; from < count; from += PER_PAGE) {
    const records = Array.from({ length: Math.min(PER_PAGE, count - from) }, (_, i) => {
      const { key: Keys, before, after: NewImage } = items.next();
      return {
        eventID: String(from + i).padStart(32, '0'),
        eventName: before === undefined ? 'INSERT' : NewImage === undefined ? 'REMOVE' : 'MODIFY',
        ...{ eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1' },
        dynamodb: {
          ...{ ApproximateCreationDateTime: 1.7e9, Keys, NewImage },
          ...{ SequenceNumber: String(from + i + 1), SizeBytes: itemBytes, StreamViewType: 'NEW_IMAGE' },
        },
      };
    });
    const body = Buffer.from(JSON.stringify({ NextShardIterator: 'next', Records: records }));
    yield { body, sum: String(crc32(body)) };
  }
}

function layoutsOf(some: readonly Item[]): Layout[] {
  const looks = createShredder({ key, layouts: [], mapping: NO_MAPPING });
  for (const item of some) looks.shred(item);
  return wantedLayouts([], looks.takeSeen(), key, {
    addedToday: () => 0,
    maxTables: NO_MAPPING.maxTables,
    ...limitsOf(NO_MAPPING),
  });
}
