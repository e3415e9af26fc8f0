import { generationDirectory } from '../dataset-directory.ts';
import { partitionColumns } from '../partitions/partition-of.ts';
import {
  type CatalogueColumn,
  type Parameters,
  type PartitionDefinition,
  type TableAddress,
  valuesKey,
} from './catalogue-table.ts';
import { type Refusal, sameColumns, TAKE_OVER, tableName } from './plan-table.ts';

/** The parameters that mark a partition as ours: its generation, and the pointer that named it. */
const GENERATION_MARK = 'tributary.generation';
const POINTER_MARK = 'tributary.pointer';

/** A partition's pointer as a listing shows it: its ETag changes whenever the pointer moves. */
export interface ListedPointer {
  /** `record_date=2026-11-01` */
  readonly partition: string;
  /** Without quotes. */
  readonly etag: string;
}

/** A pointer, with the generation that it names. */
export interface ReadPointer extends ListedPointer {
  /** `gen-00007-<id>` */
  readonly generation: string;
}

/** Where a dataset's files are. */
interface Store {
  readonly bucket: string;
  readonly prefix: string;
}

export const partitionValues = (partition: string): string[] =>
  partitionColumns(partition).map(({ value }) => value);

/**
 * The generation that a partition of the catalogue has, if it was written for this very pointer: then nothing needs to be read.
 * @returns undefined if the pointer has to be read
 */
export function knownGeneration(
  store: Store,
  { partition, etag }: ListedPointer,
  found: PartitionDefinition | undefined,
): string | undefined {
  const generation = found?.parameters[GENERATION_MARK];
  if (generation === undefined || found?.parameters[POINTER_MARK] !== etag) return undefined;
  return found.location === locationOf(store, partition, generation) ? generation : undefined;
}

/** A partition as it is to be. Comments are the table’s: a changed comment is no change of all partitions. */
export const partitionDefinition = (
  store: Store,
  { partition, etag, generation }: ReadPointer,
  columns: readonly CatalogueColumn[],
): PartitionDefinition => ({
  values: partitionValues(partition),
  location: locationOf(store, partition, generation),
  columns: columns.map(({ name, type }) => ({ name, type })),
  parameters: { classification: 'parquet', [GENERATION_MARK]: generation, [POINTER_MARK]: etag },
});

const locationOf = ({ bucket, prefix }: Store, partition: string, generation: string) =>
  `s3://${bucket}/${generationDirectory({ prefix }, partition, generation)}`;

export interface PartitionsPlan {
  readonly create: readonly PartitionDefinition[];
  /** They get another location, or more columns. */
  readonly update: readonly PartitionDefinition[];
  /** Values of partitions that have no pointer. */
  readonly remove: readonly (readonly string[])[];
}

export function planPartitions(
  wanted: readonly PartitionDefinition[],
  found: ReadonlyMap<string, PartitionDefinition>,
): PartitionsPlan {
  const [create, update]: [PartitionDefinition[], PartitionDefinition[]] = [[], []];
  const keys = new Set<string>();
  for (const partition of wanted) {
    const key = valuesKey(partition.values);
    keys.add(key);
    const before = found.get(key);
    if (before === undefined) create.push(partition);
    else if (!isSame(partition, before)) update.push(partition);
  }
  const remove = [...found].filter(([key]) => !keys.has(key)).map(([, { values }]) => values);
  return { create, update, remove };
}

const isSame = (a: PartitionDefinition, b: PartitionDefinition) =>
  a.location === b.location && sameColumns(a.columns, b.columns) && hasAll(a.parameters, b.parameters);

const hasAll = (wanted: Parameters, found: Parameters) =>
  Object.entries(wanted).every(([key, value]) => found[key] === value);

/** Partitions of others are left alone, and with them the table. */
export function foreignPartitions(
  address: TableAddress,
  found: Iterable<PartitionDefinition>,
): Refusal | undefined {
  const foreign = [...found].filter(({ parameters }) => parameters[GENERATION_MARK] === undefined);
  const [first] = foreign;
  if (first === undefined) return undefined;
  const others = foreign.length === 1 ? '' : `, and ${foreign.length - 1} more`;
  return {
    code: 'CatalogueForeign',
    message:
      `The table ${tableName(address)} in the Glue catalogue has partitions that Tributary did not create: ` +
      `${first.values.join('/')} in ${first.location}${others}. No partition was changed. Delete them, and stop what adds ` +
      `them, such as a crawler or a Glue job; ${TAKE_OVER}.`,
  };
}
