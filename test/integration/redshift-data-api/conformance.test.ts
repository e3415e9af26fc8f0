import { afterAll, describe, expect, test } from '@jest/globals';
import { targetOn } from '../../../local/conformance/local-target.ts';
import { loadCases } from '../../../packages/redshift-data-local/conformance/conformance-case.ts';
import { runAll } from '../../../packages/redshift-data-local/conformance/run-all.ts';
import { testStack } from '../setup/stack.ts';

const target = targetOn(testStack());
const results = runAll(await loadCases(), target, 6);
const files = Map.groupBy(results, ([{ file }]) => file);

afterAll(() => target.close());

describe.each([...files.keys()])('%s', (file) => {
  test.each(
    files.get(file)!.map(
      ([
        {
          test: { name },
        },
        failures,
      ]) => ({ name, failures }),
    ),
  )('$name', async ({ failures }) => expect(await failures).toEqual([]));
});
