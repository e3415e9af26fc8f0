/** Names of partitions: the path that Hive, Glue and their readers expect. */

/** A partition by the value of one column, or by parts of a date. */
export type PartitionColumns = readonly { readonly name: string; readonly value: string }[];

/** The only partition of a table without partitions, as path and as value. */
export const WHOLE = 'all';

/** Hive escapes these in a partition's path; a blank as well, which some readers cannot have in a location. */
const ESCAPED = /[\p{Cc}"#%'*/:=?\\{[\]^ ]/gu;

/** The path of a partition, with special characters as Hive escapes them: `record_date=2026-11-01`. */
export const partitionPath = (columns: PartitionColumns): string =>
  columns.map(({ name, value }) => `${name}=${escaped(value)}`).join('/');

const escaped = (value: string) =>
  value.replace(
    ESCAPED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** The columns of a partition's path; none of a table without partitions. */
export const partitionColumns = (path: string): PartitionColumns =>
  (path === WHOLE ? [] : path.split('/')).map((part) => {
    const at = part.indexOf('=');
    return {
      name: part.slice(0, at),
      value: part
        .slice(at + 1)
        .replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    };
  });
