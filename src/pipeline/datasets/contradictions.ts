import { checkContradictions } from './checks-setting.ts';
import type { DatasetDefinition } from './definition.ts';
import { misfitsOfExpectation } from './graph/expect-setting.ts';

/** A setting that contradicts another one: what is expected instead, and where. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  /** What is expected there. */
  readonly message: string;
}

/** Settings of one dataset that contradict each other. Of a definition that is invalid elsewhere, the valid parts. */
export function contradictions(parts: Partial<DatasetDefinition>): Contradiction[] {
  return [
    ...ofPartition(parts),
    ...ofKey(parts),
    ...ofPlaces(parts),
    ...ofBounds(parts),
    ...ofListing(parts),
    ...ofExpectation(parts),
    ...ofWhole(parts),
    ...checkContradictions(parts.checks ?? {}, undefined),
  ];
}

function ofPartition({ partition }: Partial<DatasetDefinition>): Contradiction[] {
  if (partition === undefined || partition.unit === 'all') return [];
  const { column, columns, from, unit } = partition;
  const at = (key: string, message: string): Contradiction[] => [{ path: ['partition', key], message }];
  if (column === undefined && columns === undefined)
    return [{ path: ['partition'], message: 'exactly one of column and columns' }];
  if (column !== undefined && columns !== undefined) return at('columns', 'either column or columns');
  if (columns !== undefined && from === undefined)
    return at('columns', 'from beside columns: the timestamp column that they are computed from');
  if (from !== undefined && [column, ...(columns ?? [])].includes(from))
    return at('from', 'a timestamp column of the module, other than the partition columns');
  if (column !== undefined && from === undefined && unit === 'hour')
    return at('unit', 'from beside unit: hour, because a column of type date has no hours');
  if ((columns?.length === 3 && unit === 'hour') || (columns?.length === 4 && unit === 'day'))
    return at('columns', unit === 'hour' ? 'four names with unit: hour' : 'three names with unit: day');
  return [];
}

/** Duplicates are found within a partition only. */
function ofKey({ partition, deduplicate }: Partial<DatasetDefinition>): Contradiction[] {
  if (partition === undefined || deduplicate === undefined) return [];
  const { column, columns = [column ?? ''], from } = partition;
  const key = new Set(deduplicate.key);
  const isDetermined =
    partition.unit === 'all' ||
    (from !== undefined && key.has(from)) ||
    columns.every((name) => key.has(name));
  const needed = [...(from === undefined ? [] : [from]), ...(columns[0] === '' ? [] : [columns.join(', ')])];
  const inKey = deduplicate.newest !== undefined && key.has(deduplicate.newest);
  return [
    ...(isDetermined || needed.length === 0
      ? []
      : [
          {
            path: ['deduplicate', 'key'],
            message: `a key with ${needed.join(' or ')}: duplicates are found within a partition, so the key must determine it`,
          },
        ]),
    ...(inKey
      ? [
          {
            path: ['deduplicate', 'newest'],
            message: 'a column that is not in key: rows with the same key all have the same value there',
          },
        ]
      : []),
  ];
}

/** A table without partitions has no days. */
function ofWhole({
  partition,
  expect,
  late,
  recompute,
  bounds,
  store,
}: Partial<DatasetDefinition>): Contradiction[] {
  if (partition?.unit !== 'all') return [];
  const named = (['column', 'columns', 'from'] as const).filter((key) => partition[key] !== undefined);
  const isBounded = bounds !== undefined && (bounds.from !== '1970-01-01' || bounds.until !== 'tomorrow');
  const wrong: readonly (readonly [string, boolean])[] = [
    ['expect', expect !== undefined],
    ['late', late !== undefined],
    ['recompute', recompute !== undefined],
    ['bounds', isBounded],
  ];
  return [
    ...named.map((key) => ({
      path: ['partition', key],
      message: `unit: day or hour beside ${key}: with unit: all the table has no partitions`,
    })),
    ...wrong
      .filter(([, isSet]) => isSet)
      .map(([key]) => ({
        path: [key],
        message: `no ${key}, because the table has no partitions, so it has no days`,
      })),
    ...(store?.catalogue.kind === 'glue' ? [NO_CATALOGUE] : []),
  ];
}

/** Its location would have to be switched with each generation. */
export const NO_CATALOGUE: Contradiction = {
  path: ['store', 'catalogue'],
  message: '{ kind: none }, because only tables with partitions are kept in a catalogue',
};

/** Files of the table must never be taken for files of the source, nor lie beside them. */
function ofPlaces({ source, store }: Partial<DatasetDefinition>): Contradiction[] {
  if (source === undefined || store === undefined || source.bucket !== store.bucket) return [];
  const own = `${store.prefix}/`;
  if (!own.startsWith(source.prefix) && !source.prefix.startsWith(own)) return [];
  return [
    {
      path: ['store', 'prefix'],
      message: `a prefix apart from the files in s3://${source.bucket}/${source.prefix}: what Tributary writes to s3://${store.bucket}/${own} must not be read as records`,
    },
  ];
}

function ofBounds({ bounds }: Partial<DatasetDefinition>): Contradiction[] {
  if (bounds === undefined || !/^\d/.test(bounds.until) || bounds.from <= bounds.until) return [];
  return [{ path: ['bounds', 'until'], message: `a date that is not before from, ${bounds.from}` }];
}

function ofListing({ source }: Partial<DatasetDefinition>): Contradiction[] {
  const { prefix = '', listPrefixes = [] } = source ?? {};
  return listPrefixes.flatMap((folder, i) =>
    prefix !== '' && folder.startsWith(prefix)
      ? [{ path: ['source', 'listPrefixes', i], message: `a folder below prefix, without ${prefix} itself` }]
      : [],
  );
}

function ofExpectation({ partition, expect }: Partial<DatasetDefinition>): Contradiction[] {
  if (expect === undefined || partition === undefined || partition.unit === 'all') return [];
  if (partition.unit === 'hour')
    return [{ path: ['expect'], message: 'no expectation with unit: hour: only days can be expected' }];
  return misfitsOfExpectation(expect, partition.unit).map(({ key, message }) => ({
    path: ['expect', key],
    message,
  }));
}
