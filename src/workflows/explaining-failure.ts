import { TemporalFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import { markdown } from '../contract/failed-parts.ts';
import { explained, rootCause } from '../contract/failure.ts';
import { type NextStep, nextStepText } from '../pipeline/run/outcome.ts';
import { asTyped, showDetails } from './as-typed.ts';

/**
 * Does a workflow's work. If it fails, the workflow's own failure and its current details say what failed, why, and what
 * to do: Temporal's message for it is "Activity task failed", and the reason is some layers below. A cancellation and a
 * bug in workflow code pass through.
 * @param failed what fails, e.g. `Segment 3 of orders a failed`
 * @param stepFor what to do about a failure with this code
 */
export async function explainingFailure<T>(
  failed: () => string,
  stepFor: (code: string) => NextStep | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const { type, message } = rootCause(error);
    const step = stepFor(type);
    showDetails(
      [
        `**${markdown(failed())}**: ${markdown(message)}`,
        ...(step === undefined ? [] : ['', nextStepText(step)]),
      ].join('\n'),
    );
    throw explained(error, failed(), step, asTyped);
  }
}
