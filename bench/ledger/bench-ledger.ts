import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { createS3ObjectStore, s3Client } from '../../src/clients/s3/s3-object-store.ts';
import { graphWorkflowId, isAllBuilt, type RefreshGraphResult } from '../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../src/contract/refresh.ts';
import { MemoryWatch, type Peaks } from '../datasets/memory-watch.ts';
import { startBenchWorker } from '../speed/bench-worker.ts';
import { cpuSeconds } from '../speed/process-tree.ts';
import { assertCorrection, assertFirst, assertStatements } from './assert-written.ts';
import { countWrites } from './counted-writes.ts';
import { Ledger, type LedgerSize } from './ledger.ts';
import { ledgerConfig } from './ledger-config.ts';
import { type DatasetWrites, writesByDataset } from './written-partitions.ts';

/** For which the partitions are built. */
const NOW = '2026-12-01T00:00:00Z';

export interface LedgerBenchOptions extends LedgerSize {
  readonly addresses: StackAddresses;
  /** For the worker's configuration. */
  readonly directory: string;
  /** That the worker may use; none: any. */
  readonly cores: readonly number[];
  /** Whose sums the correction changes. */
  readonly correctedAccounts: number;
  /** Where CPU profiles are written; absent: none. */
  readonly profileDirectory?: string | undefined;
  readonly log?: (line: string) => void;
}

/** Workflows of one kind. */
interface WorkflowSpan {
  readonly what: string;
  readonly count: number;
  /** From the run's start to the first start and to the last end, in seconds. */
  readonly from: number;
  readonly to: number;
  /** Of the longest execution: how long it took, and events of the one with the most. */
  readonly longestSeconds: number;
  readonly mostEvents: number;
}

export interface LedgerRun {
  readonly what: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peaks: Peaks;
  readonly built: number;
  readonly requests: ReadonlyMap<string, number>;
  readonly writes: ReadonlyMap<string, DatasetWrites>;
  readonly spans: readonly WorkflowSpan[];
}

export interface LedgerResult {
  readonly size: LedgerSize;
  /** Of the JSON, in files, and as they are stored. */
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly files: number;
  readonly statements: number;
  readonly correctedAccounts: number;
  readonly runs: readonly LedgerRun[];
}

/**
 * Builds statistics and statements of all transactions, corrects some of one day and builds again, with a worker as its users start it.
 * @throws unless every statement has the text that the generator computed itself, and the correction wrote what it changed and nothing else
 */
export async function benchLedger(options: LedgerBenchOptions): Promise<LedgerResult> {
  const { addresses, directory, cores, correctedAccounts, days, profileDirectory, log = () => {} } = options;
  const { s3 } = addresses;
  const name = `bench-${randomBytes(4).toString('hex')}`;
  // The SDK's default credential chain reads the process's environment.
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_REGION: addresses.dynamodb.region,
  });
  const client = s3Client({ endpoint: s3.endpoint, region: addresses.dynamodb.region });
  const store = createS3ObjectStore({ client, bucket: s3.bucket });
  const counted = await countWrites(s3.endpoint, s3.bucket);
  mkdirSync(directory, { recursive: true });
  const config = join(directory, `${name}.yaml`);
  writeFileSync(config, stringify(ledgerConfig({ bucket: s3.bucket, name, days })));
  const profile =
    profileDirectory === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDirectory}` };
  const worker = await startBenchWorker({
    ...{ temporalAddress: addresses.temporal.address, namespace: name, cores },
    environment: {
      ...process.env,
      ...stackEnvironment({ ...addresses, s3: { ...s3, endpoint: counted.endpoint } }),
      ...profile,
      TRIBUTARY_CONFIG: config,
    } as Record<string, string>,
  });
  const runs: LedgerRun[] = [];
  const run = async (what: string): Promise<LedgerRun> => {
    log(what);
    counted.take();
    const memory = new MemoryWatch(worker.pid);
    const [beganMs, before] = [Date.now(), cpuSeconds(worker.pid)];
    const ended = worker.client.workflow.execute('refreshGraph', {
      ...{ workflowId: graphWorkflowId('all', `${runs.length}`), taskQueue: CONTROL_TASK_QUEUE },
      args: [{ now: NOW }],
    }) as Promise<RefreshGraphResult>;
    try {
      const result = await Promise.race([worker.failed, ended]);
      const spent = { seconds: (Date.now() - beganMs) / 1000, cpuSeconds: cpuSeconds(worker.pid) - before };
      if (!isAllBuilt(result)) throw new Error(`Not all was built: ${JSON.stringify(result)}`);
      const { counts, written } = counted.take();
      const done = {
        ...{ what, ...spent, built: result.built, requests: counts },
        writes: writesByDataset(written, `${name}-tables/`),
        spans: await spansOf(worker.client, beganMs),
      };
      const measured = { ...done, peaks: await memory.end() };
      runs.push(measured);
      return measured;
    } finally {
      await memory.end();
    }
  };
  try {
    const ledger = new Ledger(options);
    let [bytes, compressedBytes, files] = [0, 0, 0];
    log('writing the transactions');
    for (const file of ledger.files()) {
      await store.put(`${name}-raw/${file.path}`, file.body);
      [bytes, compressedBytes, files] = [
        bytes + file.bytes,
        compressedBytes + file.body.byteLength,
        files + 1,
      ];
    }
    const statements = { store, at: { prefix: `${name}-tables/statements` } };
    const first = await run('from nothing');
    log('comparing the statements');
    const count = await assertStatements(statements, ledger);
    assertFirst(first.writes, days, count);
    const correction = ledger.correct(correctedAccounts);
    await store.put(`${name}-raw/${correction.file.path}`, correction.file.body);
    const second = await run(`${correctedAccounts} accounts corrected on ${correction.day}`);
    assertCorrection(second.writes, correction);
    log('comparing the statements');
    await assertStatements(statements, ledger);
    const third = await run('nothing changed');
    if (third.built > 0) throw new Error(`Nothing had changed, and ${third.built} partitions were built.`);
    return {
      size: { seed: options.seed, transactions: options.transactions, accounts: options.accounts, days },
      ...{ bytes, compressedBytes, files, statements: count, correctedAccounts, runs },
    };
  } finally {
    await worker.stop();
    await counted.close();
    client.destroy();
  }
}

/** The workflows since a time, by what they are for. */
async function spansOf(client: Client, sinceMs: number): Promise<WorkflowSpan[]> {
  const spans = new Map<string, WorkflowSpan>();
  for await (const { workflowId, type, startTime, closeTime, historyLength } of client.workflow.list()) {
    if (startTime.getTime() < sinceMs - 1000) continue;
    const what = type === 'buildPartition' ? workflowId.split('/').slice(0, 2).join(' ') : type;
    const [from, to] = [startTime, closeTime ?? new Date()].map(
      (time) => (time.getTime() - sinceMs) / 1000,
    ) as [number, number];
    const own = spans.get(what);
    spans.set(what, {
      what,
      count: (own?.count ?? 0) + 1,
      from: Math.min(own?.from ?? from, from),
      to: Math.max(own?.to ?? to, to),
      longestSeconds: Math.max(own?.longestSeconds ?? 0, to - from),
      mostEvents: Math.max(own?.mostEvents ?? 0, historyLength),
    });
  }
  return [...spans.values()].toSorted((a, b) => a.from - b.from);
}
