import { checkContradictions } from '../checks-setting.ts';
import { type Contradiction, NO_CATALOGUE } from '../contradictions.ts';
import { misfitsOfExpectation } from '../graph/expect-setting.ts';
import type { DerivedDefinition } from './definition.ts';
import { storeContradictions } from './derived-store.ts';
import { CHECKED } from './step-checks.ts';
import { engineContradictions } from './step-warehouse.ts';

/** Settings of one derived dataset that contradict each other. */
export function derivedContradictions(
  settings: Omit<DerivedDefinition, 'limits' | 'maxRebuild' | 'retryFor' | 'keepSuperseded'>,
): Contradiction[] {
  const {
    sql,
    function: module,
    columns,
    partition,
    inputs,
    reference,
    expect,
    when,
    store,
    checks,
  } = settings;
  return [
    ...(sql !== undefined && module !== undefined
      ? [{ path: ['function'], message: 'either sql or function' }]
      : []),
    ...engineContradictions(settings),
    ...ofPartition({ partition, expect, when, store }),
    ...(partition.column !== undefined && Object.hasOwn(columns, partition.column)
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
    ...checkContradictions(checks, Object.keys(columns), settings.engine),
    ...[...Object.keys(inputs), ...Object.keys(reference)]
      .filter((name) => name === CHECKED && Object.keys(checks).length > 0)
      .map((name) => ({
        path: ['inputs'],
        message: `datasets with other names than ${name}, because checks give it to the partition`,
      })),
    ...storeContradictions(store, columns),
    ...(expect === undefined || partition.unit === 'all'
      ? []
      : misfitsOfExpectation(expect, partition.unit)
    ).map(({ key, message }) => ({
      path: ['expect', key],
      message,
    })),
  ];
}

function ofPartition({
  partition: { column, unit },
  expect,
  when,
  store,
}: Pick<DerivedDefinition, 'partition' | 'expect' | 'when' | 'store'>): Contradiction[] {
  if (unit !== 'all')
    return column === undefined ? [{ path: ['partition', 'column'], message: 'the partition column' }] : [];
  const none = 'because the table has no partitions';
  return [
    ...(column === undefined
      ? []
      : [{ path: ['partition', 'column'], message: `no column with unit: all, ${none}` }]),
    ...(expect === undefined ? [] : [{ path: ['expect'], message: `no expect, ${none}` }]),
    ...(when === 'open' ? [] : [{ path: ['when'], message: `open, ${none}` }]),
    ...(store.catalogue.kind === 'glue' ? [NO_CATALOGUE] : []),
  ];
}
