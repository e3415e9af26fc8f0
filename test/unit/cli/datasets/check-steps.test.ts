import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { checkSteps } from '../../../../src/cli/datasets/check-steps.ts';
import { DerivedDefinition } from '../../../../src/pipeline/datasets/derived/definition.ts';

const directory = mkdtempSync(join(tmpdir(), 'check-steps-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A dataset whose step is this text. */
function derived(name: string, sql: string | undefined, more: object = {}): DerivedDefinition {
  if (sql !== undefined) writeFileSync(join(directory, `${name}.sql`), sql);
  return DerivedDefinition.parse({
    ...{ sql: `./${name}.sql`, inputs: { days: 'same-day' }, columns: { total: 'decimal(18,2)' } },
    ...{ partition: { column: 'day' }, store: { bucket: 'lake', prefix: name } },
    ...more,
  });
}

const check = (derivedDatasets: Record<string, DerivedDefinition>) =>
  checkSteps({ datasets: {}, derivedDatasets, fetchedDatasets: {} }, join(directory, 'tributary.yaml'));

const days = derived('days', 'SELECT 1.50 AS total FROM days WHERE day IS NOT NULL');

test('steps that can be built pass, and those of Redshift are only judged', async () => {
  const warehouse = { workgroup: 'marts', database: 'dev', schema: 'marts', table: 'rs', iamRole: 'default' };
  const inRedshift = derived('rs', 'SELECT anything FROM days', { engine: 'redshift', warehouse });
  await expect(check({ days, inRedshift })).resolves.toBeUndefined();
});

test('every step that can never be built is reported, with file, line and column', async () => {
  const error = await check({
    days,
    absent: derived('absent', undefined),
    syntax: derived('syntax', 'SELECT total\nFORM days'),
    order: derived('order', "SELECT 'é' AS x,\n  any_value(total) AS total\nFROM days LIMIT 3"),
    input: derived('input', 'SELECT total FROM weeks'),
    column: derived('column', '\nSELECT totl AS total\nFROM days'),
    type: derived('type', 'SELECT total::DOUBLE AS total FROM days'),
  }).catch((thrown: Error) => thrown);
  expect((error as Error).message.split('\n')).toEqual([
    'datasets.absent.sql: ./absent.sql cannot be read',
    expect.stringMatching(
      /^datasets\.syntax\.sql: \.\/syntax\.sql:2:6: it is not SQL: syntax error at or near "days"/,
    ),
    expect.stringMatching(/^datasets\.order\.sql: \.\/order\.sql: LIMIT without ORDER BY/),
    expect.stringMatching(
      /^datasets\.order\.sql: \.\/order\.sql:2:3: any_value depends on the order of rows/,
    ),
    'datasets.input.sql: ./input.sql: weeks is neither among its inputs nor defined by WITH',
    expect.stringMatching(/^datasets\.column\.sql: \.\/column\.sql:2: Binder Error: .*"totl"/),
    expect.stringMatching(
      /^datasets\.type\.sql: \.\/type\.sql: total: it is declared as decimal\(18,2\), .* DOUBLE/,
    ),
  ]);
});
