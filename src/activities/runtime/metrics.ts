import { Context } from '@temporalio/activity';
import type { Checkpoint } from '../../pipeline/run/checkpoint.ts';

/**
 * What the worker has done since it started, by pipeline. It is for graphs and alerts only: work done twice counts
 * twice, and no decision depends on it.
 */
export function countExtracted(pipeline: string, { items, files, odd, rejects }: Checkpoint): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, (odd?.bytes ?? 0) + (rejects?.bytes ?? 0));
  add('tributary_extracted_items', 'Items in the checkpoints written', pipeline, items);
  add('tributary_extracted_bytes', 'Compressed bytes in the checkpoints written', pipeline, bytes);
  add('tributary_rejected_items', 'Items set aside', pipeline, rejects?.items ?? 0);
}

export function countLoaded(pipeline: string, rows: number): void {
  add('tributary_loaded_rows', 'Rows loaded into staging and committed', pipeline, rows);
}

function add(name: string, description: string, pipeline: string, count: number): void {
  Context.current().metricMeter.createCounter(name, undefined, description).add(count, { pipeline });
}
