import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { didYouMean } from '../pipeline/text/nearest.ts';
import { program } from './program.ts';
import { CommandError, ExitCode } from './terminal/exit-code.ts';
import { asTypedHere } from './terminal/invocation.ts';
import { paletteFor } from './terminal/palette.ts';

const ENCODED =
  'A data converter encoded what Temporal stores here: set TRIBUTARY_DATA_CONVERTER to the module that the workers use';

/** Runs one command line (`words`: without node and script). Sets `process.exitCode`; never throws. */
export async function runCli(words: readonly string[]): Promise<void> {
  const commands = program();
  const [first, name] = words;
  const names = commands.commands.map((command) => command.name());
  if (first === 'help' && name !== undefined && !['help', ...names].includes(name)) {
    process.stderr.write(`error: unknown command '${name}'${didYouMean(name, names)}\n`);
    process.exitCode = ExitCode.usage;
    return;
  }
  try {
    await commands.parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = reportError(error, words.includes('--verbose'));
  }
}

/** Writes the error to stderr. @param verbose with its stack trace */
function reportError(error: unknown, verbose: boolean): ExitCode {
  // Commander has already written its message. It throws for --help and --version as well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  const environment = (error as { code?: unknown }).code === 'BadEnvironment';
  // By name: help and completion load no clients.
  const isTerminal = (error as Error | undefined)?.name === 'Terminal';
  const known = error instanceof CommandError || error instanceof ConfigError || isTerminal || environment;
  const { message: plain, stack } = error instanceof Error ? error : new Error(String(error));
  const isEncoded = (error as Error).name === 'ValueError' && plain.startsWith('Unknown encoding');
  const message = isEncoded ? `${plain}. ${ENCODED}` : plain;
  const red = paletteFor(process.stderr).red;
  process.stderr.write(`${red('error:')} ${headOf(error, message)}${asTypedHere(message)}\n`);
  if (verbose) process.stderr.write(`${stackOf(error, stack)}\n`);
  else if (!known) process.stderr.write('(add --verbose for the stack trace)\n');
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof ConfigError || environment || isEncoded ? ExitCode.usage : ExitCode.failed;
}

/** A file's problems are one per line, each with its place: they get a line of their own to belong to. */
function headOf(error: unknown, message: string): string {
  const problems = message.split('\n').length;
  const isList = error instanceof ConfigError && error.code === 'ConfigInvalid' && problems > 1;
  return isList ? `the configuration has ${problems} problems:\n` : '';
}

function stackOf(error: unknown, stack: string | undefined): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const below = cause instanceof Error ? `\nCaused by: ${stackOf(cause, cause.stack)}` : '';
  return `${stack ?? String(error)}${below}`;
}
