import { randomUUID } from 'node:crypto';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { addressOf } from '../../pipeline/loader/source-file.ts';
import { beside } from '../../pipeline/merge/beside-tables.ts';
import { columnType } from '../../pipeline/merge/column-type.ts';
import { foundTarget, targetQuery } from '../../pipeline/merge/target-query.ts';
import { setAsideRows } from '../../store/loader/set-aside-rows.ts';
import { ended } from '../query/read-only.ts';
import { warehouseHere } from '../query/warehouse-here.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { clipped } from '../terminal/text-table.ts';
import { filesWithoutTemporal, type LoadedTable, loadersHere, tableOf } from './loaders-here.ts';
import { batchNumbers, readBatch, readBatches, type StoredBatch } from './stored-batches.ts';

export interface LoaderRejectsOptions {
  readonly batch?: number;
  readonly all?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

/** Batches that are looked at for rows set aside, the newest first, unless `--all` says otherwise. */
const BATCHES_READ = 200;
const ROWS_SHOWN = 20;
const ROW_WIDTH = 100;

interface SetAside {
  readonly batch: number;
  /** As their batch counted them. */
  readonly rows: number;
}

/**
 * Lists the rows that batches set aside, because their key or `newest` is NULL, each with its file and line. COPY does not
 * tell which file a row came from, so the files of the batch are read again.
 */
export async function listLoaderRejects(name: string, options: LoaderRejectsOptions): Promise<ExitCode> {
  const { config, batch, all = false, json = false } = options;
  const table = tableOf(await loadersHere(config), name, config);
  const files = filesWithoutTemporal(table, config);
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  try {
    const numbers = batch === undefined ? await batchNumbers(files, signal) : [batch];
    const looked = all ? numbers : numbers.slice(0, BATCHES_READ);
    if (batch !== undefined && (await readBatch(files, batch, signal)) === undefined) {
      throw new CommandError(
        ExitCode.usage,
        `${name} has no batch ${batch}. List them: ${TRIBUTARY} loader batches ${name}${WITH_CONFIG}`,
      );
    }
    let rows = 0;
    const limit = options.limit ?? (all || json ? Number.POSITIVE_INFINITY : ROWS_SHOWN);
    const reading = new Reading(table);
    for await (const found of readBatches(files, looked, signal)) {
      const setAside = setAsideBy(found);
      if (setAside === 0) continue;
      rows += setAside;
      const at = { batch: found.number, rows: setAside };
      await reading.show(found, at, { limit, json, signal });
    }
    if (!json) process.stdout.write(`${summaryOf(name, { rows, looked, numbers })}\n`);
    return ExitCode.done;
  } finally {
    interrupt.release();
  }
}

const setAsideBy = ({ closed }: StoredBatch): number => (closed?.outcome === 'loaded' ? closed.setAside : 0);

function summaryOf(
  name: string,
  found: { readonly rows: number; readonly looked: readonly number[]; readonly numbers: readonly number[] },
): string {
  const { rows, looked, numbers } = found;
  const where =
    looked.length < numbers.length
      ? `the newest ${counted(looked.length, 'batch', 'batches')}`
      : 'all batches';
  const more = looked.length < numbers.length ? ` Look at all: --all` : '';
  return rows === 0
    ? `No rows of ${name} were set aside: looked at ${where}.${more}`
    : `${counted(rows, 'row')} set aside, in ${where}.${more} Correct the files and put them again: a file with other contents is another file.`;
}

/** Reads the files of batches for the rows that were set aside. */
class Reading {
  readonly #table: LoadedTable;
  /** Asked once: the types of the table's columns say which empty fields are NULL. */
  #columns: Promise<Columns> | undefined;

  constructor(table: LoadedTable) {
    this.#table = table;
  }

  async show(
    { batch }: StoredBatch,
    { batch: number, rows }: SetAside,
    { limit, json, signal }: { readonly limit: number; readonly json: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    this.#columns ??= columnsOf(this.#table, signal);
    const columns = await this.#columns;
    const { bold, dim, yellow } = paletteFor(process.stdout);
    const say = (line: string) => process.stdout.write(`${line}\n`);
    const loaders = Object.fromEntries(this.#table.loaders.map(({ name, loader }) => [name, loader]));
    if (!json) say(bold(`batch ${number} set ${counted(rows, 'row')} aside`));
    let shown = 0;
    let unread = false;
    for await (const found of setAsideRows({ ...storesHere(), loaders, ...columns }, batch.files, signal)) {
      const file = addressOf(found.file);
      if ('why' in found) {
        unread = true;
        if (json) say(JSON.stringify({ batch: number, file, notRead: found.why }));
        else say(yellow(`  ${file}: ${NOT_READ[found.why]}`));
        continue;
      }
      if (shown === limit) {
        if (!json) say(dim(`  and more: --all`));
        break;
      }
      shown++;
      const values = Object.fromEntries(found.values);
      if (json)
        say(JSON.stringify({ batch: number, file, line: found.line, missing: found.missing, values }));
      else {
        const reason = `${found.missing.join(' and ')} ${found.missing.length === 1 ? 'is' : 'are'} NULL`;
        say(
          `  line ${count(found.line)} of ${file}: ${reason}  ${dim(clipped(JSON.stringify(values), ROW_WIDTH))}`,
        );
      }
    }
    if (unread && !json) say(dim(`  The rows themselves: ${queryOf(this.#table, number)}`));
  }
}

const NOT_READ = {
  overwritten: 'it was overwritten since, so its lines are not those that were loaded',
  gone: 'it is gone',
  parquet: 'a Parquet file has no lines',
  'unknown loader': 'the configuration no longer has the loader that it came through',
} as const;

function queryOf({ table }: LoadedTable, batch: number): string {
  const name = beside('set_aside', { schema: table.schema, table: table.table }).replaceAll('"', '');
  return `${TRIBUTARY} query "select reason, row_json from ${name} where batch = ${batch}"`;
}

interface Columns {
  readonly columns: readonly string[];
  readonly textColumns: ReadonlySet<string>;
}

/** The columns of the table. If the warehouse cannot be asked here, empty fields of every column count as NULL. */
async function columnsOf({ loaders: [{ loader }] }: LoadedTable, signal: AbortSignal): Promise<Columns> {
  try {
    return await askColumns(loader, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    process.stderr.write(
      `${paletteFor(process.stderr).yellow(
        `The table cannot be looked at here (${messageOf(error)}), so empty fields of any column are shown as NULL.`,
      )}\n`,
    );
    return { columns: [], textColumns: new Set() };
  }
}

async function askColumns({ target }: LoaderDefinition, signal: AbortSignal): Promise<Columns> {
  const warehouse = await warehouseHere(target);
  const sql = targetQuery(target.schema, target.table);
  const id = await warehouse.submit([sql], { name: 'tributary loader rejects', clientToken: randomUUID() });
  await ended(warehouse, id, signal);
  const found = foundTarget(target.schema, target.table, await warehouse.rows(id, 1));
  const columns = found?.columns ?? [];
  const isText = (type: string) => ['character', 'char'].includes(columnType(type).kind);
  return {
    columns: columns.map(({ name }) => name),
    textColumns: new Set(columns.filter(({ type }) => isText(type)).map(({ name }) => name)),
  };
}
