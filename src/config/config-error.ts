type ConfigErrorCode =
  | 'ConfigNotFound'
  | 'ConfigInvalid'
  | 'UnknownPipeline'
  | 'UnknownDestination'
  | 'WhichDestination';

/** The configuration cannot be used until an operator changes it. A retry never helps. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One problem in the file. */
export interface ConfigProblem {
  /** Offset in the file's text, in UTF-16 units. */
  readonly offset: number;
  /** Its path in the document, e.g. `['pipelines', 'nobel']`; empty for the whole file. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}
