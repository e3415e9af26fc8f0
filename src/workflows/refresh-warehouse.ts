import { ApplicationFailure } from '@temporalio/common';
import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities, RunOverview, SealedRun } from '../activities/interface.ts';
import { extractSegment } from './extract-segment.ts';
import { FanOut } from './fan-out.ts';
import { loadTable } from './load-table.ts';
import {
  loadWorkflowId,
  PHASES,
  type Phase,
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type RefreshInput,
  type RefreshResult,
  type SegmentResult,
  SIGNAL_SEGMENT_SETTLED,
  SIGNAL_TABLE_SETTLED,
  segmentWorkflowId,
  type TableResult,
} from './messages.ts';
import { profiles } from './profiles.ts';
import { progressDetails, progressLine } from './progress-details.ts';
import { RunProgress } from './run-progress.ts';
import { RunReport } from './run-report.ts';
import { searchAttributes } from './search-attributes.ts';
import { GaveUp, Supervisor } from './supervise.ts';

const short = proxyActivities<ControlActivities>(profiles.short);
const sealing = proxyActivities<ControlActivities>(profiles.seal);
const statements = proxyActivities<ControlActivities>(profiles.statements);

const progressQuery = defineQuery<Progress>(QUERY_PROGRESS);
const retrySegmentUpdate = defineUpdate<string, [segment?: number | undefined]>(RETRY_SEGMENT);
const retrySegmentSignal = defineSignal<[segment?: number | undefined]>(RETRY_SEGMENT);
const retryTableUpdate = defineUpdate<string, [table?: string | undefined]>(RETRY_TABLE);
const retryTableSignal = defineSignal<[table?: string | undefined]>(RETRY_TABLE);
const segmentSettled = defineSignal<[SegmentResult]>(SIGNAL_SEGMENT_SETTLED);
const tableSettled = defineSignal<[TableResult]>(SIGNAL_TABLE_SETTLED);

/** Children under way at once: more only lengthens queues, for workers have far fewer slots. */
const WINDOW = 50;
/** Staging schemas tried before a person is asked: a second one is needed only after a broken ledger. */
const MAX_GENERATIONS = 3;

/**
 * Copies a DynamoDB table into the warehouse. `from` and `to` start and stop it at any phase.
 *
 * 1. plan: name the run, write `plan.json`; or find the earlier run that `from` goes on with.
 * 2. extract: a child for each segment; one that fails leaves the others running and the run waiting.
 * 3. seal: merge what the segments saw and wrote into `manifest.json`.
 * 4. prepare: create a staging schema of the run's own.
 * 5. load: a child for each table; a staging schema whose ledger disagrees with it is left for a new one.
 * 6. verify: what staging holds is what was seen.
 * 7. replace: one transaction swaps staging in; then backups are tidied.
 *
 * However it ends, and when it waits for a person, a report is written.
 */
export async function refreshWarehouse(input: RefreshInput): Promise<RefreshResult> {
  const report = new RunReport();
  return report.whatever(() => refresh(input, report));
}

