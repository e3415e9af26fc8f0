import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { rootCause } from '../../contract/failure.ts';
import { asTypedHere } from '../terminal/invocation.ts';

/** Why a workflow did not complete, in words for an operator. */
export function failureText(cause: unknown): string {
  if (cause instanceof CancelledFailure) return 'the run was cancelled';
  if (cause instanceof TerminatedFailure) return `the run was terminated: ${cause.message}`;
  if (cause instanceof TimeoutFailure) return `the run timed out: ${cause.message}`;
  return asTypedHere(rootCause(cause).message);
}
