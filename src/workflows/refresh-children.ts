import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { RunOverview } from '../activities/interface.ts';
import { extractSegment } from './extract-segment.ts';
import { FanOut } from './fan-out.ts';
import { loadTable } from './load-table.ts';
import { loadWorkflowId, type SegmentResult, segmentWorkflowId, type TableResult } from './messages.ts';
import { Supervisor } from './supervise.ts';

/** Children under way at once: more only lengthens queues, for workers have far fewer slots. */
const WINDOW = 50;

/** A child for each segment of a run. */
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

/** A child for each table of a sealed run. */
export function tableSupervisor(
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
