import { createReadStream } from 'node:fs';
import { bundleModule } from '../../modules/bundle-module.ts';
import { codeVersion } from '../../modules/code-version.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { daysOf, misfitsOfModule, partitionRule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { RecordRefused } from '../../pipeline/datasets/records/map-record.ts';
import { NotDecompressed } from '../../store/records/decompressed.ts';
import { type RecordBlock, recordBlocks } from '../../store/records/record-blocks.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { datasetHere, moduleFile } from './datasets-here.ts';
import { jsonLine, type Tried, TriedRecords, type TriedRow } from './tried-records.ts';

export interface TryDatasetOptions {
  readonly file: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset try`: rows, partitions and rejects of a local file. @throws CommandError, ConfigError */
export async function tryDataset(name: string, options: TryDatasetOptions): Promise<ExitCode> {
  const definition = await datasetHere(name, options.config);
  const path = moduleFile(definition, options.config);
  try {
    const code = await bundleModule(path);
    const module = await RecordModule.load(code, {
      file: path,
      timezone: definition.partition.timezone,
      limits: definition.limits,
    });
    try {
      return await show(name, definition, module, codeVersion(code, definition), options);
    } finally {
      await module.close();
    }
  } catch (error) {
    if (error instanceof ModuleUnusable || error instanceof NotDecompressed || isOfFile(error))
      throw new CommandError(ExitCode.usage, messageFor(error, options.file), { cause: error });
    throw error;
  }
}

const isOfFile = (error: unknown): error is NodeJS.ErrnoException =>
  /^(?:ENOENT|EISDIR|EACCES)$/.test((error as NodeJS.ErrnoException).code ?? '');

const messageFor = (error: Error, file: string) =>
  error instanceof ModuleUnusable ? error.message : `Cannot read ${file}: ${error.message}`;

async function show(
  name: string,
  definition: DatasetDefinition,
  module: RecordModule,
  version: string,
  { file, limit, json = false }: TryDatasetOptions,
): Promise<ExitCode> {
  const misfits = misfitsOfModule(definition, module.columns);
  if (misfits.length > 0)
    throw new CommandError(ExitCode.usage, misfits.map((each) => `datasets.${name}.${each}`).join('\n'));
  const tried = new TriedRecords(module.columns, limit);
  for await (const each of triedRecords(definition, module, file)) {
    tried.add(each);
    if (json) process.stdout.write(jsonLine(file, module.columns, each));
  }
  if (!json) process.stdout.write(tried.text(version));
  return tried.rejects > 0 ? ExitCode.failed : ExitCode.done;
}

async function* triedRecords(
  { partition, bounds }: DatasetDefinition,
  module: RecordModule,
  file: string,
): AsyncGenerator<Tried> {
  const days = daysOf(bounds, partition.timezone, Date.now());
  const partitionOf = partitionRule(partition, module.columns, days);
  for await (const block of recordBlocks(createReadStream(file))) {
    const { rows, rejects } = await module.read(block);
    const all = [...rows.map((row) => withPartition(row, partitionOf, block)), ...rejects];
    yield* all.sort((a, b) => a.index - b.index);
  }
}

function withPartition(
  { index, line, cells }: Omit<TriedRow, 'partition'>,
  partitionOf: (cells: TriedRow['cells']) => string,
  block: RecordBlock,
): Tried {
  try {
    return { index, line, cells, partition: partitionOf(cells) };
  } catch (error) {
    if (!(error instanceof RecordRefused)) throw error;
    const { message: reason, detail } = error;
    return { index, line, reason, raw: block[index]!.text, ...(detail !== undefined && { detail }) };
  }
}
