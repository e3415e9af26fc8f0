import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseSync } from '@swc/core';

/**
 * `push(...values)` puts every value on the stack, and about 100,000 of them overflow it. A map may have more names
 * than that, a page more items, and a schema more columns. So code that handles data adds values one by one. Lines of
 * text for the terminal or the Web UI may be spread: they are few enough to read.
 */

const SOURCE = new URL('../../../src/', import.meta.url);
const LINES_TO_READ = /^(?:cli\/|config\/|contract\/progress-details\.ts$)/;

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !LINES_TO_READ.test(name),
);

test('no array of any length is spread into the arguments of a call', () => {
  const found = sources.flatMap((name) =>
    spreadArguments(readFileSync(new URL(name, SOURCE), 'utf8')).map((call) => [name, call]),
  );
  expect(found).toEqual([]);
});

test.each([
  ['all.push(...more)', ['push']],
  ['Math.max(0, ...all.map(f))', ['max']],
  ['new Path(...steps)', ['Path']],
  ['Math.max.apply(null, all)', ['apply']],
  ['join(...[...all])', ['join']],
  ['join([...all, ...more])', []],
  ['join({ ...all })', []],
  ["join(...(['a', 'b'] as const))", []],
])('%s', (text, expected) => {
  expect(spreadArguments(text)).toEqual(expected);
});

interface Node {
  readonly type?: string;
  readonly [member: string]: unknown;
}
interface Argument {
  readonly spread?: unknown;
  readonly expression: Node;
}

/** The names of the functions that are called with a spread array, or by `apply`. */
function spreadArguments(text: string): unknown[] {
  const found: unknown[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const inner of Object.values(node)) visit(inner);
    const { type, callee, arguments: args } = node as Node;
    if (type !== 'CallExpression' && type !== 'NewExpression') return;
    const name = nameOf(callee as Node);
    if (name === 'apply' || (args as Argument[] | undefined)?.some(isSpread)) found.push(name);
  };
  visit(parseSync(text, { syntax: 'typescript' }));
  return found;
}

/** A list that is written out in the call is as long as it looks. */
function isSpread({ spread, expression }: Argument): boolean {
  if (spread === null || spread === undefined) return false;
  let list = expression;
  while (list.type !== 'ArrayExpression' && list.expression !== undefined) list = list.expression as Node;
  return list.type !== 'ArrayExpression' || (list.elements as Argument[]).some((each) => each?.spread);
}

function nameOf(callee: Node): unknown {
  return (callee.property as Node | undefined)?.value ?? callee.value ?? callee.type;
}
