import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  sleep,
  startChild,
  type Workflow,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type LoadResult,
  loadWorkflowId,
  type SegmentResult,
  segmentWorkflowId,
  type TableResult,
} from '../../contract/refresh.ts';
import type { RunOverview } from '../../contract/refresh-activities.ts';
import { parseStagingName } from '../../pipeline/staging/staging.ts';
import { memoOfChild } from '../as-typed.ts';
import { childWorkflows } from '../fan-out/child-workflows.ts';
import { FanOut } from '../fan-out/fan-out.ts';
import { Supervisor } from '../fan-out/supervise.ts';
import { extractSegment } from './extract-segment.ts';
import { loadTable } from './load-table.ts';

/** Children running at once if their number is not limited. Workers have far fewer slots, so more would only lengthen the queues. */
const WINDOW = 50;
/** How long to wait for a cancelled load to end. The wait doubles each time, because each check adds to the history. */
const LOOK_AGAIN_MS = { first: 1000, most: 60_000 };

/** One child per segment of a run. */
export function segmentSupervisor({
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
    childWorkflows(idOf, (child) =>
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
        ...memoOfChild(),
      }),
    ),
    ({ items, bytes }) => ({ items, bytes }),
  );
}

/**
 * One child per table of a sealed run, in this order, `tablesAtOnce` of them at a time.
 * @param definedInFile whether a retried load rereads the warehouse settings from the worker's file: a time limit that
 *   was too short may have been raised.
 * @param takesPlace this workflow has loaded tables for an earlier run
 */
export function tableSupervisor(
  { ref, warehouse, tablesAtOnce = WINDOW }: RunOverview,
  stagingSchema: string,
  tables: readonly TableResult[],
  definedInFile: boolean,
  takesPlace: boolean,
): Supervisor<LoadResult> {
  const parent = workflowInfo().workflowId;
  const first = !takesPlace && parseStagingName(warehouse.schema, stagingSchema)?.generation === 1;
  const idOf = (child: string) => loadWorkflowId(parent, child);
  const begun = new Set<string>();
  // Where the limit does not change the steps, the history needs no marker of it.
  const isLimited = tables.length > tablesAtOnce && patched('limit-tables-at-once');
  return new Supervisor(
    new FanOut(
      tables.map(({ table }) => table),
      isLimited ? tablesAtOnce : WINDOW,
      idOf,
    ),
    childWorkflows(idOf, (child) => {
      const isRetry = begun.has(child);
      const settings = isRetry && definedInFile ? {} : { warehouse };
      begun.add(child);
      const start = () =>
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
              ...settings,
              parent,
            },
          ],
          ...memoOfChild(),
        });
      // If this supervisor already started the load, the one that has the id now was restarted by hand, for this schema.
      return first || (isRetry && patched('leave-loads-started-by-hand'))
        ? start()
        : replaceEarlierLoad(start, idOf(child));
    }),
    ({ rows, bytes }) => ({ items: rows, bytes }),
  );
}

/**
 * Starts a table's load although a load into an earlier staging schema may still run under the same id: after the run
 * was reset to an earlier phase, or after that schema was abandoned. The earlier load is obsolete, so it is cancelled.
 */
async function replaceEarlierLoad(
  start: () => Promise<ChildWorkflowHandle<Workflow>>,
  workflowId: string,
): Promise<ChildWorkflowHandle<Workflow>> {
  for (let waitMs = LOOK_AGAIN_MS.first; ; waitMs = Math.min(2 * waitMs, LOOK_AGAIN_MS.most)) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !patched('load-instead-of-an-earlier'))
        throw error;
    }
    try {
      await getExternalWorkflowHandle(workflowId).cancel();
    } catch (error) {
      // It has ended in the meantime.
      if (isCancellation(error)) throw error;
    }
    await sleep(waitMs);
  }
}
