import { expect, test } from '@jest/globals';
import type { Workflows } from '../../../src/contract/workflows.ts';
import type * as registered from '../../../src/workflows/index.ts';
import { read } from '../docs/pages.ts';

type Registered = typeof registered;

test('the published workflows are those that workers register, with their inputs and results', () => {
  // tsc is the test: each is assignable to the other.
  const published = (workflows: Registered): Workflows => workflows;
  const all = (name: keyof Registered): keyof Workflows => name;
  expect([published, all]).toHaveLength(2);
  const names = [...read('src/workflows/index.ts').matchAll(/export \{ (\w+) \}/g)].map(([, name]) => name);
  const listed = [...read('src/contract/workflows.ts').matchAll(/^ {2}(\w+)\(input/gm)].map(
    ([, name]) => name,
  );
  expect(new Set(listed)).toEqual(new Set(names));
});
