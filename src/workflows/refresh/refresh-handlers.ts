import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  type LoadResult,
  type Phase,
  type Progress,
  QUERY_PROGRESS,
  RETRY_CHECK,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type SegmentResult,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
  SIGNAL_TABLE_FAILED,
  SIGNAL_TABLE_SETTLED,
} from '../../contract/refresh.ts';
import type { CheckResult } from '../../pipeline/run/check-result.ts';
import { FanOutMessages } from '../fan-out/fan-out-messages.ts';
import {
  nameOfPart,
  nameOfSegment,
  refuseNoCheck,
  refuseNoName,
  refuseNoNumber,
} from '../fan-out/retry-argument.ts';
import type { Supervisor } from '../fan-out/supervise.ts';
import type { RunProgress } from './run-progress.ts';

const progressQuery = defineQuery<Progress>(QUERY_PROGRESS);
const retrySegmentUpdate = defineUpdate<string, [segment?: number | null]>(RETRY_SEGMENT);
const retrySegmentSignal = defineSignal<[segment?: number | null]>(RETRY_SEGMENT);
const retryTableUpdate = defineUpdate<string, [table?: string | null]>(RETRY_TABLE);
const retryTableSignal = defineSignal<[table?: string | null]>(RETRY_TABLE);
const retryCheckUpdate = defineUpdate<string, [check?: string | null]>(RETRY_CHECK);
const retryCheckSignal = defineSignal<[check?: string | null]>(RETRY_CHECK);
const segmentSettled = defineSignal<[unknown]>(SIGNAL_SEGMENT_SETTLED);
const tableSettled = defineSignal<[unknown]>(SIGNAL_TABLE_SETTLED);
const segmentFailed = defineSignal<[unknown]>(SIGNAL_SEGMENT_FAILED);
const tableFailed = defineSignal<[unknown]>(SIGNAL_TABLE_FAILED);

/** The fan-outs of a refresh that messages address, each from its phase on. */
interface FanOuts {
  readonly segments: FanOutMessages<SegmentResult>;
  readonly tables: FanOutMessages<LoadResult>;
  /** From the phase verify on, if the pipeline has checks. They report only to this workflow. */
  checks: Supervisor<CheckResult> | undefined;
}

/**
 * Registers the query, updates and signals of a refresh. Call it before the first await, so that no message arrives
 * too early. Handlers only record requests; the supervisors' loop decides.
 */
export function handleMessages(progress: RunProgress): FanOuts {
  const segments = new FanOutMessages<SegmentResult>({
    child: 'segment',
    of: 'run',
    counts: ['items', 'bytes'],
  });
  const tables = new FanOutMessages<LoadResult>({ child: 'table', of: 'run', counts: ['rows', 'bytes'] });
  setHandler(progressQuery, () => progress.snapshot(), {
    description: 'Phases, and the state of each segment and table',
  });
  setHandler(
    retrySegmentUpdate,
    async (segment) =>
      segments.supervisor?.retry(nameOfSegment(segment)) ??
      noFanOut(progress, 'extract', 'segments are extracted'),
    {
      description: 'Retry a failed segment; without an argument, all failed segments',
      validator: refuseNoNumber,
    },
  );
  setHandler(
    retrySegmentSignal,
    (segment) => segments.supervisor?.retryUnanswered(nameOfSegment(segment)),
    asTheUpdate,
  );
  setHandler(
    retryTableUpdate,
    async (table) =>
      tables.supervisor?.retry(nameOfPart(table)) ?? noFanOut(progress, 'load', 'tables are loaded'),
    {
      description: 'Retry a failed table; without an argument, all failed tables',
      validator: refuseNoName,
    },
  );
  setHandler(retryTableSignal, (table) => tables.supervisor?.retryUnanswered(nameOfPart(table)), asTheUpdate);
  const fanOuts: FanOuts = { segments, tables, checks: undefined };
  setHandler(
    retryCheckUpdate,
    async (check) =>
      fanOuts.checks?.retry(nameOfPart(check)) ?? noFanOut(progress, 'verify', 'checks are made'),
    {
      description: 'Retry a failed check; without an argument, all failed checks',
      validator: refuseNoCheck,
    },
  );
  setHandler(retryCheckSignal, (check) => fanOuts.checks?.retryUnanswered(nameOfPart(check)), asTheUpdate);
  setHandler(segmentSettled, (message) => segments.settled(message), {
    description: 'Sent by a segment when it is done',
  });
  setHandler(tableSettled, (message) => tables.settled(message), {
    description: 'Sent by a table when it is loaded',
  });
  setHandler(segmentFailed, (message) => segments.failed(message), {
    description: 'Sent by a segment when it fails',
  });
  setHandler(tableFailed, (message) => tables.failed(message), {
    description: 'Sent by a table when its load fails',
  });
  return fanOuts;
}

const asTheUpdate = { description: 'Same as the update of this name, but without an answer' };

/** Why there is nothing to retry. */
function noFanOut(progress: RunProgress, phase: Phase, doing: string): string {
  return progress.ahead(phase)
    ? `nothing to retry: ${doing} later, the run is in ${progress.snapshot().phase}`
    : `nothing to retry: no ${doing} by this workflow`;
}
