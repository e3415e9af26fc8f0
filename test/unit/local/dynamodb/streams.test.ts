import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item } from '../../../../local/dynamodb/item.ts';
import { StreamFile } from '../../../../local/dynamodb/streams/stream-file.ts';
import { streamOperations } from '../../../../local/dynamodb/streams/stream-operations.ts';
import { type Change, VIEW_TYPES } from '../../../../local/dynamodb/streams/stream-record.ts';
import { Streams } from '../../../../local/dynamodb/streams/streams.ts';
import { type AdjustableClock, TableClocks } from '../../../../local/dynamodb/table-clocks.ts';

const HOUR_MS = 60 * 60 * 1000;
const table = (name: string) => ({
  name,
  arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
  keySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
});
const insert = (id: string, more: Item = {}): Change => {
  const key = { id: { S: id } };
  return { key, before: undefined, after: { ...key, ...more } };
};

interface Answer {
  readonly [member: string]: unknown;
}
interface Described {
  readonly StreamStatus: string;
  readonly Shards: readonly {
    readonly ShardId: string;
    readonly ParentShardId?: string;
    readonly SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string };
  }[];
  readonly LastEvaluatedShardId?: string;
}
interface Read {
  readonly Records: readonly {
    readonly eventName: string;
    readonly userIdentity?: object;
    readonly dynamodb: { readonly SequenceNumber: string; readonly Keys: Item; readonly SizeBytes: number };
  }[];
  readonly NextShardIterator?: string;
}

let clocks: TableClocks;
/** The clock of table `t`. */
let clock: AdjustableClock;
let streams: Streams;
/** One answer of so many is empty; 0: none. */
let emptyEvery = 0;
let answers = 0;
const start = (options: { file?: StreamFile; maxBytes?: number } = {}) => {
  streams = new Streams({ clocks, maxBytes: 2 ** 30, ...options });
};
beforeEach(() => {
  clocks = new TableClocks();
  clock = clocks.of('t');
  emptyEvery = 0;
  start();
});

function call(operation: keyof ReturnType<typeof streamOperations>, request: object): Answer {
  const isEmpty = () => emptyEvery > 0 && ++answers % emptyEvery === 0;
  const result = streamOperations(streams, isEmpty)[operation](request);
  return (Buffer.isBuffer(result) ? JSON.parse(result.toString()) : result) as Answer;
}
const describeStream = (StreamArn: string, more: object = {}) =>
  call('DescribeStream', { StreamArn, ...more }).StreamDescription as Described;
const iterator = (
  StreamArn: string,
  ShardId: string,
  ShardIteratorType = 'TRIM_HORIZON',
  more: object = {},
) => call('GetShardIterator', { StreamArn, ShardId, ShardIteratorType, ...more }).ShardIterator as string;
const read = (ShardIterator: string, more: object = {}) =>
  call('GetRecords', { ShardIterator, ...more }) as unknown as Read;
const idsIn = ({ Records }: Read) => Records.map(({ dynamodb }) => dynamodb.Keys.id!.S);
const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
  return 'none';
};

describe('what a record contains', () => {
  const before = { id: { S: 'a' }, old: { S: 'x' } };
  const after = { id: { S: 'a' }, new: { S: 'y' } };
  test.each(VIEW_TYPES)('with %s', (viewType) => {
    const stream = streams.enable(table('t'), viewType, 1);
    stream.record({ key: { id: { S: 'a' } }, before, after });
    const [{ dynamodb, eventName }] = read(iterator(stream.arn, stream.shards[0]!.id)).Records as [never];
    expect(eventName).toBe('MODIFY');
    expect({ StreamViewType: viewType, ...(dynamodb as object) }).toEqual({
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { id: { S: 'a' } },
      ...(viewType.startsWith('NEW') && { NewImage: after }),
      ...(viewType.endsWith('OLD_IMAGE') || viewType.endsWith('OLD_IMAGES') ? { OldImage: before } : {}),
      SequenceNumber: expect.stringMatching(/^\d{21}$/),
      SizeBytes: expect.any(Number),
      StreamViewType: viewType,
    });
  });

  test('a deletion by time to live names DynamoDB as its cause', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    stream.record({ key: { id: { S: 'a' } }, before, after: undefined, expired: true });
    const [record] = read(iterator(stream.arn, stream.shards[0]!.id)).Records;
    expect(record).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });

  test('a write that changes nothing has no record', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    stream.record({ key: { id: { S: 'a' } }, before, after: { ...before } });
    stream.record({ key: { id: { S: 'a' } }, before: undefined, after: undefined });
    expect(read(iterator(stream.arn, stream.shards[0]!.id)).Records).toEqual([]);
  });
});

