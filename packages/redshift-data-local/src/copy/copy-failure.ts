/** A COPY that fails as a whole. `detail` is what Redshift prints below the message. */
export class CopyFailure extends Error {
  readonly code: number;
  readonly context: string;
  constructor(message: string, options: { code: number; context?: string }) {
    super(message);
    this.name = 'CopyFailure';
    this.code = options.code;
    this.context = options.context ?? '';
  }

  /** The block of lines that Redshift adds to an error of its compute nodes. */
  detail(queryId: number, pid: number): string {
    const rule = '-----------------------------------------------';
    return [
      '',
      rule,
      `error:  ${this.message}`,
      `code:      ${this.code}`,
      `context:   ${this.context}`,
      `query:     ${queryId}`,
      'location:  local-redshift:0',
      `process:   local [pid=${pid}]`,
      rule,
    ].join('\n  ');
  }
}
