import type { TerminalCode } from './failure-codes.ts';

/**
 * A refusal that no retry can change: an operator must act. The message says what happened, to which
 * object, and what to do.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: TerminalCode;

  constructor(code: TerminalCode, message: string) {
    super(message);
    this.code = code;
  }
}
