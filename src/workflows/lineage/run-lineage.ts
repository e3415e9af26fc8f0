import { workflowInfo } from '@temporalio/workflow';
import type { RunOverview } from '../../contract/refresh-activities.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import type { LineageReport } from '../../pipeline/lineage/build-run-event.ts';
import { startLineage } from './start-lineage.ts';

/** The OpenLineage events of one run: START once it is planned, and its end. A run whose worker has no endpoint has none. */
export class RunLineage {
  #overview: RunOverview | undefined;

  /** Called once the run is planned or opened. Does not wait. */
  about(overview: RunOverview): void {
    this.#overview = overview;
    void this.#send('START', { replaced: false }, []);
  }

  /** The run ends. Returns when the event cannot be lost any more. */
  async ended(
    eventType: 'COMPLETE' | 'FAIL' | 'ABORT',
    end: Pick<LineageReport, 'error' | 'replaced'>,
  ): Promise<void> {
    // The execution ends once; after a reset, another one does.
    await this.#send(eventType, end, [workflowInfo().runId]);
  }

  async #send(
    eventType: LineageReport['eventType'],
    end: Pick<LineageReport, 'error' | 'replaced'>,
    cause: readonly string[],
  ): Promise<void> {
    if (this.#overview?.lineage === undefined) return;
    const { pipeline, run, bucket, prefix } = this.#overview.ref;
    const { namespace, workflowId, firstExecutionRunId } = workflowInfo();
    const workflow = { namespace, workflowId, firstExecutionRunId };
    const report: LineageReport = { eventType, at: new Date(Date.now()).toISOString(), workflow, ...end };
    const id = eventId(['lineage', eventType, namespace, workflowId, firstExecutionRunId, ...cause]);
    await startLineage(id, `${pipeline}, ${eventType}`, { ref: { pipeline, run, bucket, prefix }, report });
  }
}
