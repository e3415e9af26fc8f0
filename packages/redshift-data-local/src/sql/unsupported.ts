/**
 * A statement, option or function that the local Redshift does not support. It is refused by name: with guesses,
 * a passed test would prove nothing.
 */
export class NotSupported extends Error {
  constructor(what: string) {
    super(`not supported by the local Redshift: ${what}`);
    this.name = 'NotSupported';
  }
}

/** A statement that Redshift itself refuses, in Redshift's words (without the leading `ERROR:`). */
export class RedshiftError extends Error {
  readonly sqlState: string;
  constructor(message: string, sqlState = '42601') {
    super(message);
    this.name = 'RedshiftError';
    this.sqlState = sqlState;
  }
}
