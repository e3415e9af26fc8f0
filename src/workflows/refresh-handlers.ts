import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  type LoadResult,
  type Phase,
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type SegmentResult,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
  SIGNAL_TABLE_FAILED,
  SIGNAL_TABLE_SETTLED,
} from './messages.ts';
import type { RunProgress } from './run-progress.ts';
import { nameOfSegment as nameOf, refuseNoNumber } from './segment-argument.ts';
import type { Supervisor } from './supervise.ts';
import type { ChildFailure } from './tell-parent.ts';

const progressQuery = defineQuery<Progress>(QUERY_PROGRESS);
const retrySegmentUpdate = defineUpdate<string, [segment?: number | undefined]>(RETRY_SEGMENT);
const retrySegmentSignal = defineSignal<[segment?: number | undefined]>(RETRY_SEGMENT);
const retryTableUpdate = defineUpdate<string, [table?: string | undefined]>(RETRY_TABLE);
const retryTableSignal = defineSignal<[table?: string | undefined]>(RETRY_TABLE);
const segmentSettled = defineSignal<[SegmentResult]>(SIGNAL_SEGMENT_SETTLED);
const tableSettled = defineSignal<[LoadResult]>(SIGNAL_TABLE_SETTLED);
const segmentFailed = defineSignal<[ChildFailure & { segment: number }]>(SIGNAL_SEGMENT_FAILED);
const tableFailed = defineSignal<[ChildFailure & { table: string }]>(SIGNAL_TABLE_FAILED);

/** The fan-outs that messages are for, each from its phase on. */
export interface FanOuts {
  segments?: Supervisor<SegmentResult>;
  tables?: Supervisor<LoadResult>;
  /** Where the tables are loaded to. */
  stagingSchema?: string;
}

/**
 * What a refresh can be asked and told. Set before its first await, so that no message comes too early; handlers
 * only leave notes with the supervisors, whose loop decides.
 */
export function handleMessages(progress: RunProgress, fanOuts: FanOuts): void {
  setHandler(progressQuery, () => progress.snapshot(), {
    description: 'Phases, and who of the fan-outs is where',
  });
  setHandler(
    retrySegmentUpdate,
    async (segment?: number) =>
      fanOuts.segments?.retry(nameOf(segment)) ?? noFanOut(progress, 'extract', 'segments are extracted'),
    {
      description: 'Start a failed segment again; without an argument, all failed ones',
      validator: refuseNoNumber,
    },
  );
  setHandler(retrySegmentSignal, (segment) => fanOuts.segments?.retryUnanswered(nameOf(segment)), {
    description: 'The same as the update of this name, without an answer',
  });
  setHandler(
    retryTableUpdate,
    async (table?: string) => fanOuts.tables?.retry(table) ?? noFanOut(progress, 'load', 'tables are loaded'),
    { description: 'Load a failed table again; without an argument, all failed ones' },
  );
  setHandler(retryTableSignal, (table) => fanOuts.tables?.retryUnanswered(table), {
    description: 'The same as the update of this name, without an answer',
  });
  setHandler(segmentSettled, (result) => fanOuts.segments?.reportSettled(String(result.segment), result), {
    description: 'Sent by a segment that is done',
  });
  setHandler(
    tableSettled,
    (result) => {
      // A load of a staging schema that was left for another one says nothing of this one.
      const { stagingSchema = fanOuts.stagingSchema } = result;
      if (stagingSchema === fanOuts.stagingSchema) fanOuts.tables?.reportSettled(result.table, result);
    },
    { description: 'Sent by a table that is loaded' },
  );
  setHandler(segmentFailed, ({ segment, error }) => fanOuts.segments?.reportFailed(String(segment), error), {
    description: 'Sent by a segment that failed',
  });
  setHandler(tableFailed, ({ table, error }) => fanOuts.tables?.reportFailed(table, error), {
    description: 'Sent by a table that could not be loaded',
  });
}

/** Why there is nothing to retry. */
function noFanOut(progress: RunProgress, phase: Phase, doing: string): string {
  return progress.ahead(phase)
    ? `nothing to retry: ${doing} later, the run is in ${progress.snapshot().phase}`
    : `nothing to retry: no ${doing} by this workflow`;
}
