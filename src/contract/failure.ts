import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TemporalFailure,
} from '@temporalio/common';
import { type NextStep, nextStepText } from '../pipeline/run/outcome.ts';
import { asSentence } from '../pipeline/text/sentences.ts';

interface RootCause {
  /** The failure code, e.g. `TableNotFound`; `Error` if the error has none. */
  readonly type: string;
  readonly message: string;
}

/** First of the details of a workflow's failure: what its message says, in parts. */
export interface FailureDetails {
  /** Why it failed. */
  readonly cause: string;
  /** What to run after the cause is fixed. Empty if no command helps. */
  readonly commands: readonly string[];
}

/** First of the details of an activity's failure. */
export interface Occurrence {
  /** No other failure has the same. */
  readonly occurrence: string;
}

/** What identifies a failure: the execution of the child workflow, or the attempt of the activity. Undefined if neither failed. */
export function occurrenceOf(error: unknown): string | undefined {
  if (error instanceof ChildWorkflowFailure) return error.execution.runId ?? undefined;
  let cause: unknown = error;
  while (cause instanceof TemporalFailure && !(cause instanceof ApplicationFailure)) cause = cause.cause;
  const { occurrence } = ((cause as ApplicationFailure | undefined)?.details?.[0] ??
    {}) as Partial<Occurrence>;
  return typeof occurrence === 'string' ? occurrence : undefined;
}

/** The failure below Temporal's layers of child workflow and activity failures. */
export function rootCause(error: unknown): RootCause {
  let cause: unknown = error;
  while (
    cause instanceof TemporalFailure &&
    !(cause instanceof ApplicationFailure) &&
    cause.cause !== undefined
  ) {
    cause = cause.cause;
  }
  if (cause instanceof ApplicationFailure) {
    return { type: cause.type ?? 'Error', message: detailsOf(cause)?.cause ?? cause.message };
  }
  // A workflow that cancelled itself carries no message.
  if (cause instanceof CancelledFailure) return { type: cause.name, message: cause.message || 'cancelled' };
  if (cause instanceof Error) return { type: cause.name, message: cause.message };
  return { type: 'Error', message: String(cause) };
}

/**
 * The failure of a workflow, for those who see only its message, in Temporal's Web UI or in `error.cause` of a client:
 * what failed, why, and what to do, in this order. Temporal's own is "Activity task failed".
 * @param failed what failed, e.g. `Failed in seal`
 * @param asTyped writes the commands of the message as the operator types them
 */
export function explained(
  error: TemporalFailure,
  failed: string,
  step: NextStep | undefined,
  asTyped: (text: string) => string = (text) => text,
): ApplicationFailure {
  const { type, message } = rootCause(error);
  const then = step === undefined ? '' : `${message.includes('\n') ? '\n' : ' '}${nextStepText(step)}`;
  const details: FailureDetails = { cause: message, commands: step?.commands ?? [] };
  return ApplicationFailure.create({
    type,
    message: asTyped(`${failed}: ${asSentence(message)}${then}`),
    nonRetryable: true,
    details: [details],
    cause: error,
  });
}

function detailsOf({ details }: ApplicationFailure): FailureDetails | undefined {
  const first = details?.[0] as Partial<FailureDetails> | null | undefined;
  return typeof first?.cause === 'string' && Array.isArray(first.commands)
    ? (first as FailureDetails)
    : undefined;
}