describe('shards', () => {
  test('divide the keys, and a key stays in its lineage when they split and roll', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 3);
    const ids = Array.from({ length: 200 }, (_, index) => `key-${index}`);
    for (const id of ids) stream.record(insert(id, { n: { N: '1' } }));
    stream.succeed(stream.shards[1]!, 2);
    stream.succeed(stream.shards[0]!, 1);
    for (const id of ids) {
      const key = { id: { S: id } };
      stream.record({ key, before: key, after: { ...key, n: { N: '2' } } });
    }
    const lineages = new Map<string | undefined, string[]>([[undefined, ids]]);
    for (const { ShardId, ParentShardId } of describeStream(stream.arn).Shards) {
      const held = idsIn(read(iterator(stream.arn, ShardId))) as string[];
      expect(lineages.get(ParentShardId)).toEqual(expect.arrayContaining(held));
      lineages.set(ShardId, held);
    }
    lineages.delete(undefined);
    expect([...lineages.values()].map(({ length }) => length > 0)).toEqual(Array(6).fill(true));
    expect([...lineages.values()].flat()).toHaveLength(400);
  });

  test('have ascending sequence numbers, which their children continue', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    stream.record(insert('a'));
    stream.record(insert('b'));
    stream.succeed(stream.shards[0]!, 1);
    stream.record(insert('c'));
    const [parent, child] = describeStream(stream.arn).Shards;
    const numbers = [parent!, child!].flatMap(({ ShardId, SequenceNumberRange: range }) => [
      range.StartingSequenceNumber,
      ...read(iterator(stream.arn, ShardId)).Records.map(({ dynamodb }) => dynamodb.SequenceNumber),
      ...(range.EndingSequenceNumber === undefined ? [] : [range.EndingSequenceNumber]),
    ]);
    expect(numbers).toHaveLength(6);
    expect(numbers).toEqual([...new Set(numbers)].toSorted());
    expect(child!.SequenceNumberRange.EndingSequenceNumber).toBeUndefined();
  });

  test('roll after four hours, so that a quiet one is not open when its records are trimmed', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    stream.record(insert('a'));
    clock.offsetMs = 3.9 * HOUR_MS;
    expect(describeStream(stream.arn).Shards).toHaveLength(1);
    clock.offsetMs = 4 * HOUR_MS;
    stream.record(insert('b'));
    const [parent, child] = describeStream(stream.arn).Shards;
    expect(child!.ParentShardId).toBe(parent!.ShardId);
    expect([parent, child].map((each) => idsIn(read(iterator(stream.arn, each!.ShardId))))).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  test('are listed page by page', () => {
    const { arn } = streams.enable(table('t'), 'KEYS_ONLY', 7);
    const first = describeStream(arn, { Limit: 5 });
    const second = describeStream(arn, { Limit: 5, ExclusiveStartShardId: first.LastEvaluatedShardId });
    expect([first, second].map(({ Shards }) => Shards.length)).toEqual([5, 2]);
    expect(second.LastEvaluatedShardId).toBeUndefined();
    expect(new Set([...first.Shards, ...second.Shards].map(({ ShardId }) => ShardId)).size).toBe(7);
  });

  test('are closed when the stream is disabled, and both are gone a day later', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 2);
    stream.record(insert('a'));
    stream.disable();
    stream.record(insert('b'));
    const { StreamStatus, Shards } = describeStream(stream.arn);
    expect(StreamStatus).toBe('DISABLED');
    const all = Shards.map(({ ShardId }) => read(iterator(stream.arn, ShardId)));
    expect(all.flatMap(idsIn)).toEqual(['a']);
    expect(all.map(({ NextShardIterator }) => NextShardIterator)).toEqual([undefined, undefined]);
    clock.offsetMs = 24 * HOUR_MS;
    expect(failure(() => describeStream(stream.arn))).toBe('ResourceNotFoundException');
    expect(call('ListStreams', {}).Streams).toEqual([]);
  });
});

