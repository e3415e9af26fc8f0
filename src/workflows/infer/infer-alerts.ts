import { TemporalFailure } from '@temporalio/common';
import { isCancellation, workflowInfo } from '@temporalio/workflow';
import { failedLines } from '../../contract/failed-parts.ts';
import { occurrenceOf, rootCause } from '../../contract/failure.ts';
import type { InferProgress } from '../../contract/infer.ts';
import type { InferenceOverview } from '../../contract/infer-activities.ts';
import { inferStep } from '../../contract/infer-details.ts';
import type { AlertEvent } from '../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { nextStepText } from '../../pipeline/run/outcome.ts';
import { count, counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { raiseAlert } from '../alerts/raise-alert.ts';
import { asTyped } from '../as-typed.ts';
import type { FanOut } from '../fan-out/fan-out.ts';

/** The alerts of an inference whose worker has destinations: it waits, or it failed. No run resolves them. */
export class InferAlerts {
  #overview: InferenceOverview | undefined;
  #waits = 0;

  /** Called once the inference is planned. */
  about(overview: InferenceOverview): void {
    this.#overview = overview;
  }

  /** It begins to wait for an operator. Does not wait itself. Identified by the failures. */
  waiting(progress: InferProgress, fanOut: FanOut): void {
    this.#waits++;
    const { scan, inference, pipeline } = progress;
    const step = inferStep(progress);
    if (scan === undefined || step === undefined) return;
    void this.#raise(['waiting', String(this.#waits), ...fanOut.failures()], {
      kind: 'waiting',
      what: `Inference ${inference} of ${pipeline} waits for you: ${count(scan.failed)} of ${counted(scan.total, 'segment')} failed.`,
      cause: failedLines('segment', scan, onOneLine).join('\n'),
      phase: 'scan',
      waits: true,
      next: asTyped(nextStepText(step)),
      commands: step.commands.map(asTyped),
    });
  }

  /** Does the inference's work, and reports its failure. Identified by what failed, else by the execution. */
  async reportingFailure<T>(phase: () => string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#overview !== undefined && error instanceof TemporalFailure && !isCancellation(error)) {
        const { type, message } = rootCause(error);
        const { inference, pipeline } = this.#overview.ref;
        const command = asTyped(`tributary infer ${pipeline}`);
        await this.#raise(['failed', occurrenceOf(error) ?? workflowInfo().runId], {
          kind: 'failed',
          what: `Inference ${inference} of ${pipeline} failed in ${phase()}.`,
          cause: message,
          code: type,
          phase: phase(),
          endedRun: true,
          next: `Fix the cause, then run: \`${command}\``,
          commands: [command],
        });
      }
      throw error;
    }
  }

  async #raise(
    cause: readonly string[],
    raised: Pick<AlertEvent, 'kind' | 'what'> & Partial<AlertEvent>,
  ): Promise<void> {
    if (this.#overview?.alerts === undefined) return;
    const { pipeline, inference, bucket, prefix } = this.#overview.ref;
    const { namespace, workflowId, runId, firstExecutionRunId } = workflowInfo();
    await raiseAlert({
      event: {
        version: 1,
        id: eventId(['infer', namespace, workflowId, firstExecutionRunId, ...cause]),
        at: new Date(Date.now()).toISOString(),
        pipeline,
        run: inference,
        isInference: true,
        workflow: { namespace, workflowId, runId },
        ...raised,
      },
      staging: { bucket, prefix },
    });
  }
}
