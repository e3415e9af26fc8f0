import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { Stack } from './loaded-table.ts';

/** The stack and a schema of its own for the tables of a file's tests. */
export function withStack(): { readonly stack: Stack; readonly schema: string } {
  const stack = new Stack();
  const schema = `loader_${randomBytes(4).toString('hex')}`;
  beforeAll(() => stack.sql(`CREATE SCHEMA "${schema}"`));
  afterAll(() => stack.sql(`DROP SCHEMA "${schema}" CASCADE`));
  return { stack, schema };
}