async function refresh(input: RefreshInput, report: RunReport): Promise<RefreshResult> {
  const wanted = wantedPhases(input);
  const progress = new RunProgress(input.pipeline, wanted);
  let segments: Supervisor<SegmentResult> | undefined;
  let tables: Supervisor<TableResult> | undefined;

  setHandler(progressQuery, () => progress.snapshot(), {
    description: 'Phases, and who of the fan-outs is where',
  });
  setHandler(
    retrySegmentUpdate,
    async (segment?: number) => {
      await condition(() => segments !== undefined || !progress.ahead('extract'));
      return segments?.retry(nameOf(segment)) ?? 'this workflow extracts no segments';
    },
    {
      description: 'Start a failed segment again; without an argument, all failed ones',
      validator: (segment?: number) => {
        if (segment != null && !(Number.isInteger(segment) && segment >= 0)) {
          throw new Error(
            `a segment's number is expected, or nothing for all failed ones; got ${JSON.stringify(segment)}`,
          );
        }
      },
    },
  );
  setHandler(retrySegmentSignal, (segment) => void segments?.retry(nameOf(segment)), {
    description: 'The same as the update of this name, without an answer',
  });
  setHandler(
    retryTableUpdate,
    async (table?: string) => {
      await condition(() => tables !== undefined || !progress.ahead('load'));
      return tables?.retry(table) ?? 'this workflow loads no tables';
    },
    { description: 'Load a failed table again; without an argument, all failed ones' },
  );
  setHandler(retryTableSignal, (table) => void tables?.retry(table), {
    description: 'The same as the update of this name, without an answer',
  });
  setHandler(segmentSettled, (result) => segments?.reportSettled(String(result.segment), result), {
    description: 'Sent by a segment that is done',
  });
  setHandler(tableSettled, (result) => tables?.reportSettled(result.table, result), {
    description: 'Sent by a table that is loaded',
  });

  const show = () => setCurrentDetails(progressDetails(progress.snapshot()));
  let searchable = false;
  const remember = () => {
    const now = progress.snapshot();
    upsertMemo({
      tributary: progressLine(now),
      pipeline: now.pipeline,
      ...(now.run === undefined ? {} : { run: now.run }),
    });
    if (searchable) upsertSearchAttributes(searchAttributes(now));
  };
  const phase = async <T>(name: Phase, work: () => Promise<T>): Promise<T> => {
    progress.begin(name, Date.now());
    show();
    remember();
    const result = await work();
    progress.end(name, Date.now());
    show();
    return result;
  };
  let shown = progress.snapshot().state;
  const changed = (failureRecorded: boolean) => {
    show();
    const { state } = progress.snapshot();
    if (failureRecorded || state !== shown) remember();
    if (state === 'waiting' && state !== shown) report.waiting();
    shown = state;
  };

  // 1
  const overview = wanted.includes('plan')
    ? await phase('plan', () =>
        short.planRun({ request: input, owner: owner(), startedAt: workflowInfo().startTime.toISOString() }),
      )
    : await short.openRun({ request: input });
  const { ref, warehouse } = overview;
  searchable = overview.searchable;
  progress.named(ref.run);
  report.about(ref, progress);
  let sealed: SealedRun | undefined = overview.sealed;
  let stagingSchema: string | undefined;

  // 2
  if (wanted.includes('extract')) {
    segments = segmentSupervisor(overview);
    progress.extract = segments.fanOut;
    await phase('extract', () => (segments as Supervisor<SegmentResult>).run(changed));
  }
  // 3
  if (wanted.includes('seal'))
    sealed = await phase('seal', () => sealing.sealRun({ ref, acceptDrift: input.acceptDrift ?? false }));
  const toLoad = () => {
    if (sealed === undefined) {
      throw ApplicationFailure.nonRetryable(
        `Run ${ref.run} is not sealed, so there is nothing to ${wanted[0]}. Start it from extract or seal.`,
        'RunNotSealed',
      );
    }
    return sealed.tables;
  };
  const stagingToUse = async () => {
    stagingSchema ??= await short.findStaging({ ref, warehouse });
    return stagingSchema;
  };
  // 4 and 5
  for (let generation = 1; wanted.includes('prepare') || wanted.includes('load'); generation++) {
    toLoad();
    if (wanted.includes('prepare') || generation > 1) {
      stagingSchema = await phase('prepare', async () => {
        const name = await short.nextStaging({ ref, warehouse });
        await statements.createStaging({ ref, warehouse, stagingSchema: name });
        return name;
      });
    }
    if (!wanted.includes('load')) break;
    tables = tableSupervisor(overview, await stagingToUse(), toLoad());
    progress.load = tables.fanOut;
    try {
      await phase('load', () => (tables as Supervisor<TableResult>).run(changed, 'StagingDisagrees'));
      break;
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
      if (generation === MAX_GENERATIONS)
        throw ApplicationFailure.nonRetryable(error.message, 'StagingDisagrees');
    }
  }
  // 6
  if (wanted.includes('verify')) {
    toLoad();
    const staging = await stagingToUse();
    await phase('verify', () => statements.verifyStaging({ ref, warehouse, stagingSchema: staging }));
  }
  // 7
  if (wanted.includes('replace')) {
    toLoad();
    const staging = await stagingToUse();
    await phase('replace', async () => {
      await statements.replaceLive({ ref, warehouse, stagingSchema: staging, older: input.older ?? false });
      await statements.tidyWarehouse({ ref, warehouse, stagingSchema: staging });
    });
  }

  progress.finish();
  const result: RefreshResult = {
    run: ref.run,
    status: wanted.includes('replace') ? 'replaced' : (wanted.at(-1) as Phase),
    tables: sealed?.tables ?? [],
    items: sealed?.items ?? progress.extract?.progress().items ?? 0,
    rejects: sealed?.rejects ?? 0,
    ...(sealed === undefined ? {} : { drift: sealed.drift }),
    seconds: report.seconds,
  };
  await report.completed(result);
  remember();
  show();
  return result;
}

