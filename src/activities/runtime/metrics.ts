import { Context } from '@temporalio/activity';
import type { MetricMeter } from '@temporalio/common';

/** What a checkpoint adds to the metrics. */
export interface ExtractedCounts {
  readonly items: number;
  /** Compressed bytes. */
  readonly bytes: number;
  readonly rejects: number;
}

/**
 * What the worker has done since it started, by pipeline. It is for graphs and alerts only: work done twice counts
 * twice, and no decision depends on it.
 */
export function countExtracted(
  meter: MetricMeter,
  pipeline: string,
  { items, bytes, rejects }: ExtractedCounts,
): void {
  add(meter, 'tributary_extracted_items', 'Items in the checkpoints written', pipeline, items);
  add(meter, 'tributary_extracted_bytes', 'Compressed bytes in the checkpoints written', pipeline, bytes);
  add(meter, 'tributary_rejected_items', 'Items set aside', pipeline, rejects);
}

export function countLoaded(pipeline: string, rows: number): void {
  const { metricMeter } = Context.current();
  add(metricMeter, 'tributary_loaded_rows', 'Rows loaded into staging and committed', pipeline, rows);
}

function add(meter: MetricMeter, name: string, description: string, pipeline: string, count: number): void {
  meter.createCounter(name, undefined, description).add(count, { pipeline });
}

/** What a batch of a loader did. */
export interface BatchedCounts {
  readonly rows: number;
  readonly merged: number;
  readonly deleted: number;
  readonly setAside: number;
}

/** @param table the loader's table: `<schema>.<table>` */
export function countBatch(table: string, outcome: string, counts?: BatchedCounts): void {
  const { metricMeter: meter } = Context.current();
  const count = (name: string, description: string, n: number, more: Record<string, string> = {}) =>
    meter.createCounter(`tributary_loader_${name}`, undefined, description).add(n, { table, ...more });
  count('batches', 'Batches that ended, by outcome', 1, { outcome });
  if (counts === undefined) return;
  count('rows', 'Rows of the files that batches loaded', counts.rows);
  count('merged_rows', 'Rows that batches wrote to the table', counts.merged);
  count('deleted_rows', 'Keys that batches deleted', counts.deleted);
  count('set_aside_rows', 'Rows set aside, because their key or newest is NULL', counts.setAside);
}
