import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { TemporalFailure } from '@temporalio/common';
import { ZodError, z } from 'zod';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { Occurrence } from '../../contract/failure.ts';
import { type ExplainedCode, FAILURE_CODES, type FailureCode } from '../../pipeline/failure/failure-codes.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { ActivityRecord } from './activity-record.ts';
import type { Dependencies } from './dependencies.ts';
import { isInputRedacted } from './redaction.ts';
import type { UnforeseenErrors } from './unforeseen-errors.ts';

/**
 * How often a failure is retried whose code is transient at first: about a quarter of an hour at Temporal's intervals.
 * Missing or expired credentials may be those of a role, which arrive late; work that an operator waits for retries them
 * fewer times.
 */
const ATTEMPTS_AT_FIRST = 20;
const CREDENTIALS_ATTEMPTS = { patient: ATTEMPTS_AT_FIRST, brief: 3 } as const;
/** Temporal keeps about 4 KB of an activity's failure. */
const MAX_MESSAGE_CHARACTERS = 3000;

/**
 * Turns what an activity throws into what Temporal should do about it: a `Terminal` is not retried, a `Transient` is,
 * without limit unless its code is transient at first; an unforeseen error is retried a few times. Cancellation passes
 * through. For a pipeline with `redactValues`, an unforeseen error has no message, because that may quote anything.
 * @param deps with this worker's count of unforeseen errors
 */
export function withErrorClass<Input, Output>(
  deps: Pick<Dependencies, 'unforeseen' | 'stopping'> & Partial<Pick<Dependencies, 'pipelineOf' | 'store'>>,
  activity: (input: Input) => Promise<Output>,
  waits: keyof typeof CREDENTIALS_ATTEMPTS = 'patient',
): (input: Input) => Promise<Output> {
  const { unforeseen } = deps;
  return async (input) => {
    const unfollow = ActivityRecord.current().followStopping(deps.stopping);
    try {
      const output = await activity(input);
      unforeseen.forget(activityKey());
      return output;
    } catch (error) {
      const shown = (await hidesMessage(deps, input, error)) ? withoutMessage(error as Error) : error;
      throw classify(shown, CREDENTIALS_ATTEMPTS[waits], unforeseen);
    } finally {
      unfollow();
    }
  };
}

/** Whether the error is unforeseen, and the input's pipeline has `redactValues`. */
async function hidesMessage(
  { pipelineOf, store }: Partial<Pick<Dependencies, 'pipelineOf' | 'store'>>,
  input: unknown,
  error: unknown,
): Promise<boolean> {
  if (!Error.isError(error) || pipelineOf === undefined || store === undefined) return false;
  const isOurs = [Terminal, Transient, Refusal, TemporalFailure, ZodError].some(
    (one) => error instanceof one,
  );
  return (
    !isOurs && !Context.current().cancellationSignal.aborted && isInputRedacted({ pipelineOf, store }, input)
  );
}

/** The same name and stack, without the message, which the stack begins with, and without causes. */
function withoutMessage({ name, stack = '' }: Error): Error {
  const bare = new Error(
    'its message is left out, because redactValues is true; the stack shows where it was thrown',
  );
  bare.name = name;
  bare.stack = [`${name}: ${bare.message}`, ...stack.split('\n').filter((line) => /^ +at /.test(line))].join(
    '\n',
  );
  return bare;
}

function activityKey(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${workflowExecution?.runId} ${activityId}`;
}

function classify(error: unknown, credentialsAttempts: number, unforeseen: UnforeseenErrors): unknown {
  const { cancellationSignal, info } = Context.current();
  if (cancellationSignal.aborted) {
    return error instanceof CancelledFailure ? error : (cancellationSignal.reason ?? error);
  }
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof Terminal || error instanceof Refusal) return failure(error.code, error.message, true);
  if (error instanceof Transient) {
    const isCredentials = error.code === 'CredentialsMissing' || error.code === 'CredentialsExpired';
    const explained: ExplainedCode = FAILURE_CODES[error.code];
    const attempts = isCredentials ? credentialsAttempts : (explained.attempts ?? ATTEMPTS_AT_FIRST);
    const isAtFirst = explained.class === 'transient at first';
    return failure(error.code, error.message, isAtFirst && info.attempt >= attempts);
  }
  if (error instanceof ZodError) return failure('BadInput', z.prettifyError(error), true);
  const message = messageOf(error);
  return ApplicationFailure.create({
    type: Error.isError(error) ? error.name : 'Error',
    message: cut(message, MAX_MESSAGE_CHARACTERS),
    nonRetryable: unforeseen.isLast(activityKey()),
    details: [occurrence()],
    ...(Error.isError(error) ? { cause: error } : {}),
  });
}

function failure(type: FailureCode, message: string, nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({
    ...{ type, message: cut(message, MAX_MESSAGE_CHARACTERS), nonRetryable },
    details: [occurrence()],
  });
}

/** What identifies this failure: a workflow that is reset keeps it only if it keeps the failure itself. */
function occurrence(): Occurrence {
  const { workflowExecution, activityId, attempt } = Context.current().info;
  return { occurrence: `${workflowExecution?.runId}/${activityId}/${attempt}` };
}
