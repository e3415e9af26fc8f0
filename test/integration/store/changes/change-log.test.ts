import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createS3ObjectStore, s3Client } from '../../../../src/clients/s3/s3-object-store.ts';
import type { ChangeRecord } from '../../../../src/pipeline/changes/change-record.ts';
import type { Epoch, Gap, LogCheckpoint, LogShard } from '../../../../src/pipeline/changes/log-documents.ts';
import { KnownDocuments } from '../../../../src/store/changes/known-documents.ts';
import type { ChangeLog } from '../../../../src/store/changes/log-documents.ts';
import {
  claimEpoch,
  claimGap,
  claimLogCheckpoint,
  claimShard,
  findEpoch,
  lastLogCheckpoint,
  listLogCheckpoints,
  readGaps,
  readLogCheckpoints,
  readShards,
} from '../../../../src/store/changes/log-files.ts';
import { RecordsWriter, readRecords } from '../../../../src/store/changes/record-files.ts';
import { useStackCredentials } from '../../clients/use-stack-credentials.ts';
import { testStack } from '../../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();

const store = createS3ObjectStore({ client: s3Client({ endpoint }), bucket });
const { signal } = new AbortController();
const at = '2026-11-30T10:00:00.000Z';

const newLog = (): ChangeLog => ({
  store,
  at: { prefix: `logs/${randomUUID()}`, pipeline: 'orders', epoch: '0123456789abcdef' },
});

const checkpoint = (number: number, more: Partial<LogCheckpoint> = {}): LogCheckpoint => ({
  version: 1,
  shard: 'shardId-1',
  number,
  attempt: 'a',
  after: String(number),
  ended: false,
  counts: { inserted: 1, modified: 0, removed: 0, expired: 0 },
  total: { records: number, bytes: 10 * number },
  writtenAt: at,
  ...more,
});

const change = (n: number): ChangeRecord => ({
  sequence: String(n),
  kind: 'INSERT',
  at: 1_764_000_000 + n,
  key: { id: { N: String(n) } },
  image: { id: { N: String(n) }, text: { S: `change ${n}\n"\\ \u0000 \ud83d\ude00` } },
});

async function write(log: ChangeLog, ...changes: ChangeRecord[]) {
  const writer = new RecordsWriter();
  for (const each of changes) {
    writer.append(each);
    await writer.drain();
  }
  return writer.write(log, { shard: 'shardId-1', number: 1, attempt: 'a' }, signal);
}

async function read(log: ChangeLog, file: LogCheckpoint['file']): Promise<ChangeRecord[]> {
  const all: ChangeRecord[] = [];
  for await (const some of readRecords(log, { ...(file === undefined ? {} : { file }) }, signal))
    for (const each of some) all.push(each);
  return all;
}

