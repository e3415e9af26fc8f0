import { readFileSync } from 'node:fs';
import type { StackAddresses } from '../../../local/stack/addresses.ts';

/** What `shared-stack.ts` hands to the test files, which run in processes of their own. */
export interface SharedByTests {
  addresses: StackAddresses;
  /** For `Worker.create({workflowBundle})`. */
  workflowBundle: { codePath: string };
}

/** The addresses of the stack that all integration tests share. Use unique table, schema and pipeline names. */
export function testStack(): StackAddresses {
  return shared().addresses;
}

/** The workflows, bundled once with the times of `profiles.ts`. A worker with this bundle starts in 0.25 s. */
export function testWorkflowBundle(): { codePath: string } {
  return shared().workflowBundle;
}

function shared(): SharedByTests {
  const file = process.env.TRIBUTARY_TEST_STACK;
  if (!file) throw new Error('no test stack: run integration tests with `npm run integration`');
  return JSON.parse(readFileSync(file, 'utf8')) as SharedByTests;
}
