import { columnsId, contentQuery } from '../../pipeline/datasets/parquet/content-sql.ts';
import { textList } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import type { Content, ContentRequest } from '../table-engine.ts';
import { type Database, openDatabase } from './duckdb-database.ts';
import { engineFailure } from './engine-failure.ts';
import { mergeFiles } from './merge-files.ts';
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
    files: filesRead(order),
    // A query is anyone's text: it reads its tables' files, and nothing else.
    isDirectoryOpen: order.kind !== 'query',
  });
  switch (order.kind) {
    case 'writeRows':
      return writeRowFiles(database, order.request);
    case 'mergePartition':
      return mergeFiles(database, order.request);
    case 'contentOf':
      return contentOf(database, order.request);
    case 'query':
      return queryRows(database, order.request, async (rows) => {
        const taken = new Promise<SendMore>((resolve) => process.once('message', resolve));
        await send({ kind: 'rows', rows });
        await taken;
      }).then(() => undefined);
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
    case 'contentOf':
      return order.request.files;
    case 'query':
      return Object.values(order.request.tables).flatMap(({ partitions }) =>
        partitions.flatMap(({ files }) => files),
      );
  }
}

async function contentOf(database: Database, { columns, files }: ContentRequest): Promise<Content> {
  if (files.length === 0) return { columnsId: columnsId(columns), rows: 0, sums: ['0', '0'] };
  const [content] = await database.rows(
    contentQuery(columns, `read_parquet(${textList(files)}, union_by_name = true)`),
  );
  const [rows, first, last] = (content ?? []).map(String);
  return { columnsId: columnsId(columns), rows: Number(rows), sums: [first ?? '', last ?? ''] };
}

const send = (answer: StepAnswer) =>
  new Promise<void>((resolve, reject) => {
    process.send?.(answer, undefined, undefined, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
