import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { ZodError, z } from 'zod';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import type { UnforeseenErrors } from './unforeseen-errors.ts';

/**
 * Missing or expired credentials may be those of a role, which arrive late. Work that has begun retries this many
 * times, about a quarter of an hour at Temporal's intervals. Work that an operator waits for retries fewer times.
 */
const CREDENTIALS_ATTEMPTS = { patient: 20, brief: 3 } as const;
/** Temporal keeps about 4 KB of an activity's failure. */
const MAX_MESSAGE_CHARACTERS = 3000;

/**
 * Turns what an activity throws into what Temporal should do about it: a `Terminal` is not retried, a `Transient` is,
 * without limit unless it is about credentials; an unforeseen error is retried a few times. Cancellation passes
 * through.
 * @param unforeseen this worker's count of unforeseen errors
 */
export function withErrorClass<Input, Output>(
  { unforeseen }: { readonly unforeseen: UnforeseenErrors },
  activity: (input: Input) => Promise<Output>,
  waits: keyof typeof CREDENTIALS_ATTEMPTS = 'patient',
): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      const output = await activity(input);
      unforeseen.forget(activityKey());
      return output;
    } catch (error) {
      throw classify(error, CREDENTIALS_ATTEMPTS[waits], unforeseen);
    }
  };
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
    return failure(error.code, error.message, isCredentials && info.attempt >= credentialsAttempts);
  }
  if (error instanceof ZodError) return failure('BadInput', z.prettifyError(error), true);
  const message = Error.isError(error) ? error.message : String(error);
  return ApplicationFailure.create({
    type: Error.isError(error) ? error.name : 'Error',
    message: message.slice(0, MAX_MESSAGE_CHARACTERS),
    nonRetryable: unforeseen.isLast(activityKey()),
    ...(Error.isError(error) ? { cause: error } : {}),
  });
}

function failure(type: FailureCode, message: string, nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({ type, message: message.slice(0, MAX_MESSAGE_CHARACTERS), nonRetryable });
}
