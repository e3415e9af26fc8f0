import { TRIBUTARY } from './invocation.ts';
/** What the shell learns. Documented in `--help` and docs/cli.md. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  drifted: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODES_HELP = `
Exit codes:
  0    done: replaced, or the phase asked for with --to was reached
  1    failed: the run, or Temporal cannot be reached
  2    the command, the configuration or the environment is wrong
  3    the run waits for a person (see "${TRIBUTARY} retry --help")
  4    done, and the schema drifted: only where the pipeline says onDrift: report
  130  interrupted; a run that was started goes on
`;

/** An end of a command that needs no stack trace: the message says what happened and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
