import { ApplicationFailure } from '@temporalio/common';
import type { TerminalCode } from '../pipeline/failure/failure-codes.ts';

/** A failure of the workflow itself that no retry changes. */
export const terminalFailure = (code: TerminalCode, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code);

export const badInput = (message: string): ApplicationFailure => terminalFailure('BadInput', message);