/** The phases from `from` to `to`. @throws a terminal failure where they are no phases, or in the wrong order. */
function wantedPhases(input: RefreshInput): Phase[] {
  for (const [option, phase] of [
    ['from', input.from],
    ['to', input.to],
  ] as const) {
    if (phase !== undefined && !PHASES.includes(phase)) {
      throw ApplicationFailure.nonRetryable(
        `${option}: ${JSON.stringify(phase)} is no phase. They are: ${PHASES.join(', ')}.`,
        'BadInput',
      );
    }
  }
  const from = PHASES.indexOf(input.from ?? 'plan');
  const to = PHASES.indexOf(input.to ?? 'replace');
  if (to < from)
    throw ApplicationFailure.nonRetryable(`to (${input.to}) comes before from (${input.from}).`, 'BadInput');
  if (from > 0 && input.run === undefined) {
    throw ApplicationFailure.nonRetryable(
      `from: ${input.from} goes on with an earlier run: name it with "run".`,
      'BadInput',
    );
  }
  return PHASES.slice(from, to + 1);
}

const nameOf = (segment: number | null | undefined) => (segment == null ? undefined : String(segment));

function owner() {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { workflowId, firstExecutionRunId };
}

function segmentSupervisor({
  ref,
  segments,
  segmentsAtOnce,
  source,
}: RunOverview): Supervisor<SegmentResult> {
  const parent = workflowInfo().workflowId;
  const idOf = (child: string) => segmentWorkflowId(parent, Number(child));
  return new Supervisor(
    new FanOut(
      Array.from({ length: segments }, (_, i) => String(i)),
      segmentsAtOnce ?? WINDOW,
      idOf,
    ),
    idOf,
    (child) =>
      startChild(extractSegment, {
        workflowId: idOf(child),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `segment ${child} of ${segments} of ${source}`,
        args: [
          {
            pipeline: ref.pipeline,
            run: ref.run,
            segment: Number(child),
            staging: { bucket: ref.bucket, prefix: ref.prefix },
            parent,
          },
        ],
      }),
    ({ items, bytes }) => ({ items, bytes }),
  );
}

function tableSupervisor(
  { ref, warehouse }: RunOverview,
  stagingSchema: string,
  tables: readonly TableResult[],
): Supervisor<TableResult> {
  const parent = workflowInfo().workflowId;
  const idOf = (child: string) => loadWorkflowId(parent, child);
  return new Supervisor(
    new FanOut(
      tables.map(({ table }) => table),
      WINDOW,
      idOf,
    ),
    idOf,
    (child) =>
      startChild(loadTable, {
        workflowId: idOf(child),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `load ${child} into ${stagingSchema}`,
        args: [
          {
            pipeline: ref.pipeline,
            run: ref.run,
            table: child,
            stagingSchema,
            staging: { bucket: ref.bucket, prefix: ref.prefix },
            warehouse,
            parent,
          },
        ],
      }),
    ({ rows, bytes }) => ({ items: rows, bytes }),
  );
}
