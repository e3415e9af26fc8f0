import type { DerivedDefinition } from './definition.ts';
import type { JudgedStep } from './judge-step.ts';

/** What is wrong with a step of a dataset, each with the remedy. */
export function stepProblems(
  { problems, tables: read }: JudgedStep,
  { inputs, reference, tables }: Pick<DerivedDefinition, 'inputs' | 'reference' | 'tables'>,
): string[] {
  const known = new Set([inputs, reference, tables].flatMap((named) => Object.keys(named)));
  const unknown = read.filter((table) => !known.has(table));
  return [...problems, ...unknown.map((table) => `${table} is neither among its inputs nor defined by WITH`)];
}
