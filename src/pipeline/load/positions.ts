/**
 * Where a schema is in the change log: one row per shard in `_tributary_positions`, written in the transaction that applies
 * the changes. Checkpoints are written once, so a number is exact, and sequence numbers are never compared.
 */
export interface Position {
  readonly epoch: string;
  readonly shard: string;
  /** The last checkpoint that the schema has; 0: none, but the schema is no older than the beginning of the shard. */
  readonly checkpoint: number;
  /** That checkpoint ends the shard. */
  readonly ended: boolean;
}
