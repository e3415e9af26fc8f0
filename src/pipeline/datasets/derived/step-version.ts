import { createHash } from 'node:crypto';
import type { DerivedDefinition } from './definition.ts';
import { textSettings } from './derived-store.ts';

/**
 * The version of a step: the hash of its parse tree or module, of the modules of its rules, and of the settings that decide about rows. A comment in the SQL changes nothing.
 * @param tree as `judgeStep` gives it, or the hash of a module
 * @param rules by path: hashes of the modules of rules
 */
export function stepVersion(
  tree: string,
  {
    inputs,
    reference,
    columns,
    partition,
    store,
    engine = 'duckdb',
    tables = {},
  }: Pick<DerivedDefinition, 'inputs' | 'reference' | 'columns' | 'partition' | 'store'> &
    Partial<Pick<DerivedDefinition, 'engine' | 'tables'>>,
  rules: ReadonlyMap<string, string> = new Map(),
): string {
  const text = textSettings(store);
  const settings = JSON.stringify([
    named(inputs, rules),
    named(reference, rules),
    // In their order: it is that of the columns of the table.
    Object.entries(columns),
    [partition.column, partition.unit],
    ...(text === undefined ? [] : [text]),
    ...(engine === 'duckdb' ? [] : [engine, sorted(tables)]),
  ]);
  return createHash('sha256').update(settings).update('\n').update(tree).digest('hex').slice(0, 32);
}

const named = (inputs: DerivedDefinition['inputs'], rules: ReadonlyMap<string, string>) =>
  sorted(
    Object.fromEntries(
      Object.entries(inputs).map(([name, rule]) => [
        name,
        typeof rule === 'string' ? rule : [rules.get(rule.rule)],
      ]),
    ),
  );

const sorted = (rules: Readonly<Record<string, unknown>>) =>
  Object.entries(rules).toSorted(([a], [b]) => (a < b ? -1 : 1));
