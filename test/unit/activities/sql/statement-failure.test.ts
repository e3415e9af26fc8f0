import { expect, test } from '@jest/globals';
import { statementFailure } from '../../../../src/activities/sql/statement-failure.ts';
import { classifySqlError } from '../../../../src/pipeline/sql/sql-error.ts';
import type { SqlFailure } from '../../../../src/pipeline/sql/sql-error-case.ts';

const linesOf = (error: string, sql: string) => {
  const failed = { status: 'FAILED', error, createdAtMs: 0, failedStatement: 1 } as const;
  const transaction = { name: 'tributary load a', statements: [sql] };
  return statementFailure(transaction, failed, classifySqlError(error) as SqlFailure).message.split('\n');
};

test('the cause and what to do come first; the words of Redshift and the SQL have lines of their own', () => {
  const [cause, words, statement, ...others] = linesOf(
    'ERROR: permission denied for database dev\n  detail:\n  -----------\n  code: 500',
    `CREATE SCHEMA a;\n${'x'.repeat(400)}`,
  );
  expect(cause).toBe(
    'The database user may not create schemas. GRANT CREATE ON DATABASE … TO the user of the pipeline’s `warehouse`.',
  );
  expect(words).toBe(
    'tributary load a failed: ERROR: permission denied for database dev detail: ----------- code: 500.',
  );
  expect(statement).toMatch(/^Statement 1: CREATE SCHEMA a; x+…$/);
  expect(others).toEqual([]);
});

test('if only the words of Redshift are known, they come first', () => {
  expect(linesOf('ERROR: something new', 'SELECT 1')).toEqual([
    'tributary load a failed: ERROR: something new. Nothing of this transaction took effect.',
    'Statement 1: SELECT 1',
  ]);
});

test('of a check, whose name is known, only what Redshift says of its query is shown', () => {
  const failed = {
    status: 'FAILED',
    error: 'ERROR: something new',
    createdAtMs: 0,
    failedStatement: 1,
  } as const;
  const transaction = { name: 'tributary check a', statements: ['SELECT 1'], shownAs: 'its query' };
  const failure = classifySqlError(failed.error) as SqlFailure;
  expect(statementFailure(transaction, failed, failure).message).toBe(
    'its query failed: ERROR: something new. Nothing of this transaction took effect.',
  );
});
