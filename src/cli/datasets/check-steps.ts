import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createDuckDbTableEngine } from '../../clients/duckdb/duckdb-table-engine.ts';
import { Terminal } from '../../clients/errors.ts';
import type { QueriedTable, TableEngine } from '../../clients/table-engine.ts';
import { configPath } from '../../config/read-config.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import { judgeStep } from '../../pipeline/datasets/derived/judge-step.ts';
import { declaredColumns } from '../../pipeline/datasets/derived/result-columns.ts';
import { stepProblems } from '../../pipeline/datasets/derived/step-problems.ts';
import { partitionTableColumns } from '../../pipeline/datasets/partitions/partition-columns.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { allDatasets } from './datasets-here.ts';
import { catalogueColumns } from './show-catalogue.ts';
import { inTemporaryDirectory } from './temporary-directory.ts';

type Config = Pick<TributaryConfig, 'datasets' | 'derivedDatasets' | 'fetchedDatasets'>;

/**
 * Judges the SQL of all steps as a plan does, and runs those of DuckDB over inputs without rows: so columns that are missing or have
 * another type are found.
 * @throws CommandError with all that is wrong, with file and line
 */
export async function checkSteps(config: Config, file: string | undefined): Promise<void> {
  const engine = createDuckDbTableEngine();
  const problems: string[] = [];
  for (const [name, definition] of Object.entries(config.derivedDatasets)) {
    if (definition.sql === undefined) continue;
    try {
      const found = await problemsOf(engine, config, { name, definition, sql: definition.sql }, file);
      problems.push(...found.map((problem) => `datasets.${name}.sql: ${definition.sql}${problem}`));
    } catch (error) {
      if (!(error instanceof Terminal) || error.code !== 'EngineNotInstalled') throw error;
      const note = 'note: the SQL of steps is not checked: DuckDB is not installed here';
      process.stderr.write(`${paletteFor(process.stderr).yellow(note)}\n`);
      break;
    }
  }
  if (problems.length > 0) throw new CommandError(ExitCode.usage, problems.join('\n'));
}

interface SqlStep {
  readonly name: string;
  readonly definition: DerivedDefinition;
  /** Its path. */
  readonly sql: string;
}

/** Each begins with the place in the file, if it is known. */
async function problemsOf(
  engine: TableEngine,
  config: Config,
  { definition, sql: path }: SqlStep,
  file: string | undefined,
): Promise<string[]> {
  const sql = await readFile(resolve(dirname(configPath(file)), path), 'utf8').catch(() => undefined);
  if (sql === undefined) return [' cannot be read'];
  const tree = await inTemporaryDirectory((directory) => engine.parseTree({ sql, directory }));
  const judged = judgeStep(tree, definition.engine);
  const found = stepProblems(judged, definition);
  if (found.length > 0)
    return found.map((problem) => {
      const offset = judged.places.get(problem);
      return `${offset === undefined ? '' : placeOf(sql, offset)}: ${problem}`;
    });
  if (definition.engine === 'redshift') return [];
  const tables = await emptyInputs(config, definition, file);
  const columns = declaredColumns(definition);
  try {
    await inTemporaryDirectory((directory) => engine.derive({ sql, tables, columns, directory }));
    return [];
  } catch (error) {
    if (!(error instanceof Terminal) || !['StepInvalid', 'StepFailed'].includes(error.code)) throw error;
    const line = /\nLINE (\d+):/.exec(error.message)?.[1];
    const [first = ''] = error.message.split('\n\nLINE ');
    return [`${line === undefined ? '' : `:${line}`}: ${first.trim().replaceAll(/\n+/g, '. ')}`];
  }
}

async function emptyInputs(
  config: Config,
  { inputs, reference }: DerivedDefinition,
  file: string | undefined,
): Promise<Record<string, QueriedTable>> {
  const all = allDatasets(config);
  const tables: Record<string, QueriedTable> = {};
  for (const name of [...Object.keys(inputs), ...Object.keys(reference)]) {
    const definition = all[name]!;
    const partitionColumns = partitionTableColumns(definition.partition);
    const isOfPartition = (column: string) => partitionColumns.some((each) => each.name === column);
    const columns = await catalogueColumns(name, definition, file);
    tables[name] = {
      columns: columns.filter((column) => !isOfPartition(column.name)),
      ...{ partitionColumns, partitions: [] },
    };
  }
  return tables;
}

/** `:2:14`. @param offset in bytes */
function placeOf(sql: string, offset: number): string {
  const lines = Buffer.from(sql).subarray(0, offset).toString('utf8').split('\n');
  return `:${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}
