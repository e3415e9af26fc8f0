import type { Contradiction } from '../contradictions.ts';
import { misfitsOfExpectation } from '../graph/expect-setting.ts';
import type { DerivedDefinition } from './definition.ts';

/** Settings of one derived dataset that contradict each other. */
export function derivedContradictions({
  columns,
  partition,
  inputs,
  reference,
  expect,
}: Pick<DerivedDefinition, 'columns' | 'partition' | 'inputs' | 'reference' | 'expect'>): Contradiction[] {
  return [
    ...(Object.hasOwn(columns, partition.column)
      ? [
          {
            path: ['columns', partition.column],
            message: 'a column other than the partition column, which is in the path of the files',
          },
        ]
      : []),
    ...Object.keys(reference)
      .filter((name) => Object.hasOwn(inputs, name))
      .map((name) => ({ path: ['reference', name], message: 'a dataset that is not among inputs' })),
    ...(expect === undefined ? [] : misfitsOfExpectation(expect, partition.unit)).map(({ key, message }) => ({
      path: ['expect', key],
      message,
    })),
  ];
}
