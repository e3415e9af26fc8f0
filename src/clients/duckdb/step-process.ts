import { stat } from 'node:fs/promises';
import { contentOf } from './content-of.ts';
import { derivedPath, deriveRows, parseTree, runChecks } from './derive-rows.ts';
import { type Database, openDatabase } from './duckdb-database.ts';
import { engineFailure } from './engine-failure.ts';
import { mergeFiles } from './merge-files.ts';
import { partitionsRead } from './partitions-read.ts';
import { queryRows } from './query-rows.ts';
import type { SendMore, StepAnswer, StepOrder, StepResult } from './step-protocol.ts';
import { writeRowFiles } from './write-row-files.ts';
import { writeText } from './write-text.ts';

/** A step's process: carries out one order after the other. It ends when its parent does, and after a failure. */

/** A process that holds more is not used again. */
const MOST_HELD_BYTES = 300 * 1024 ** 2;

let wantsMore = () => {};
process.once('disconnect', () => process.exit(1));
process.on('message', (message: StepOrder | SendMore) => {
  if (message.kind === 'more') wantsMore();
  else void answer(message);
});

async function answer(order: StepOrder): Promise<void> {
  try {
    const result = await carryOut(order);
    const takesMore = order.kind !== 'query' && process.memoryUsage.rss() < MOST_HELD_BYTES;
    await send({ kind: 'done', result, takesMore });
    if (!takesMore) process.exit(0);
  } catch (error) {
    await send({ kind: 'failed', ...engineFailure(error, order.kind) });
    process.exit(0);
  }
}

/** Threads that share less cost more CPU time than they save. */
const BYTES_PER_THREAD = 64 * 1024 ** 2;

/** Batches are written file by file. */
async function threadsFor(order: StepOrder): Promise<number> {
  const { limits, kind } = order;
  if (kind !== 'writeRows' && kind !== 'mergePartition') return limits.threads;
  const sizes = (await Promise.all(filesRead(order).map((path) => stat(path)))).map(({ size }) => size);
  const bytes = sizes.reduce((a, b) => (kind === 'writeRows' ? Math.max(a, b) : a + b), 0);
  return Math.min(limits.threads, Math.ceil(bytes / BYTES_PER_THREAD) || 1);
}

async function carryOut(order: StepOrder): Promise<StepResult> {
  const { request } = order;
  const limits = { ...order.limits, threads: await threadsFor(order) };
  const database = await openDatabase(limits, request.directory, {
    files: [...filesRead(order), ...(order.kind === 'derive' ? [derivedPath(order.request)] : [])],
    // The text of a query or step is anyone's: it reads its tables' files, and nothing else.
    isDirectoryOpen: !['query', 'partitionsRead', 'derive', 'check'].includes(order.kind),
    // Statistics of empty tables say that no row meets any condition.
    ...(order.kind === 'partitionsRead' && { disabledOptimizers: 'statistics_propagation' }),
  });
  try {
    return await carryOutIn(database, order);
  } finally {
    database.close();
  }
}

async function carryOutIn(database: Database, order: StepOrder): Promise<StepResult> {
  switch (order.kind) {
    case 'writeRows':
      return writeRowFiles(database, order.request);
    case 'mergePartition':
      return mergeFiles(database, order.request);
    case 'contentOf':
      return contentOf(database, order.request);
    case 'partitionsRead':
      return partitionsRead(database, order.request);
    case 'query':
      return queryRows(database, order.request, async (rows) => {
        const taken = new Promise<void>((resolve) => {
          wantsMore = resolve;
        });
        await send({ kind: 'rows', rows });
        await taken;
      }).then(() => undefined);
    case 'parseTree':
      return parseTree(database, order.request);
    case 'writeText':
      return writeText(database, order.request);
    case 'check':
      return runChecks(database, order.request);
    case 'derive':
      return deriveRows(database, order.request);
  }
}

function filesRead(order: StepOrder): readonly string[] {
  switch (order.kind) {
    case 'writeRows':
      return order.request.rowFiles.map(({ path }) => path);
    case 'mergePartition': {
      const { existing, added, duplicates } = order.request;
      return [
        ...existing.flatMap(({ path, sidePath }) => [path, sidePath]),
        ...added.map(({ path }) => path),
        ...duplicates,
      ];
    }
    case 'partitionsRead':
      return [];
    case 'contentOf':
    case 'writeText':
    case 'check':
      return order.request.files;
    case 'parseTree':
      return [];
    case 'derive':
    case 'query':
      return Object.values(order.request.tables).flatMap(({ partitions }) =>
        partitions.flatMap(({ files }) => files),
      );
  }
}

const send = (answer: StepAnswer) =>
  new Promise<void>((resolve, reject) => {
    process.send?.(answer, undefined, undefined, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
