import type { TerminalCode, TransientCode } from '../pipeline/failure/failure-codes.ts';

/**
 * The two kinds of failure. Adapters throw them; an activity turns a `Terminal` into a Temporal failure that is not
 * retried. What each code means, and whether waiting may help, is in the table of failure codes.
 */

/** A retry cannot help: an operator must act. The message says what happened, to which object, and what to do. */
export class Terminal extends Error {
  override readonly name = 'Terminal';
  /** For callers and alerts. */
  readonly code: TerminalCode;

  constructor(code: TerminalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A retry may help: a network, a throttle, a fault of the service, a page that arrived damaged. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** For callers and alerts. */
  readonly code: TransientCode;

  constructor(code: TransientCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
