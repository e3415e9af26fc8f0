/** A table as a catalogue has it. Its files are Parquet; each of its partitions names a folder of its own. */

export interface TableAddress {
  readonly database: string;
  readonly table: string;
}

export interface CatalogueColumn {
  readonly name: string;
  /** In Hive's spelling, as Glue, Athena and Redshift have it: `decimal(10,2)`, `array<string>`. */
  readonly type: string;
  readonly comment?: string;
}

export type Parameters = Readonly<Record<string, string>>;

export interface TableDefinition {
  /** Of the data files. */
  readonly columns: readonly CatalogueColumn[];
  /** In the path of a partition, not in its files. */
  readonly partitionKeys: readonly CatalogueColumn[];
  /** `s3://bucket/prefix/` */
  readonly location: string;
  readonly parameters: Parameters;
}

/** A table that is there. */
export interface FoundTable extends TableDefinition {
  /** An update needs it, and fails if the table has another one. */
  readonly version: string;
  /** What else it has, which an update must give back. */
  readonly others: unknown;
}

export interface PartitionDefinition {
  /** Of the partition keys, in their order. */
  readonly values: readonly string[];
  /** `s3://bucket/prefix/record_date=2026-11-01/gen-00007-<id>/` */
  readonly location: string;
  readonly columns: readonly CatalogueColumn[];
  readonly parameters: Parameters;
}

/** Identifies a partition within its table. */
export const valuesKey = (values: readonly string[]): string => JSON.stringify(values);
