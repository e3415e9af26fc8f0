import { readFileSync } from 'node:fs';
import type { StackAddresses } from '../../../local/stack/addresses.ts';

/** What `start.ts` hands to the test files, which run in processes of their own. */
export interface SharedByTests {
  addresses: StackAddresses;
  /** For `Worker.create({workflowBundle})`; absent while `src/workflows/index.ts` is. */
  workflowBundle?: { codePath: string };
}

/** The addresses of the stack all integration tests share. Use table, schema and pipeline names of your own. */
export function testStack(): StackAddresses {
  return shared().addresses;
}

/**
 * The workflows, bundled once: a worker made from it starts in a quarter of a second.
 * @throws when there were no workflows to bundle.
 */
export function testWorkflowBundle(): { codePath: string } {
  const { workflowBundle } = shared();
  if (!workflowBundle) throw new Error('src/workflows/index.ts did not exist when the tests were started');
  return workflowBundle;
}

function shared(): SharedByTests {
  const file = process.env.TRIBUTARY_TEST_STACK;
  if (!file) throw new Error('no test stack: start integration tests with `npm run integration`');
  return JSON.parse(readFileSync(file, 'utf8')) as SharedByTests;
}
