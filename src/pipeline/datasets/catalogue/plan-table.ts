import type { CatalogueColumn, FoundTable, TableAddress, TableDefinition } from './catalogue-table.ts';
import { DATASET_MARK } from './dataset-table.ts';

/** Why a table is not written to. */
export interface Refusal {
  readonly code: 'CatalogueForeign' | 'CatalogueProjected' | 'CatalogueTypesDiffer';
  readonly message: string;
}

/** What is to be done with a dataset's table. */
export type TablePlan =
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** `table`: as it is to be. */
  | { readonly kind: 'create' | 'keep'; readonly table: TableDefinition }
  | { readonly kind: 'update'; readonly table: FoundTable };

export const TAKE_OVER = 'docs/coming-from-a-glue-job.md has the steps to take it over';

/**
 * Columns are only added: those that the record module no longer has stay, because earlier files have them. Whatever else the
 * table has, such as other parameters, stays as well.
 * @param found undefined if there is no such table
 */
export function planTable(
  address: TableAddress,
  wanted: TableDefinition,
  found: FoundTable | undefined,
): TablePlan {
  if (found === undefined) return { kind: 'create', table: wanted };
  const refusal = refusalOf(address, wanted, found);
  if (refusal !== undefined) return { kind: 'refuse', refusal };
  const table: FoundTable = {
    ...found,
    columns: mergedColumns(wanted.columns, found.columns),
    partitionKeys: mergedColumns(wanted.partitionKeys, found.partitionKeys),
    parameters: { ...found.parameters, ...wanted.parameters },
  };
  const isSame =
    sameColumns(table.columns, found.columns) &&
    sameColumns(table.partitionKeys, found.partitionKeys) &&
    Object.entries(wanted.parameters).every(([key, value]) => found.parameters[key] === value);
  return { kind: isSame ? 'keep' : 'update', table };
}

function refusalOf(address: TableAddress, wanted: TableDefinition, found: FoundTable): Refusal | undefined {
  const name = tableName(address);
  if (found.parameters['projection.enabled']?.toLowerCase() === 'true')
    return {
      code: 'CatalogueProjected',
      message:
        `The table ${name} in the Glue catalogue has partition projection (projection.enabled): engines compute its ` +
        `partitions, and ignore those of the catalogue, which name the current generations. Nothing was changed; ${TAKE_OVER}.`,
    };
  const owner = found.parameters[DATASET_MARK];
  if (owner === undefined)
    return {
      code: 'CatalogueForeign',
      message: `The table ${name} in the Glue catalogue was not created by Tributary. Nothing was changed; ${TAKE_OVER}.`,
    };
  if (found.location !== wanted.location)
    return {
      code: 'CatalogueForeign',
      message:
        `The table ${name} in the Glue catalogue belongs to dataset ${owner} in ${found.location}, not to the one in ` +
        `${wanted.location}. Nothing was changed. Give this dataset a table of its own in store.catalogue, or delete the ` +
        'table in Glue, which keeps the files: the next run creates it again.',
    };
  const differing = changedTypes(wanted, found);
  if (differing.length === 0) return undefined;
  return {
    code: 'CatalogueTypesDiffer',
    message:
      `The dataset and the table ${name} in the Glue catalogue differ: ${differing.join('; ')}. Columns are only added: ` +
      'Athena and Redshift read a partition only if its files have the table’s types exactly. Nothing was changed. ' +
      'Restore the types; or set another table in store.catalogue, and rebuild all days.',
  };
}

function changedTypes(wanted: TableDefinition, found: TableDefinition): string[] {
  const before = new Map(found.columns.map(({ name, type }) => [name, type]));
  const keys = ({ partitionKeys }: TableDefinition) =>
    partitionKeys.map(({ name, type }) => `${name} ${type}`).join(', ');
  const inBoth = (columns: TableDefinition['columns'], others: TableDefinition['columns']) =>
    columns.find(({ name }) => others.some((other) => other.name === name));
  const moved = inBoth(wanted.partitionKeys, found.columns) ?? inBoth(wanted.columns, found.partitionKeys);
  return [
    ...wanted.columns.flatMap(({ name, type }) => {
      const earlier = before.get(name);
      return earlier === undefined || isSameType(earlier, type)
        ? []
        : [`column ${name} was ${earlier}, now ${type}`];
    }),
    ...(keys(wanted) === keys(found) && moved === undefined
      ? []
      : [`the partition columns were ${keys(found)}, now ${keys(wanted)}`]),
  ];
}

/** Glue keeps the text as it was written. */
const isSameType = (a: string, b: string) => plainType(a) === plainType(b);
const plainType = (type: string) => type.replaceAll(/\s/g, '').toLowerCase();

/** In the order that the table has, new ones at the end. */
function mergedColumns(
  wanted: readonly CatalogueColumn[],
  found: readonly CatalogueColumn[],
): readonly CatalogueColumn[] {
  const byName = new Map(wanted.map((column) => [column.name, column]));
  const known = new Set(found.map(({ name }) => name));
  return [
    ...found.map((column) => byName.get(column.name) ?? column),
    ...wanted.filter(({ name }) => !known.has(name)),
  ];
}

/** Whether names, types, comments and order are the same. */
export const sameColumns = (a: readonly CatalogueColumn[], b: readonly CatalogueColumn[]): boolean =>
  a.length === b.length &&
  a.every(({ name, type, comment = '' }, index) => {
    const other = b[index];
    return name === other?.name && isSameType(type, other.type) && comment === (other.comment ?? '');
  });

export const tableName = ({ database, table }: TableAddress): string => `${database}.${table}`;
