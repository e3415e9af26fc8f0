import { Terminal } from '../../../clients/errors.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { resultTypeProblems, typesQuery } from '../../../pipeline/datasets/redshift/result-types.ts';
import { emptyResult, type StepInput } from '../../../pipeline/datasets/redshift/step-transaction.ts';
import { randomToken } from '../../sql/random-token.ts';
import { query } from '../../sql/transaction.ts';
import type { OpenWarehouse } from './open-warehouse.ts';

/** Of each text, columns and inputs: found once by this process. */
const judged = new Set<string>();

/**
 * Compares what Redshift makes of a step, without rows, with the declared columns.
 * @throws Terminal `StepInvalid`, `StepFailed` if Redshift refuses the step
 */
export async function judgeResult(
  open: OpenWarehouse,
  step: {
    readonly dataset: string;
    readonly sql: string;
    readonly columns: readonly TableColumn[];
    /** One text for each input that names its columns and their types, unless its query does. */
    readonly shapes: readonly string[];
  },
  inputs: readonly StepInput[],
): Promise<void> {
  const { dataset, sql, columns, shapes } = step;
  const known = JSON.stringify([sql, columns, shapes, inputs, open.target]);
  if (judged.has(known)) return;
  const table = `_tributary_types_${randomToken()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')}`;
  const settings = emptyResult(table, sql, inputs);
  const [rows = []] = await refusedBySql(dataset, () =>
    query(
      open.database,
      `tributary step of ${dataset}`,
      { settings, queries: [typesQuery(table)], shownAs: `the step of ${dataset}` },
      open.signal,
    ),
  );
  const problems = resultTypeProblems(columns, rows);
  if (problems.length > 0) throw new Terminal('StepInvalid', `${dataset}: ${problems.join('; ')}.`);
  judged.add(known);
}

/** What Redshift says of the SQL of a step is the step's fault. */
export async function refusedBySql<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Terminal && error.code === 'StatementFailed')
      throw new Terminal('StepFailed', `Redshift refuses the step of ${what}. ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}
