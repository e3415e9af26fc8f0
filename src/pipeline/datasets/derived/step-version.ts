import { createHash } from 'node:crypto';
import type { DerivedDefinition } from './definition.ts';
import { textSettings } from './derived-store.ts';

/**
 * The version of a step: the hash of its parse tree and of the settings that decide about rows. A comment in the SQL changes nothing.
 * @param tree as `judgeStep` gives it
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
): string {
  const text = textSettings(store);
  const settings = JSON.stringify([
    sorted(inputs),
    sorted(reference),
    // In their order: it is that of the columns of the table.
    Object.entries(columns),
    [partition.column, partition.unit],
    ...(text === undefined ? [] : [text]),
    ...(engine === 'duckdb' ? [] : [engine, sorted(tables)]),
  ]);
  return createHash('sha256').update(settings).update('\n').update(tree).digest('hex').slice(0, 32);
}

const sorted = (rules: Readonly<Record<string, unknown>>) =>
  Object.entries(rules).toSorted(([a], [b]) => (a < b ? -1 : 1));
