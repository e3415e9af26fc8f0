import { Terminal } from '../../clients/errors.ts';
import type { TableEngine } from '../../clients/table-engine.ts';
import {
  type ChecksSetting,
  checkContradictions,
  type StepChecks,
} from '../../pipeline/datasets/checks-setting.ts';
import { checkQuery, type FailedCheck, failedText } from '../../pipeline/datasets/derived/step-checks.ts';
import { endOf, isValue } from '../../pipeline/datasets/graph/calendar.ts';
import { valueOfPath } from '../../pipeline/datasets/graph/partition-values.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { OpenDataset } from './open-dataset.ts';

/** The checks of a partition, ready to run. */
export interface PartitionChecks {
  readonly queries: readonly { readonly name: string; readonly sql: string }[];
  /**
   * What is reported of those that do not hold.
   * @throws Terminal `PartitionChecksFailed` if one of them stops the partition
   */
  readonly warningsOf: (failed: readonly FailedCheck[]) => string[];
}

/**
 * The checks of a dataset, from the configuration or from their file.
 * @throws Terminal `StepInvalid` if the file cannot be used
 */
export async function checksOf(
  { checksFile }: Pick<Dependencies, 'checksFile'>,
  { checks, engine }: { readonly checks: ChecksSetting; readonly engine?: 'duckdb' | 'redshift' },
  columns: readonly string[] | undefined,
): Promise<StepChecks> {
  if (typeof checks !== 'string') return checks;
  const found = await checksFile(checks);
  const problems = checkContradictions(found, columns, engine);
  if (problems.length === 0) return found;
  const texts = problems.map(({ path, message }) => `${path.join('.')}: expected ${message}`);
  throw new Terminal('StepInvalid', `${checks} has checks that cannot be: ${texts.join('; ')}.`);
}

export function partitionChecks(
  checks: StepChecks,
  {
    id,
    value,
    timezone,
    ms,
    isRedacted = false,
  }: {
    readonly id: string;
    readonly value: string;
    readonly timezone: string;
    readonly ms: number;
    /** Values of rows are not reported. */
    readonly isRedacted?: boolean;
  },
): PartitionChecks {
  const unit = isValue('day', value) ? 'day' : isValue('month', value) ? 'month' : undefined;
  const until = unit === undefined ? ms : Math.min(ms, endOf(unit, value, timezone));
  return {
    queries: Object.entries(checks).map(([name, check]) => ({ name, sql: checkQuery(check, until) })),
    warningsOf: (all) => {
      const failed = isRedacted ? all.map((each) => ({ ...each, example: 'redacted' })) : all;
      const stopping = failed.filter(({ name }) => checks[name]?.severity === 'stop');
      if (stopping.length === 0) return failed.map(failedText);
      throw new Terminal(
        'PartitionChecksFailed',
        `${id} is not published, because checks do not hold: ${stopping.map(failedText).join('; ')}.`,
      );
    },
  };
}

/**
 * Checks the rows of a partition of a source, before anything of it is uploaded.
 * @returns what is reported of checks of severity `warn`
 * @throws Terminal `PartitionChecksFailed`, `StepInvalid`
 */
export async function checkRows(
  {
    deps,
    engine,
    columns,
    signal,
  }: {
    readonly deps: Pick<Dependencies, 'checksFile' | 'nowMs'>;
    readonly engine: TableEngine;
    readonly columns: readonly TableColumn[];
    readonly signal: AbortSignal;
  },
  { name, definition }: OpenDataset,
  {
    partition,
    files,
    directory,
  }: { readonly partition: string; readonly files: readonly string[]; readonly directory: string },
): Promise<string[]> {
  const names = columns.map((column) => column.name);
  const found = await checksOf(deps, definition, names);
  if (Object.keys(found).length === 0) return [];
  const value = valueOfPath(partition);
  const { queries, warningsOf } = partitionChecks(found, {
    ...{ id: `${name} ${value}`, value, timezone: definition.partition.timezone, ms: deps.nowMs() },
    isRedacted: definition.redactValues,
  });
  return warningsOf(await engine.check({ columns, files, checks: queries, directory }, { signal }));
}
