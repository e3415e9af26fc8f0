/**
 * A statement, option or function the local Redshift does not know. It is refused by name instead of
 * being guessed at: a lenient judge would make every test passed on it worthless.
 */
export class NotSupported extends Error {
  constructor(what: string) {
    super(`not supported by the local Redshift: ${what}`);
    this.name = 'NotSupported';
  }
}

/** A statement Redshift itself would refuse, worded as Redshift words it (without the leading `ERROR:`). */
export class RedshiftError extends Error {
  readonly sqlState: string;
  constructor(message: string, sqlState = '42601') {
    super(message);
    this.name = 'RedshiftError';
    this.sqlState = sqlState;
  }
}
