import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { InferInput, InferProgress, InferResult, InferSegmentResult } from '../../contract/infer.ts';
import type { InferControlActivities, InferenceOverview } from '../../contract/infer-activities.ts';
import { inferDetails, inferLine } from '../../contract/infer-details.ts';
import {
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
  segmentWorkflowId,
} from '../../contract/refresh.ts';
import type { WorkNow } from '../../pipeline/run/work-now.ts';
import { memoOfChild, showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { childWorkflows } from '../fan-out/child-workflows.ts';
import { cancellingEarlierChildren } from '../fan-out/earlier-children.ts';
import { FanOut } from '../fan-out/fan-out.ts';
import { FanOutMessages } from '../fan-out/fan-out-messages.ts';
import { nameOfSegment, refuseNoNumber } from '../fan-out/retry-argument.ts';
import { Supervisor } from '../fan-out/supervise.ts';
import { WorkWatch } from '../fan-out/watch-work.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { searchAttributes } from '../search-attributes.ts';
import { InferAlerts } from './infer-alerts.ts';
import { inferSegment } from './infer-segment.ts';

const short = proxyActivities<InferControlActivities>(profiles.short);
const sealing = proxyActivities<InferControlActivities>(profiles.seal);

const progressQuery = defineQuery<InferProgress>(QUERY_PROGRESS);
const retrySegmentUpdate = defineUpdate<string, [segment?: number | null]>(RETRY_SEGMENT);
const retrySegmentSignal = defineSignal<[segment?: number | null]>(RETRY_SEGMENT);
const segmentSettled = defineSignal<[unknown]>(SIGNAL_SEGMENT_SETTLED);
const segmentFailed = defineSignal<[unknown]>(SIGNAL_SEGMENT_FAILED);

/** Children running at once. */
const WINDOW = 50;

/**
 * Scans a DynamoDB table, or a sample of it, and agrees on the schema it finds, unless it is only to look. It extracts
 * nothing and does not touch the warehouse.
 *
 * 1. plan: name the inference and write its plan.
 * 2. scan: one child per segment. If one fails, the others continue, and then the inference waits.
 * 3. conclude: merge the observations, agree on the schema, write statistics and drift.
 */
export async function inferSchema(input: InferInput): Promise<InferResult> {
  refuseUnknownInput(input, {
    pipeline: true,
    destination: true,
    definition: true,
    inference: true,
    sample: true,
    segments: true,
    examples: true,
    agree: true,
    acceptDrift: true,
  });
  const watch = new WorkWatch();
  return explainingFailure(
    () => `Failed: inference of ${input.pipeline}`,
    () => ({ fix: 'Fix the cause', commands: [`tributary infer ${input.pipeline}`], resumes: false }),
    () => watch.during(() => cancellingEarlierChildren(() => infer(input, watch, new InferAlerts()))),
  );
}

async function infer(input: InferInput, watch: WorkWatch, alerts: InferAlerts): Promise<InferResult> {
  const startedMs = Date.now();
  let phase: InferProgress['phase'] = 'plan';
  let overview: InferenceOverview | undefined;
  let work: WorkNow | undefined;
  const segments = new FanOutMessages<InferSegmentResult>({
    child: 'segment',
    of: 'inference',
    counts: ['items'],
  });

  const progress = (): InferProgress => {
    const fanOut = segments.supervisor?.fanOut;
    return {
      pipeline: input.pipeline,
      ...(overview === undefined ? {} : { inference: overview.ref.inference }),
      phase,
      state: phase === 'done' ? 'completed' : fanOut?.parked === true ? 'waiting' : 'running',
      ...(fanOut === undefined ? {} : { scan: fanOut.progress() }),
      ...(overview?.knownItems === undefined ? {} : { knownItems: overview.knownItems }),
      ...(work === undefined ? {} : { now: work }),
    };
  };
  setHandler(progressQuery, progress, {
    description: 'Progress of the inference, and the segments that failed',
  });
  setHandler(
    retrySegmentUpdate,
    async (segment) => {
      await condition(() => segments.supervisor !== undefined);
      return (segments.supervisor as Supervisor<InferSegmentResult>).retry(nameOfSegment(segment));
    },
    {
      description: 'Retry a failed segment; without an argument, all failed segments',
      validator: refuseNoNumber,
    },
  );
  setHandler(retrySegmentSignal, (segment) => segments.supervisor?.retryUnanswered(nameOfSegment(segment)), {
    description: 'Same as the update of this name, but without an answer',
  });
  setHandler(segmentSettled, (message) => segments.settled(message), {
    description: 'Sent by a segment when it is done',
  });
  setHandler(segmentFailed, (message) => segments.failed(message), {
    description: 'Sent by a segment when it fails',
  });

  const show = () => showDetails(inferDetails(progress()));
  // An inference planned by 0.1.0 keeps the commands of 0.1.0.
  const isOld = () => overview?.searchable === undefined;
  const remember = () => {
    const now = progress();
    const { pipeline, inference = '' } = now;
    upsertMemo({ tributary: inferLine(now), ...(isOld() ? {} : { pipeline, inference }) });
    if (overview?.searchable === true) upsertSearchAttributes(searchAttributes({ ...now, run: inference }));
  };
  let shown = progress().state;
  const changed = (failureRecorded: boolean) => {
    show();
    const { state } = progress();
    if (failureRecorded || (state !== shown && !isOld())) remember();
    const fanOut = segments.supervisor?.fanOut;
    if (state === 'waiting' && state !== shown && fanOut !== undefined) alerts.waiting(progress(), fanOut);
    shown = state;
  };

  watch.begin(
    () => progress().state !== 'running',
    (now) => {
      const scan = segments.supervisor?.fanOut.progress();
      work = now && { ...now, ...(scan && { settled: { items: scan.items, bytes: 0 } }) };
      show();
    },
  );

  // 1
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  overview = await short.planInference({
    request: input,
    owner: { workflowId, firstExecutionRunId },
    startedAt: startTime.toISOString(),
  });
  alerts.about(overview);
  // 2
  const scan = segmentSupervisor(overview);
  segments.begin({ supervisor: scan, of: overview.ref.inference });
  phase = 'scan';
  remember();
  await scan.run(changed);
  // 3
  phase = 'conclude';
  work = undefined;
  show();
  if (!isOld()) remember();
  const { ref } = overview;
  const { acceptDrift = false, agree = true } = input;
  const found = await alerts.reportingFailure(
    () => phase,
    () => sealing.concludeInference({ ref, acceptDrift, agree }),
  );
  phase = 'done';
  work = undefined;
  remember();
  show();
  return { ...found, seconds: Math.round((Date.now() - startedMs) / 100) / 10 };
}

function segmentSupervisor({ ref, segments, source }: InferenceOverview): Supervisor<InferSegmentResult> {
  const parent = workflowInfo().workflowId;
  const idOf = (child: string) => segmentWorkflowId(parent, Number(child));
  const children = Array.from({ length: segments }, (_, i) => String(i));
  return new Supervisor(
    new FanOut(children, WINDOW, idOf),
    childWorkflows(idOf, (child) =>
      startChild(inferSegment, {
        workflowId: idOf(child),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `scan segment ${child} of ${segments} of ${source}`,
        args: [
          {
            pipeline: ref.pipeline,
            inference: ref.inference,
            segment: Number(child),
            staging: { bucket: ref.bucket, prefix: ref.prefix },
            parent,
          },
        ],
        ...memoOfChild(),
      }),
    ),
    ({ items }) => ({ items, bytes: 0 }),
  );
}
