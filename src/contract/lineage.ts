import type { DatasetLineageReport } from '../pipeline/lineage/build-dataset-event.ts';
import type { LineageReport } from '../pipeline/lineage/build-run-event.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';

/** Input of `sendLineage`. Nested, so that an open workflow does not count as work on the run. */
export interface SendLineageInput {
  readonly event: LineageEvent;
}

/** Of a pipeline's run, or of a dataset. */
export type LineageEvent =
  | { readonly ref: RunRef; readonly report: LineageReport }
  | { readonly dataset: DatasetLineageReport };

/** The activity behind it. */
export interface LineageActivities {
  /**
   * Builds the event, from the run directory or from what the dataset's partitions were built from, and sends it. Does nothing if the
   * configuration has no `lineage` any more.
   */
  deliverLineage(input: LineageEvent): Promise<void>;
}
