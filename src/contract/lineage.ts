import type { LineageReport } from '../pipeline/lineage/build-run-event.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';

/** Input of `sendLineage`. Nested, so that an open workflow does not count as work on the run. */
export interface SendLineageInput {
  readonly event: { readonly ref: RunRef; readonly report: LineageReport };
}

/** The activity behind it. */
export interface LineageActivities {
  /** Builds the event from the run directory and sends it. Does nothing if the configuration has no `lineage` any more. */
  deliverLineage(input: SendLineageInput['event']): Promise<void>;
}
