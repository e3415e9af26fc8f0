import type {
  FoundTable,
  PartitionDefinition,
  TableAddress,
  TableDefinition,
} from '../pipeline/datasets/catalogue/catalogue-table.ts';
import type { CallOptions } from './object-store.ts';

/**
 * Exactly what Tributary needs of a catalogue of tables. A change of a table is conditional on its version; those of
 * partitions are not: the last one stays. Every method throws Terminal or Transient, with the table's name.
 */
export interface Catalogue {
  /** @returns 'exists' if it was there */
  createDatabase(name: string, options?: CallOptions): Promise<'created' | 'exists'>;
  /** @returns undefined if there is no such table, or no such database */
  table(address: TableAddress, options?: CallOptions): Promise<FoundTable | undefined>;
  /** @returns 'no database' if its database is missing */
  createTable(
    address: TableAddress,
    table: TableDefinition,
    options?: CallOptions,
  ): Promise<'created' | 'exists' | 'no database'>;
  /** @returns 'changed' if the table has another version, or is gone */
  updateTable(
    address: TableAddress,
    table: FoundTable,
    options?: CallOptions,
  ): Promise<'updated' | 'changed'>;
  /** In no order; none if there is no such table. */
  partitions(address: TableAddress, options?: CallOptions): AsyncIterable<PartitionDefinition>;
  /** Any number of them. @returns those that failed: the others were created */
  createPartitions(
    address: TableAddress,
    partitions: readonly PartitionDefinition[],
    options?: CallOptions,
  ): Promise<readonly PartitionFailure[]>;
  /** @returns those that failed: the others were updated */
  updatePartitions(
    address: TableAddress,
    partitions: readonly PartitionDefinition[],
    options?: CallOptions,
  ): Promise<readonly PartitionFailure[]>;
  /** @returns those that failed: the others were deleted */
  deletePartitions(
    address: TableAddress,
    values: readonly (readonly string[])[],
    options?: CallOptions,
  ): Promise<readonly PartitionFailure[]>;
}

/** A partition that a call could not change, though the call succeeded. */
export interface PartitionFailure {
  readonly values: readonly string[];
  /** `exists` and `missing`: another process was faster. `transient`: a retry may help. */
  readonly kind: 'exists' | 'missing' | 'transient' | 'refused';
  /** What the catalogue says, with its own code. */
  readonly message: string;
}