describe('reading', () => {
  test('returns at most so many records and 1 MB, and continues after them', () => {
    const stream = streams.enable(table('t'), 'NEW_IMAGE', 1);
    const big = { S: 'x'.repeat(300_000) };
    for (let index = 0; index < 10; index++) stream.record(insert(String(index), { big }));
    const first = read(iterator(stream.arn, stream.shards[0]!.id));
    expect(idsIn(first)).toEqual(['0', '1', '2']);
    const second = read(first.NextShardIterator!, { Limit: 2 });
    expect(idsIn(second)).toEqual(['3', '4']);
  });

  test('returns a record of more than 1 MB alone', () => {
    const stream = streams.enable(table('t'), 'NEW_AND_OLD_IMAGES', 1);
    const [key, image] = [{ id: { S: 'a' } }, { id: { S: 'a' }, big: { S: 'x'.repeat(600_000) } }];
    stream.record({ key, before: { ...image, n: { N: '1' } }, after: image });
    stream.record(insert('b'));
    const first = read(iterator(stream.arn, stream.shards[0]!.id));
    expect(idsIn(first)).toEqual(['a']);
    expect(idsIn(read(first.NextShardIterator!))).toEqual(['b']);
  });

  test('begins at, after, or behind all records', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    const shard = stream.shards[0]!.id;
    for (const id of ['a', 'b', 'c']) stream.record(insert(id));
    const SequenceNumber = read(iterator(stream.arn, shard)).Records[1]!.dynamodb.SequenceNumber;
    const from = (type: string) => read(iterator(stream.arn, shard, type, { SequenceNumber }));
    expect(idsIn(from('AT_SEQUENCE_NUMBER'))).toEqual(['b', 'c']);
    expect(idsIn(from('AFTER_SEQUENCE_NUMBER'))).toEqual(['c']);
    const latest = iterator(stream.arn, shard, 'LATEST');
    stream.record(insert('d'));
    expect(idsIn(read(latest))).toEqual(['d']);
  });

  test('may return nothing although there are records', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    stream.record(insert('a'));
    stream.disable();
    emptyEvery = 1;
    const first = read(iterator(stream.arn, stream.shards[0]!.id));
    expect(first).toMatchObject({ Records: [], NextShardIterator: expect.any(String) });
    emptyEvery = 0;
    expect(idsIn(read(first.NextShardIterator!))).toEqual(['a']);
  });

  test('with an iterator is possible for 15 minutes', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    const held = iterator(stream.arn, stream.shards[0]!.id);
    clock.offsetMs = 14 * 60_000;
    expect(failure(() => read(held))).toBe('none');
    clock.offsetMs = 15 * 60_000;
    expect(failure(() => read(held))).toBe('ExpiredIteratorException');
  });

  test('goes by the clock of its own table', () => {
    const [moved, other] = ['t', 'other'].map((name) => streams.enable(table(name), 'KEYS_ONLY', 1));
    for (const stream of [moved!, other!]) stream.record(insert('a'));
    const [ofMoved, ofOther] = [moved!, other!].map(({ arn, shards }) => iterator(arn, shards[0]!.id));
    clock.offsetMs = 24 * HOUR_MS;
    expect(failure(() => read(ofMoved!))).toBe('ExpiredIteratorException');
    expect(idsIn(read(ofOther!))).toEqual(['a']);
    expect(describeStream(other!.arn).Shards).toHaveLength(1);
    expect(describeStream(moved!.arn).Shards).toHaveLength(2);
  });

  test('past records that are a day old fails, and never passes over them', () => {
    const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
    const shard = stream.shards[0]!;
    stream.record(insert('a'));
    const [{ dynamodb }] = read(iterator(stream.arn, shard.id)).Records as [Read['Records'][number]];
    clock.offsetMs = 23.9 * HOUR_MS;
    const unread = iterator(stream.arn, shard.id);
    clock.offsetMs = 24 * HOUR_MS;
    stream.record(insert('b'));
    const at = (type: string, SequenceNumber: string) => () =>
      iterator(stream.arn, shard.id, type, { SequenceNumber });
    expect(failure(() => read(unread))).toBe('TrimmedDataAccessException');
    expect(failure(at('AFTER_SEQUENCE_NUMBER', dynamodb.SequenceNumber))).toBe('TrimmedDataAccessException');
    const first = describeStream(stream.arn).Shards[0]!.SequenceNumberRange.StartingSequenceNumber;
    expect(failure(at('AT_SEQUENCE_NUMBER', first))).toBe('TrimmedDataAccessException');
    expect(read(iterator(stream.arn, shard.id))).toEqual({ Records: [] });
    expect(idsIn(read(iterator(stream.arn, stream.shards.at(-1)!.id)))).toEqual(['b']);
  });

  test.each([
    ['no-iterator', 'ValidationException', () => read('no-iterator')],
    ['another stream', 'ResourceNotFoundException', () => describeStream('arn:x/stream/y')],
    ['a limit above 1,000', 'ValidationException', () => read('x', { Limit: 1001 })],
  ])('refuses %s', (_what, name, run) => {
    expect(failure(run)).toBe(name);
  });
});

