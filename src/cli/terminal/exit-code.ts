import { TRIBUTARY } from './invocation.ts';
/** Exit codes of all commands, documented in `--help` and docs/cli.md. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  drifted: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Of several things, the one that is worst: what must be started or repaired, before what waits for an operator. */
export const worstOf = (codes: readonly ExitCode[]): ExitCode =>
  [ExitCode.failed, ExitCode.waiting].find((code) => codes.includes(code)) ?? ExitCode.done;

export const EXIT_CODES_HELP = `
Exit codes:
  0    done: the schema is replaced, or the phase given by --to is reached
  1    the run failed, or Temporal cannot be reached
  2    the command, the configuration or the environment is wrong
  3    the run waits for an operator (see "${TRIBUTARY} retry --help")
  4    done, and the schema drifted: only with onDrift: report
  130  interrupted; a run that was started continues
`;

/** An expected failure, shown without a stack trace: the message says what happened and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
