import { Terminal } from '../../../clients/errors.ts';
import type { StepChecks } from '../../../pipeline/datasets/checks-setting.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import {
  checkQuery,
  exampleText,
  type FailedCheck,
  failedText,
} from '../../../pipeline/datasets/derived/step-checks.ts';
import type { PartitionRecord } from '../../../pipeline/datasets/redshift/partition-records.ts';
import {
  checkExamples,
  partitionValue,
  type StepInput,
  type StepStatement,
  stepTransaction,
} from '../../../pipeline/datasets/redshift/step-transaction.ts';
import { beside } from '../../../pipeline/merge/beside-tables.ts';
import { guardOf, sqlOf } from '../../../pipeline/sql/guarded-statement.ts';
import { randomToken } from '../../sql/random-token.ts';
import { GuardFailed, LoadFailed, query, runLongTransaction } from '../../sql/transaction.ts';
import { refusedBySql } from './judge-result.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

export interface Replacement {
  /** `daily_stats 2026-11-01` */
  readonly id: string;
  readonly definition: DerivedDefinition;
  readonly checks: StepChecks;
  readonly sql: string;
  readonly inputs: readonly StepInput[];
  /** What the partition was built from until now. */
  readonly before: PartitionRecord | undefined;
  readonly record: Pick<PartitionRecord, 'partition' | 'id' | 'code' | 'inputs'>;
}

/**
 * Replaces the rows of a partition and its record, in one transaction.
 * @returns whether it did; `record` or `inputs`: these are not what was planned any more, so nothing happened
 * @throws Terminal `PartitionChecksFailed`, `StepInvalid`, `StepFailed`
 */
export async function replacePartition(
  open: OpenWarehouse,
  { id, definition, checks, sql, inputs, before, record }: Replacement,
): Promise<'replaced' | 'record' | 'inputs'> {
  const { target, database, watch, signal } = open;
  const { partition } = definition;
  const statements = stepTransaction({
    ...{ at: target, lock: beside('lock', target), sql, inputs, before },
    partition: partitionValue(partition, record.partition),
    columns: declaredColumns(definition),
    checks: Object.entries(checks).map(([name, check]) => ({
      ...{ name, sql: checkQuery(check, 0), isStop: check.severity === 'stop' },
    })),
    record: { ...record, generation: (before?.generation ?? 0) + 1 },
  });
  const name = `tributary ${record.partition} of ${nameOf(target)}`;
  try {
    await refusedBySql(id, () =>
      runLongTransaction(
        database,
        { name, scope: randomToken(), statements: sqlOf(statements), watch },
        signal,
      ),
    );
    return 'replaced';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GuardFailed) {
      const guard = guardOf(statements, error.statement);
      if (guard?.startsWith(CHECK) === true)
        throw checksFailed(id, guard.slice(CHECK.length), await failedChecks(open, { checks, sql, inputs }));
      return whichFailed(id, guard, error);
    }
    if (error instanceof LoadFailed)
      throw new Terminal('StepFailed', `COPY cannot read the inputs of ${id}: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}

const CHECK = 'check ';

function whichFailed(id: string, guard: StepStatement['guard'], error: GuardFailed): 'record' | 'inputs' {
  if (guard === 'record' || guard === 'inputs') return guard;
  if (guard === 'exact')
    throw new Terminal(
      'StepFailed',
      `A number of ${id} has more digits after the point than its column declares: round it in the SQL. Nothing was replaced.`,
    );
  throw new Terminal('StepFailed', `The step of ${id} divides by zero. Nothing was replaced.`, {
    cause: error,
  });
}

/** The Data API's limit for a batch: a step with more inputs in files than that gets no examples. */
const MOST_STATEMENTS = 40;

/** Which checks stop the partition, each with a row: the step runs again. Nothing, if that fails: the caller knows one of them by name. */
async function failedChecks(
  { target, database, watch, signal }: OpenWarehouse,
  { checks, sql, inputs }: Pick<Replacement, 'checks' | 'sql' | 'inputs'>,
): Promise<FailedCheck[]> {
  const stopping = Object.entries(checks).filter(([, { severity }]) => severity === 'stop');
  const { settings, queries } = checkExamples({
    ...{ sql, inputs, checks: stopping.map(([, check]) => ({ sql: checkQuery(check, 0) })) },
  });
  if (settings.length + queries.length > MOST_STATEMENTS) return [];
  try {
    const what = { settings, queries, shownAs: `the checks of ${nameOf(target)}` };
    const found = await query(database, `tributary checks of ${nameOf(target)}`, what, signal, watch);
    return stopping.flatMap(([name], n) => {
      const [[counted] = [], [first] = []] = found.slice(2 * n);
      const rows = Number(counted?.rows);
      return first === undefined ? [] : [{ name, rows, example: exampleText(JSON.stringify(first)) }];
    });
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

function checksFailed(id: string, name: string, found: readonly FailedCheck[]): Terminal {
  const texts = found.length === 0 ? [name] : found.map(failedText);
  return new Terminal(
    'PartitionChecksFailed',
    `${id} is not published, because checks do not hold: ${texts.join('; ')}.`,
  );
}
