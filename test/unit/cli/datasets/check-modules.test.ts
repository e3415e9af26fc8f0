import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { checkModules } from '../../../../src/cli/datasets/check-modules.ts';
import { DatasetDefinition } from '../../../../src/pipeline/datasets/definition.ts';
import { DerivedDefinition } from '../../../../src/pipeline/datasets/derived/definition.ts';

const directory = mkdtempSync(join(tmpdir(), 'check-modules-'));
afterAll(() => rmSync(directory, { recursive: true }));

function dataset(name: string, module: string): DatasetDefinition {
  writeFileSync(join(directory, `${name}.ts`), module);
  return DatasetDefinition.parse({
    source: { bucket: 'logs' },
    records: `./${name}.ts`,
    partition: { column: 'day' },
    store: { bucket: 'lake', prefix: name },
  });
}

const IMPORT = "import { defineRecords } from '@tributary-data/tributary';";

test('the errors of all record modules are reported, with file and line', async () => {
  writeFileSync(
    join(directory, 'types.ts'),
    '\n\nexport const typeOf = () => {\n  throw new Error("no type");\n};\n',
  );
  const datasets = {
    good: dataset('good', `${IMPORT}\nexport default defineRecords({ day: { type: 'date', from: 'day' } });`),
    broken: dataset('broken', `${IMPORT}\n\nexport default defineRecords({;`),
    thrown: dataset(
      'thrown',
      `${IMPORT}\nimport { typeOf } from './types.ts';\nexport default defineRecords({ day: typeOf() });`,
    ),
    misfit: dataset(
      'misfit',
      `${IMPORT}\nexport default defineRecords({ day: { type: 'string', from: 'day' } });`,
    ),
  };
  writeFileSync(join(directory, 'step.ts'), 'export default function* ( { yield 1; }');
  writeFileSync(
    join(directory, 'checks.yaml'),
    'some: { min: 1 }\nbad: { min: 1, notNull: total }\n\nworse: { within: 2d }\n',
  );
  const derivedDatasets = {
    totals: DerivedDefinition.parse({
      ...{ function: './step.ts', inputs: { good: 'same-day' }, columns: { total: 'bigint' } },
      checks: './checks.yaml',
      ...{ partition: { column: 'day' }, store: { bucket: 'lake', prefix: 'totals' } },
    }),
  };
  const error = await checkModules(
    { datasets, derivedDatasets, fetchedDatasets: {} },
    join(directory, 'tributary.yaml'),
  ).catch((thrown: Error) => thrown);
  const { message } = error as Error;
  expect(message).toMatch(/datasets\.broken\.records: .*broken\.ts cannot be compiled:\nbroken\.ts:3:31 /);
  expect(message).toMatch(
    /datasets\.thrown\.records: [\s\S]*Error: no type[\s\S]*types\.ts:4:9[\s\S]*thrown\.ts:3:/,
  );
  expect(message).toContain(
    'datasets.misfit.partition.column: expected a column of type date in the record module',
  );
  expect(message).toMatch(/datasets\.totals\.function: .*step\.ts cannot be compiled:\nstep\.ts:1:\d+ /);
  expect(message).toMatch(
    /datasets\.totals\.checks: .*checks\.yaml:2:6 bad: expected exactly one of min and max/,
  );
  expect(message).toMatch(/checks\.yaml:4:8 worse: .*within/);
  expect(message).not.toContain('datasets.good');
});
