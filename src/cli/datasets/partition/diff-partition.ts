import {
  type ChangedRow,
  pairByKey,
  RowCounts,
  type RowsDiff,
  type TextRow,
} from '../../../pipeline/datasets/diff-rows.ts';
import type { PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { unescapedField } from '../../../pipeline/datasets/parquet/text-sql.ts';
import { partitionTableColumns } from '../../../pipeline/datasets/partitions/partition-columns.ts';
import { declaredKey } from '../../../pipeline/datasets/row-key.ts';
import type { TextFile } from '../../../pipeline/datasets/text-files.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { onInterrupt } from '../../terminal/interrupt.ts';
import { count, counted } from '../../terminal/measures.ts';
import { paletteFor } from '../../terminal/palette.ts';
import { clipped, textTable } from '../../terminal/text-table.ts';
import { checksHere } from '../checks-here.ts';
import { inTemporaryDirectory } from '../temporary-directory.ts';
import {
  generationBefore,
  generationHere,
  type PartitionHere,
  partitionHere,
  refuseNoPartition,
} from './generation-here.ts';
import { linesOf, linesOfFile, type TextPlace, textFilesOf } from './text-of-generation.ts';

export interface DiffOptions {
  /** Generations: `7`, or `7-<id>`. */
  readonly from?: string;
  readonly to?: string;
  /** Two publications, or one, which is compared with what is published now. */
  readonly publication?: readonly string[];
  /** Columns that identify a row. Default: as the dataset declares them. */
  readonly key?: readonly string[];
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

const TABLE_ROWS = 100;
/** Differing rows that are held in memory. */
const MOST_DIFFERING = 2_000_000;

/** `tributary dataset diff`: the rows in which two generations of a partition differ. */
export async function diffPartition(dataset: string, value: string, options: DiffOptions): Promise<ExitCode> {
  const interrupt = onInterrupt();
  return inTemporaryDirectory(async (directory) => {
    const { signal } = interrupt;
    const partition = await partitionHere(dataset, value, options.config, signal);
    refuseNoPartition(partition);
    const [before, after] = await bothGenerations(partition, options);
    const place = { files: partition.files, path: partition.path, directory, signal };
    const columns = [...new Set([...before.columns, ...after.columns].map(({ name }) => name))];
    const key = await keyOf(partition, options, columns);
    const diff = pairByKey(columns, key, (await differences(place, before, after, columns)).differing());
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(asJson(partition, { before, after, key }, diff))}\n`
        : asTable(partition, { before, after, key }, diff, options.limit ?? TABLE_ROWS),
    );
    return ExitCode.done;
  }).finally(() => interrupt.release());
}

async function bothGenerations(
  partition: PartitionHere,
  { from, to, publication = [] }: DiffOptions,
): Promise<readonly [PublishedGeneration, PublishedGeneration]> {
  const [first, second, ...more] = publication;
  if (more.length > 0) throw new CommandError(ExitCode.usage, 'Name at most two publications.');
  if (first !== undefined && (from !== undefined || to !== undefined))
    throw new CommandError(ExitCode.usage, 'Name either publications, or generations with --from and --to.');
  if (first !== undefined)
    return Promise.all([
      generationHere(partition, { publication: first }),
      generationHere(partition, { publication: second }),
    ]);
  const after = await generationHere(partition, { generation: to });
  const before = await generationHere(partition, {
    generation: from ?? (await generationBefore(partition, after)),
  });
  return [before, after];
}

/** As it is given, else as the dataset declares it. */
async function keyOf(
  { definition }: PartitionHere,
  { key, config }: DiffOptions,
  columns: readonly string[],
): Promise<readonly string[]> {
  if (key === undefined)
    return declaredKey(
      {
        deduplicate: 'deduplicate' in definition ? definition.deduplicate : undefined,
        checks: await checksHere(definition, config),
        filePer: 'filePer' in definition.store ? definition.store.filePer : undefined,
        partition: partitionTableColumns(definition.partition).map(({ name }) => name),
      },
      columns,
    );
  const unknown = key.find((column) => !columns.includes(column));
  if (unknown === undefined) return key;
  throw new CommandError(ExitCode.usage, `The dataset has no column ${unknown}, only ${columns.join(', ')}.`);
}

/** Of text files, those with the same content are not read. */
async function differences(
  place: TextPlace,
  before: PublishedGeneration,
  after: PublishedGeneration,
  columns: readonly string[],
): Promise<RowCounts> {
  const counts = new RowCounts();
  const add = async (of: PublishedGeneration, lines: AsyncIterable<string>, by: 1 | -1) => {
    const names = of.columns.map(({ name }) => name);
    const positions = columns.map((column) => names.indexOf(column));
    for await (const line of lines) {
      counts.add(rowOf(line, positions), by);
      if (counts.size > MOST_DIFFERING)
        throw new CommandError(
          ExitCode.failed,
          `More than ${count(MOST_DIFFERING)} rows differ. Get both generations, and compare the files.`,
        );
    }
  };
  if (before.texts !== undefined && after.texts !== undefined) {
    const [old, current] = [await textFilesOf(place, before), await textFilesOf(place, after)];
    const isSame = before.columns.length === after.columns.length;
    const others = (files: readonly TextFile[], than: readonly TextFile[]) => {
      const known = new Set(isSame ? than.map(idOf) : []);
      return files.filter((file) => !known.has(idOf(file)));
    };
    for (const file of others(old, current)) await add(before, linesOfFile(place, before.texts, file), -1);
    for (const file of others(current, old)) await add(after, linesOfFile(place, after.texts, file), 1);
    return counts;
  }
  await add(before, linesOf(place, before), -1);
  await add(after, linesOf(place, after), 1);
  return counts;
}

const idOf = ({ value, sha256 }: TextFile) => JSON.stringify([value ?? null, sha256]);

function rowOf(line: string, positions: readonly number[]): TextRow {
  const fields = line.split('\t');
  return positions.map((position) => {
    const field = fields[position];
    return field === undefined ? null : (unescapedField(field) ?? null);
  });
}

interface Sides {
  readonly before: PublishedGeneration;
  readonly after: PublishedGeneration;
  readonly key: readonly string[];
}

const named = ({ generation, id, builtAt }: PublishedGeneration) => ({ generation, id, builtAt });

function asJson({ dataset, value }: PartitionHere, { before, after, key }: Sides, diff: RowsDiff) {
  const object = (row: TextRow) => Object.fromEntries(diff.columns.map((name, i) => [name, row[i] ?? null]));
  return {
    ...{ dataset, partition: value, from: named(before), to: named(after), key },
    added: diff.added.map(object),
    removed: diff.removed.map(object),
    changed: diff.changed.map((row) => ({ from: object(row.before), to: object(row.after) })),
  };
}

function asTable(
  { dataset, value }: PartitionHere,
  { before, after, key }: Sides,
  { columns, added, removed, changed }: RowsDiff,
  most: number,
): string {
  const lines = [
    ...changed.map((row) => ['~', ...columns.map((_, i) => changedCell(row, i))]),
    ...added.map((row) => ['+', ...row.map(cell)]),
    ...removed.map((row) => ['-', ...row.map(cell)]),
  ];
  const { bold, dim } = paletteFor(process.stdout);
  const totals = [
    ...(key.length === 0 ? [] : [`${count(changed.length)} changed`]),
    `${count(added.length)} added`,
    `${count(removed.length)} removed`,
  ];
  const names = [before, after].map(({ generation, id }) => `${generation}-${id}`);
  return [
    `${dataset} ${value}: ${names.join(' to ')}: ${lines.length === 0 ? 'the same rows' : totals.join(', ')}`,
    ...(lines.length === 0
      ? []
      : textTable([{ title: '' }, ...columns.map((title) => ({ title }))], lines.slice(0, most), bold)),
    ...(lines.length > most ? [dim(`the first ${counted(most, 'row')}; for more: --limit`)] : []),
    '',
  ].join('\n');
}

const MOST_WIDTH = 60;

/** On a terminal, a value must not move the cursor or change colours. */
const cell = (text: string | null | undefined): string =>
  text === null || text === undefined
    ? 'NULL'
    : clipped(text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' '), MOST_WIDTH);

const changedCell = ({ before, after }: ChangedRow, i: number): string =>
  before[i] === after[i] ? cell(before[i]) : `${cell(before[i])} → ${cell(after[i])}`;
