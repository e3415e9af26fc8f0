import { text as readText } from 'node:stream/consumers';
import { Terminal } from '../../clients/errors.ts';
import type { QueryRows } from '../../clients/table-engine.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { hasFormat } from '../../pipeline/datasets/derived/derived-store.ts';
import { partitionTableColumns } from '../../pipeline/datasets/partitions/partition-columns.ts';
import { csvLines, jsonLines, tableLines } from '../query/result-lines.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { byteSize, counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { askDatasets, type QueriedDataset, queriedSource } from './ask-datasets.ts';
import { type AnyDataset, allDatasetsHere, moduleFile } from './datasets-here.ts';
import { rebuiltBy } from './fetch-file.ts';
import { catalogueColumns } from './show-catalogue.ts';
import { typedRows } from './typed-rows.ts';

export interface QueryDatasetsOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly limit?: number;
  readonly config?: string;
}

/** Rows that are printed on a terminal unless `--limit` says otherwise. JSON and CSV are for programs: all rows. */
const TABLE_ROWS = 1000;

/**
 * `tributary dataset query`: one SELECT over the current generations of datasets, in an engine on this machine. Only the files of
 * partitions that the query reads are fetched.
 */
export async function queryDatasets(sql: string, options: QueryDatasetsOptions): Promise<ExitCode> {
  const statement = sql === '-' ? await readText(process.stdin) : sql;
  if (statement.trim() === '') throw new CommandError(ExitCode.usage, 'There is no SQL to run.');
  const named = namedDatasets(statement, await allDatasetsHere(options.config));
  useLocalStack(chosenLocalStack(options.config));
  const interrupt = onInterrupt();
  try {
    const datasets: Record<string, QueriedDataset> = {};
    for (const [name, definition] of named)
      datasets[name] = {
        ...(await queried(name, definition, options.config)),
        remedy: (value) => rebuiltBy(name, definition, value),
      };
    await askDatasets(statement, datasets, interrupt.signal, async (answer, { partitions, bytes }) => {
      const note = `read ${counted(partitions, 'partition')}, ${byteSize(bytes)}`;
      process.stderr.write(`${paletteFor(process.stderr).dim(note)}\n`);
      await print(answer, options);
    });
    return ExitCode.done;
  } catch (error) {
    if (error instanceof Terminal && error.code === 'QueryInvalid')
      throw new CommandError(ExitCode.failed, error.message, { cause: error });
    if (error instanceof ModuleUnusable)
      throw new CommandError(ExitCode.usage, error.message, { cause: error });
    throw error;
  } finally {
    interrupt.release();
  }
}

async function queried(
  name: string,
  definition: AnyDataset,
  config: string | undefined,
): Promise<QueriedDataset> {
  const { bucket, prefix } = definition.store;
  const files = { store: storesHere().store(bucket), at: { prefix } };
  if ('source' in definition) return queriedSource(definition, files, moduleFile(definition, config));
  if ('inputs' in definition && !hasFormat(definition.store, 'parquet'))
    throw new CommandError(
      ExitCode.usage,
      `Dataset ${name} is only text: set store.format: [parquet, tsv] to query it, or print it with dataset get.`,
    );
  const columns = await catalogueColumns(name, definition, config);
  return { files, columns, partitionColumns: partitionTableColumns(definition.partition) };
}

/** The datasets whose names occur in the text; the engine finds out which of them the query reads. */
function namedDatasets(sql: string, datasets: Readonly<Record<string, AnyDataset>>): [string, AnyDataset][] {
  const text = sql.toLowerCase();
  const all = Object.entries(datasets);
  const named = all.filter(([name]) => text.includes(name.toLowerCase()));
  if (named.length > 0) return named;
  throw new CommandError(
    ExitCode.usage,
    all.length === 0
      ? 'The configuration has no datasets.'
      : `The query names no dataset. Known: ${all.map(([name]) => name).join(', ')}.`,
  );
}

async function print(
  answer: AsyncIterable<QueryRows>,
  { json = false, csv = false, limit }: QueryDatasetsOptions,
): Promise<void> {
  const most = limit ?? (json || csv ? Number.POSITIVE_INFINITY : TABLE_ROWS);
  const shown: QueryRows['rows'][number][] = [];
  let head: Pick<QueryRows, 'columns' | 'types'> = { columns: [], types: [] };
  let count = 0;
  let isWhole = true;
  for await (const { columns, types, rows } of answer) {
    const some = rows.slice(0, most - count);
    isWhole = some.length === rows.length;
    if (json || csv) {
      const table = typedRows({ columns, types, rows: some }, isWhole);
      const lines = json ? jsonLines(table) : csvLines(table).slice(count === 0 ? 0 : 1);
      for (const line of lines) process.stdout.write(`${line}\n`);
    } else for (const row of some) shown.push(row);
    head = { columns, types };
    count += some.length;
    if (!isWhole) break;
  }
  if (json || csv) {
    if (!isWhole) process.stderr.write(`These are the first ${counted(count, 'row')}, as --limit asks.\n`);
    return;
  }
  const table = typedRows({ ...head, rows: shown }, isWhole);
  for (const line of tableLines(table, paletteFor(process.stdout))) process.stdout.write(`${line}\n`);
}
