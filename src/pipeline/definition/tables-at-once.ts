/**
 * The most tables that a run may load at the same time: Redshift's manual workload management has at most 50 slots in
 * all queues together ("Quotas and limits in Amazon Redshift"), and so many control activities run in a worker.
 */
export const MAX_TABLES_AT_ONCE = 50;
/**
 * The default. One COPY with enough files already uses all slices, so a few loads at once are for the many small tables.
 * AWS recommends at most 15 slots in all queues; this leaves some for readers.
 */
export const TABLES_AT_ONCE = 10;

/** How many tables a run loads at the same time. */
export const tablesAtOnce = (warehouse: { readonly tablesAtOnce?: number | undefined }): number =>
  warehouse.tablesAtOnce ?? TABLES_AT_ONCE;
