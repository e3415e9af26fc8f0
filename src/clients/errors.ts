/**
 * The one place that says of a failure whether waiting may help. Adapters throw these; activities turn
 * `Terminal` into a Temporal failure that is not retried, everything else is retried.
 */

/** Nothing changes by trying again: a person has to act. The message says what, to which object, what to do. */
export class Terminal extends Error {
  override readonly name = 'Terminal';
  /** A short word that callers and alerts can tell by, e.g. `TableNotFound`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Trying again may help: a network, a throttle, a server's bad moment, a page that arrived damaged. */
export class Transient extends Error {
  override readonly name = 'Transient';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