describe('the documents of a change log', () => {
  test('an epoch, a shard and a gap are as their first writer wrote them', async () => {
    const log = newLog();
    const epoch: Epoch = {
      version: 1,
      epoch: log.at.epoch,
      kind: 'streams',
      tableName: 'orders',
      tableId: 't',
      streamArn: 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/2026',
      viewType: 'NEW_IMAGE',
      key: [{ name: 'id', kind: 'N' }],
      openedAt: at,
      roots: ['shardId-1'],
    };
    expect(await findEpoch(log)).toBeUndefined();
    expect(await claimEpoch(log, epoch, signal)).toEqual(epoch);
    expect(await claimEpoch(log, { ...epoch, roots: ['shardId-1', 'shardId-2'] }, signal)).toEqual(epoch);
    expect(await findEpoch(log)).toEqual(epoch);

    const root: LogShard = { version: 1, shard: 'shardId-1', foundAt: at, open: true, since: at };
    const child: LogShard = { ...root, shard: 'shardId-2', parent: 'shardId-1' };
    expect(await readShards(log)).toEqual([]);
    for (const shard of [child, root, { ...child, parent: 'shardId-0' }])
      await claimShard(log, shard, signal);
    expect(await readShards(log)).toEqual([root, child]);
    expect(await readShards(log, new Map([[root.shard, root]]))).toEqual([root, child]);

    const gap: Gap = { version: 1, id: 'b', reason: 'trimmed', message: 'lost', noticedAt: at };
    const earlier: Gap = { ...gap, id: 'z', noticedAt: '2026-11-30T09:00:00.000Z' };
    await claimGap(log, gap, signal);
    await claimGap(log, { ...gap, message: 'again' }, signal);
    await claimGap(log, earlier, signal);
    expect(await readGaps(log)).toEqual([earlier, gap]);
  });

  test('of which a process knows some already, it reads only the new ones', async () => {
    const log = newLog();
    const read: string[] = [];
    const counting: typeof store = {
      ...store,
      get: (key, options) => {
        read.push(key.slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1) + 1));
        return store.get(key, options);
      },
    };
    const documents = new KnownDocuments();
    const look = async () => [
      ...(await documents.shards({ ...log, store: counting }, signal)).map(({ shard }) => shard),
      ...(await documents.gaps({ ...log, store: counting }, signal)).map(({ id }) => id),
    ];
    const shard: LogShard = { version: 1, shard: 'shardId-1', foundAt: at, open: true, since: at };
    await claimShard(log, shard, signal);
    await claimGap(log, { version: 1, id: 'z', reason: 'trimmed', message: 'lost', noticedAt: at }, signal);
    expect(await look()).toEqual(['shardId-1', 'z']);
    await claimShard(log, { ...shard, shard: 'shardId-2', parent: 'shardId-1' }, signal);
    expect(await look()).toEqual(['shardId-1', 'shardId-2', 'z']);
    expect(await look()).toEqual(['shardId-1', 'shardId-2', 'z']);
    expect(read).toEqual(['shardId-1/shard.json', 'gaps/z.json', 'shardId-2/shard.json']);
  });

  test('of two writers of a checkpoint one wins, and reading resumes after the last one', async () => {
    const log = newLog();
    expect(await lastLogCheckpoint(log, 'shardId-1')).toBeUndefined();
    const [a, b] = await Promise.all(
      ['a', 'b'].map((attempt) => claimLogCheckpoint(log, checkpoint(1, { attempt }), signal)),
    );
    expect([a!.won, b!.won].filter((won) => won)).toHaveLength(1);
    expect(a!.value).toEqual(b!.value);
    for (const number of [2, 3, 10]) await claimLogCheckpoint(log, checkpoint(number), signal);
    expect(await listLogCheckpoints(log, 'shardId-1')).toEqual([1, 2, 3, 10]);
    expect(await listLogCheckpoints(log, 'shardId-1', 2)).toEqual([3, 10]);
    expect((await readLogCheckpoints(log, 'shardId-1', 1)).map(({ number }) => number)).toEqual([2, 3, 10]);
    expect(await lastLogCheckpoint(log, 'shardId-1')).toEqual(checkpoint(10));
    expect(await lastLogCheckpoint(log, 'shardId-1', 10)).toEqual(checkpoint(10));
    // Another shard whose id begins with the first one's has nothing to do with it.
    expect(await lastLogCheckpoint(log, 'shardId-')).toBeUndefined();
  });
});

describe('the records of a checkpoint', () => {
  test('are read as they were written, in order, over several blocks', async () => {
    const log = newLog();
    const changes = Array.from({ length: 5_000 }, (_, n) => change(n));
    const file = await write(log, ...changes);
    expect(file.records).toBe(5_000);
    expect(await read(log, file)).toEqual(changes);
    expect(await read(log, undefined)).toEqual([]);
  });

  test('keep attributes with any name', async () => {
    const log = newLog();
    const image = JSON.parse('{"id":{"N":"1"},"__proto__":{"S":"own"},"\\\\":{"S":"a"},"\\"":{"S":"b"}}');
    const found = await read(log, await write(log, { ...change(1), image }));
    expect(Object.entries(found[0]!.image!)).toEqual(Object.entries(image));
    expect(Object.hasOwn(found[0]!.image!, '__proto__')).toBe(true);
  });

  test('are refused if the file is gone, replaced, cut off or has others', async () => {
    const log = newLog();
    const file = await write(log, ...Array.from({ length: 100 }, (_, n) => change(n)));
    await expect(read(log, { ...file, key: `${file.key}x` })).rejects.toMatchObject({ code: 'FileMissing' });
    await expect(read(log, { ...file, records: 99 })).rejects.toMatchObject({ code: 'DamagedFile' });
    const { body } = (await store.get(file.key))!;
    const etag = await store.put(file.key, body.subarray(0, body.length - 10));
    await expect(read(log, file)).rejects.toMatchObject({ code: 'DamagedFile' });
    await expect(read(log, { ...file, etag })).rejects.toMatchObject({
      code: 'DamagedFile',
      message: expect.stringContaining(file.key),
    });
  });
});
