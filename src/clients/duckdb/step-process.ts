import { contentOf } from './content-of.ts';
import { derivedPath, deriveRows, parseTree } from './derive-rows.ts';
import { openDatabase } from './duckdb-database.ts';
import { engineFailure } from './engine-failure.ts';
import { mergeFiles } from './merge-files.ts';
import { partitionsRead } from './partitions-read.ts';
import { queryRows } from './query-rows.ts';
import type { SendMore, StepAnswer, StepOrder, StepResult } from './step-protocol.ts';
import { writeRowFiles } from './write-row-files.ts';

/** A step's process: carries out one order and ends. It also ends when its parent does. */

process.once('disconnect', () => process.exit(1));
process.once('message', (order: StepOrder) => {
  void carryOut(order)
    .then((result): StepAnswer => ({ kind: 'done', result }))
    .catch((error: unknown): StepAnswer => ({ kind: 'failed', ...engineFailure(error, order.kind) }))
    .then((answer) => send(answer))
    .then(() => process.exit(0));
});

async function carryOut(order: StepOrder): Promise<StepResult> {
  const { limits, request } = order;
  const database = await openDatabase(limits, request.directory, {
    files: [...filesRead(order), ...(order.kind === 'derive' ? [derivedPath(order.request)] : [])],
    // The text of a query or step is anyone's: it reads its tables' files, and nothing else.
    isDirectoryOpen: !['query', 'partitionsRead', 'derive'].includes(order.kind),
    // Statistics of empty tables say that no row meets any condition.
    ...(order.kind === 'partitionsRead' && { disabledOptimizers: 'statistics_propagation' }),
  });
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
        const taken = new Promise<SendMore>((resolve) => process.once('message', resolve));
        await send({ kind: 'rows', rows });
        await taken;
      }).then(() => undefined);
    case 'parseTree':
      return parseTree(database, order.request);
    case 'derive':
      return deriveRows(database, order.request);
  }
}

function filesRead(order: StepOrder): readonly string[] {
  switch (order.kind) {
    case 'writeRows':
      return order.request.rowFiles;
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
