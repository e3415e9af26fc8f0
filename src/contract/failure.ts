import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';

interface RootCause {
  /** The failure code, e.g. `TableNotFound`; `Error` if the error has none. */
  readonly type: string;
  readonly message: string;
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
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message: cause.message };
  // A workflow that cancelled itself carries no message.
  if (cause instanceof CancelledFailure) return { type: cause.name, message: cause.message || 'cancelled' };
  if (cause instanceof Error) return { type: cause.name, message: cause.message };
  return { type: 'Error', message: String(cause) };
}
