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

/** What a checkpoint of a change log adds to the metrics. */
export interface RecordedCounts {
  readonly changes: number;
  /** Compressed bytes. */
  readonly bytes: number;
}

export function countRecorded(pipeline: string, { changes, bytes }: RecordedCounts): void {
  const { metricMeter } = Context.current();
  add(
    metricMeter,
    'tributary_recorded_changes',
    'Changes in the checkpoints of change logs',
    pipeline,
    changes,
  );
  add(
    metricMeter,
    'tributary_recorded_bytes',
    'Compressed bytes in the checkpoints of change logs',
    pipeline,
    bytes,
  );
}

/** @param seconds from a change to its being read, as of the last one of a page: the iterator age */
export function measureAge(pipeline: string, seconds: number): void {
  Context.current()
    .metricMeter.createHistogram(
      'tributary_iterator_age_seconds',
      'float',
      's',
      'Age of changes when they are read',
    )
    .record(seconds, { pipeline });
}

/** @param seconds the greatest iterator age among the shards of the pipeline that this worker reads */
export function measureOldest(pipeline: string, seconds: number): void {
  gauge(
    'tributary_iterator_age_max_seconds',
    'Greatest iterator age among the shards that the worker reads',
    seconds,
    { pipeline },
  );
}

/** An attempt of a call was refused because of a limit of DynamoDB Streams. */
export function countLimit(pipeline: string, call: string): void {
  Context.current()
    .metricMeter.createCounter(
      'tributary_stream_limit_hits',
      undefined,
      'Attempts that DynamoDB Streams refused because of its limits',
    )
    .add(1, { pipeline, call });
}

/** @param bytes of a pipeline's change log, of all epochs */
export function measureLog(pipeline: string, bytes: number): void {
  gauge('tributary_change_log_bytes', 'Bytes of change logs, as of the last daily pruning', bytes, {
    pipeline,
  });
}

/** What a destination of changes does not have yet. */
export interface LagMeasures {
  readonly seconds: number;
  readonly count: number;
  readonly bytes: number;
}

export function measureLag(
  { pipeline, destination }: { readonly pipeline: string; readonly destination: string },
  { seconds, count, bytes }: LagMeasures,
): void {
  const of = { pipeline, destination };
  gauge('tributary_apply_lag_seconds', 'Age of the oldest change that is not applied', seconds, of);
  gauge('tributary_apply_lag_changes', 'Changes that are recorded and not applied', count, of);
  gauge('tributary_apply_lag_bytes', 'Compressed bytes of the changes not applied', bytes, of);
}

/** What one apply did. */
export interface AppliedCounts {
  readonly changes: number;
  readonly rows: number;
  readonly setAside: number;
  readonly seconds: number;
}

export function countApplied(
  { pipeline, destination }: { readonly pipeline: string; readonly destination: string },
  { changes, rows, setAside, seconds }: AppliedCounts,
): void {
  const { metricMeter: meter } = Context.current();
  const of = { pipeline, destination };
  const count = (name: string, description: string, n: number) =>
    meter.createCounter(name, undefined, description).add(n, of);
  count('tributary_applied_changes', 'Changes applied to destinations', changes);
  count('tributary_applied_rows', 'Rows, or lines of a history, that applies wrote', rows);
  count('tributary_set_aside_changes', 'Images that cannot be written exactly', setAside);
  gauge('tributary_apply_seconds', 'How long the last apply took', seconds, of);
}

function gauge(name: string, description: string, value: number, of: Record<string, string>): void {
  Context.current().metricMeter.createGauge(name, 'float', undefined, description).set(value, of);
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

/** What waits in a table's inbox, and how many of its batches are open: those that are loaded, to be loaded, or parked. */
export interface InboxMeasures {
  readonly files: number;
  readonly bytes: number;
  readonly oldestSeconds: number;
  readonly openBatches: number;
}

/** @param table the loader's table: `<schema>.<table>` */
export function measureInbox(
  table: string,
  { files, bytes, oldestSeconds, openBatches }: InboxMeasures,
): void {
  const { metricMeter: meter } = Context.current();
  const measure = (name: string, description: string, value: number) =>
    meter.createGauge(`tributary_loader_${name}`, 'float', undefined, description).set(value, { table });
  measure('waiting_files', 'Files in the inbox', files);
  measure('waiting_bytes', 'Bytes of the files in the inbox', bytes);
  measure('oldest_file_seconds', 'Age of the oldest file in the inbox; 0 if there is none', oldestSeconds);
  measure('open_batches', 'Batches that are loaded, to be loaded, or parked', openBatches);
}

/** What a watcher adds to the metrics. */
interface WatchedCounts {
  readonly messages: number;
  readonly files: number;
  readonly unmatched: number;
  readonly poison: number;
}

/** @param url of the queue */
export function countWatched(url: string, { messages, files, unmatched, poison }: WatchedCounts): void {
  const { metricMeter } = Context.current();
  const count = (name: string, description: string, added: number) =>
    metricMeter.createCounter(name, undefined, description).add(added, { queue: queueName(url) });
  count('tributary_watched_messages', 'Messages received from watched queues', messages);
  count('tributary_announced_files', 'Files that messages announced, put into inboxes', files);
  count('tributary_unmatched_files', 'Files in watched queues that no loader matches', unmatched);
  count('tributary_poison_messages', 'Messages that are not notifications of S3', poison);
}

/** @param found files that no event had announced */
export function countListed(loader: string, found: number): void {
  const { metricMeter } = Context.current();
  metricMeter
    .createCounter('tributary_listed_files', undefined, 'Files that a listing found, put into inboxes')
    .add(found, { loader });
}

/** The queue's depth, by SQS's approximate numbers. */
export function gaugeQueue(
  url: string,
  {
    visible,
    inFlight,
    oldestSeconds,
  }: { readonly visible: number; readonly inFlight: number; readonly oldestSeconds: number },
): void {
  const { metricMeter } = Context.current();
  const queue = queueName(url);
  const depth = metricMeter.createGauge(
    'tributary_queue_messages',
    'int',
    undefined,
    'Messages in watched queues',
  );
  depth.set(visible, { queue, state: 'visible' });
  depth.set(inFlight, { queue, state: 'in flight' });
  metricMeter
    .createGauge(
      'tributary_queue_oldest_seconds',
      'int',
      undefined,
      'Age of the oldest message lately received from a watched queue',
    )
    .set(oldestSeconds, { queue });
}

const queueName = (url: string) => url.slice(url.lastIndexOf('/') + 1);
