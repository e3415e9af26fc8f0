import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { onInterrupt } from '../../terminal/interrupt.ts';
import { counted } from '../../terminal/measures.ts';
import { paletteFor } from '../../terminal/palette.ts';
import { whyNotWritten } from '../../terminal/why-not-written.ts';
import { rebuiltBy } from '../fetch-file.ts';
import { inTemporaryDirectory } from '../temporary-directory.ts';
import { generationHere, partitionHere, refuseNoPartition, type WhichGeneration } from './generation-here.ts';
import { type Condition, columnsLine, linesOf } from './text-of-generation.ts';

export interface GetOptions extends WhichGeneration {
  readonly out?: string;
  readonly config?: string;
}

/**
 * `tributary dataset get`: the rows of a partition as text, of one value with `--<column> <value>`.
 * @param conditions `--account`, `42`, or `--account=42`, as they are given
 */
export async function getPartition(
  dataset: string,
  value: string,
  conditions: readonly string[],
  { out, config, ...which }: GetOptions,
): Promise<ExitCode> {
  const where = readConditions(conditions);
  const interrupt = onInterrupt();
  return inTemporaryDirectory(async (directory) => {
    const { signal } = interrupt;
    const partition = await partitionHere(dataset, value, config, signal);
    refuseNoPartition(partition);
    const generation = await generationHere(partition, which);
    checkColumns(where, generation);
    const { files, path, definition } = partition;
    const isCurrent = which.generation === undefined && which.publication === undefined;
    const remedy = isCurrent ? rebuiltBy(dataset, definition, value) : undefined;
    const lines = linesOf({ files, path, directory, remedy, signal }, generation, where);
    const rows = await write(out, columnsLine(generation), lines);
    const name = `generation ${generation.generation}-${generation.id}`;
    process.stderr.write(`${paletteFor(process.stderr).dim(`${name}: ${counted(rows, 'row')}`)}\n`);
    if (rows > 0 || where.length === 0) return ExitCode.done;
    const sought = where.map(({ column, text }) => `${column} ${text}`).join(' and ');
    throw new CommandError(ExitCode.failed, `${dataset} ${value} has no row with ${sought}.`);
  }).finally(() => interrupt.release());
}

/** @throws CommandError */
export function readConditions(given: readonly string[]): Condition[] {
  const where: Condition[] = [];
  for (let i = 0; i < given.length; i++) {
    const [, column, text] = /^--([a-z_][a-z0-9_]*)(?:=(.*))?$/s.exec(given[i] ?? '') ?? [];
    const value = text ?? given[++i];
    if (column === undefined || value === undefined)
      throw new CommandError(
        ExitCode.usage,
        `Expected --<column> <value>, such as --account 42, not ${given[text === undefined ? i - 1 : i]}.`,
      );
    where.push({ column, text: value });
  }
  return where;
}

function checkColumns(where: readonly Condition[], { columns }: PublishedGeneration): void {
  const names = columns.map(({ name }) => name);
  for (const { column } of where)
    if (!names.includes(column))
      throw new CommandError(
        ExitCode.usage,
        `The dataset has no column ${column}${didYouMean(column, names)}. It has ${names.join(', ')}.`,
      );
}

/** @returns how many rows were written @throws CommandError if the file cannot be written */
async function write(out: string | undefined, header: string, lines: AsyncIterable<string>): Promise<number> {
  let rows = 0;
  const text = async function* () {
    yield header;
    for await (const line of lines) {
      rows++;
      yield `${line}\n`;
    }
  };
  try {
    if (out === undefined) await pipeline(text, process.stdout, { end: false });
    else await pipeline(text, createWriteStream(out));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // The reader, such as head, has what it wants.
    if (out === undefined && code === 'EPIPE') return rows;
    if (out === undefined || syscall === undefined) throw error;
    throw new CommandError(ExitCode.failed, `Cannot write ${out}: ${whyNotWritten(error)}.`, {
      cause: error,
    });
  }
  return rows;
}