test('when the outcome of a write is not known, no reader passes over it', () => {
  const stream = streams.enable(table('t'), 'KEYS_ONLY', 1);
  const shard = stream.shards[0]!.id;
  stream.record(insert('a'));
  const upToDate = read(iterator(stream.arn, shard)).NextShardIterator!;
  stream.lose();
  stream.record(insert('b'));
  expect(failure(() => read(upToDate))).toBe('TrimmedDataAccessException');
  expect(idsIn(read(iterator(stream.arn, shard)))).toEqual(['b']);
});

test('beyond its memory, the oldest records are trimmed', () => {
  start({ maxBytes: 4 * 1024 * 1024 });
  const old = streams.enable(table('old'), 'NEW_IMAGE', 1);
  old.record(insert('a'));
  const held = iterator(old.arn, old.shards[0]!.id);
  const busy = streams.enable(table('busy'), 'NEW_IMAGE', 1);
  for (let index = 0; index < 40; index++)
    busy.record(insert(String(index), { x: { S: 'x'.repeat(300_000) } }));
  const bytes = [old, busy].flatMap(({ shards }) => shards.map(({ records }) => records.bytes));
  expect(bytes[0]! + bytes[1]!).toBeLessThan(6 * 1024 * 1024);
  expect(failure(() => read(held))).toBe('TrimmedDataAccessException');
});

describe('after a restart', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'streams-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function recorded() {
    const file = new StreamFile(join(directory, 'streams.jsonl'));
    start({ file });
    const stream = streams.enable(table('t'), 'NEW_IMAGE', 2);
    stream.record(insert('é'));
    stream.succeed(stream.shards[0]!, 2);
    const [first] = describeStream(stream.arn).Shards;
    for (let index = 0; index < 20; index++) stream.record(insert(randomUUID()));
    const described = describeStream(stream.arn);
    const all = () => described.Shards.map(({ ShardId }) => read(iterator(stream.arn, ShardId)).Records);
    return { file, arn: stream.arn, first: first!, described, all };
  }

  test('in order, streams and records are as before, and later sequence numbers are greater', () => {
    const { file, arn, described, all } = recorded();
    const before = all();
    streams.close();
    start({ file });
    expect(describeStream(arn)).toEqual(described);
    expect(all()).toEqual(before);
    streams.enabledOf('t')!.record(insert('later'));
    const last = (shards: ReturnType<typeof all>) =>
      shards
        .flatMap((records) => records.map(({ dynamodb }) => dynamodb.SequenceNumber))
        .toSorted()
        .at(-1)!;
    expect(last(all()) > last(before)).toBe(true);
  });

  test('in order, what was trimmed before it is still trimmed', () => {
    const { file, arn, first } = recorded();
    const held = iterator(arn, first.ShardId);
    streams.byArn(arn)!.shards[0]!.records.trimWhile(() => true);
    streams.close();
    start({ file });
    expect(failure(() => read(held))).toBe('TrimmedDataAccessException');
  });

  test('after a crash, every position counts as trimmed', () => {
    const { file, arn, first, described } = recorded();
    const held = iterator(arn, first.ShardId);
    start({ file });
    expect(describeStream(arn)).toEqual(described);
    const SequenceNumber = first.SequenceNumberRange.StartingSequenceNumber;
    for (const run of [
      () => read(held),
      () => iterator(arn, first.ShardId, 'AT_SEQUENCE_NUMBER', { SequenceNumber }),
    ]) {
      expect(failure(run)).toBe('TrimmedDataAccessException');
    }
  });
});
