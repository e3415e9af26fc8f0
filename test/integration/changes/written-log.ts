import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { historyRound } from '../../../src/activities/apply-changes/history/history-round.ts';
import type { HistoryDestination } from '../../../src/activities/apply-changes/history/open-history.ts';
import { ApplyTurns } from '../../../src/activities/runtime/apply-turns.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import type { ApplyRoundResult } from '../../../src/contract/changes/apply-activities.ts';
import type { ChangeRecord } from '../../../src/pipeline/changes/change-record.ts';
import type { LogCheckpoint } from '../../../src/pipeline/changes/log-documents.ts';
import { HistoryLines } from '../../../src/pipeline/history/history-lines.ts';
import { FOR_LOOKS } from '../../../src/pipeline/mapping/hide/hiding.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { claimEpoch, claimLogCheckpoint, claimShard } from '../../../src/store/changes/log-files.ts';
import { RecordsWriter } from '../../../src/store/changes/record-files.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();
export const store = createS3ObjectStore({ client: s3Client({ endpoint }), bucket });
const deps = dependenciesFromEnvironment({});
const { signal } = new AbortController();
const gunzip = promisify(zlib.gunzip);

export const EPOCH = '0123456789abcdef';
const KEY = [{ name: 'id', kind: 'S' as const }];

/** A log that a test writes, and the history that rounds make of it. */
export class WrittenLog {
  readonly prefix = `histories/${randomUUID()}`;
  readonly #totals = new Map<string, { number: number; records: number; bytes: number }>();
  #sequence = 0;

  log(epoch = EPOCH): ChangeLog {
    return { store, at: { prefix: `${this.prefix}/log`, pipeline: 'orders', epoch } };
  }

  /** @param history the store of the history, if it is not the real one */
  destination(history: ObjectStore = store): HistoryDestination {
    const mapping = Mapping.parse({});
    return {
      pipeline: 'orders',
      alertAtLagSeconds: 43_200,
      history: { store: history, at: { prefix: `${this.prefix}/lake`, pipeline: 'orders' } },
      log: { store, prefix: `${this.prefix}/log` },
      lines: (key) => new HistoryLines(mapping, mapping, key, FOR_LOOKS),
    };
  }

  async open(shards: readonly string[], epoch = EPOCH): Promise<void> {
    const openedAt = '2026-11-29T00:00:00.000Z';
    await claimEpoch(
      this.log(epoch),
      {
        ...{ version: 1, epoch, kind: 'streams', tableName: 'orders', tableId: 't', streamArn: 'a' },
        ...{ viewType: 'NEW_AND_OLD_IMAGES', key: KEY, openedAt, roots: [...shards] },
      },
      signal,
    );
    for (const shard of shards)
      await claimShard(
        this.log(epoch),
        { version: 1, shard, foundAt: openedAt, open: true, since: openedAt },
        signal,
      );
  }

  /** Adds a shard that follows another. */
  async follow(parent: string, shard: string, foundAt: string): Promise<void> {
    const document = { version: 1 as const, shard, parent, foundAt, open: true, since: foundAt };
    await claimShard(this.log(), document, signal);
  }

  /** Adds a checkpoint with a change of each of these ids. */
  async record(
    shard: string,
    changes: readonly (readonly [id: string, at: number])[],
    { epoch = EPOCH, ...more }: Partial<LogCheckpoint> & { readonly epoch?: string } = {},
  ): Promise<void> {
    const log = this.log(epoch);
    const name = `${epoch}/${shard}`;
    const before = this.#totals.get(name) ?? { number: 0, records: 0, bytes: 0 };
    const number = before.number + 1;
    const writer = new RecordsWriter();
    for (const [id, at] of changes) {
      const key = { id: { S: id } };
      const record: ChangeRecord = {
        sequence: String(++this.#sequence),
        kind: 'INSERT',
        at,
        key,
        image: key,
      };
      writer.append(record);
    }
    const file =
      changes.length === 0 ? undefined : await writer.write(log, { shard, number, attempt: 'a' }, signal);
    const total = {
      records: before.records + changes.length,
      bytes: before.bytes + (file?.bytes ?? 0),
    };
    this.#totals.set(name, { number, ...total });
    await claimLogCheckpoint(
      log,
      {
        ...{ version: 1, shard, number, attempt: 'a', ended: false, total },
        ...(file === undefined ? {} : { file }),
        counts: { inserted: changes.length, modified: 0, removed: 0, expired: 0 },
        writtenAt: '2026-11-30T00:11:00.000Z',
        ...more,
      },
      signal,
    );
  }

  round(destination = this.destination()): Promise<ApplyRoundResult> {
    const input = { pipeline: 'orders', destination: 'history', atMostSeconds: 0 };
    const logger = new DefaultLogger('ERROR');
    return new MockActivityEnvironment({}, { logger }).run(() =>
      historyRound(deps, new ApplyTurns(), destination, input),
    );
  }

  /** The ids of the changes, by the folder of their file, in the order of the keys. */
  async ids(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const key of await this.keys()) {
      const day = /date=([^/]+)/.exec(key)?.[1];
      if (day === undefined) continue;
      const object = (await store.get(key))!;
      const lines = (await gunzip(object.body)).toString().trimEnd().split('\n');
      const ids = lines.map((line) => (JSON.parse(line) as { key: { id: { S: string } } }).key.id.S);
      found[day] = [...(found[day] ?? []), ...ids];
    }
    return found;
  }

  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of store.list(`${this.prefix}/lake/`)) keys.push(key);
    return keys;
  }
}
