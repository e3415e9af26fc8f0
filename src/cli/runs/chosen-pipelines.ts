import { configPath, readConfig } from '../../config/read-config.ts';
import { namedPipelines } from '../../config/table-patterns.ts';
import { configHere } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

export interface Choice {
  /** All pipelines of the configuration. */
  readonly all?: boolean;
  readonly config?: string;
}

/**
 * The pipelines that a command names. A pattern's name stands for the pipelines of all tables that it matches.
 * @throws CommandError if it names none, or if `--all` comes with names
 */
export async function chosenPipelines(
  names: readonly string[],
  { all, config }: Choice,
): Promise<readonly string[]> {
  if (all && names.length > 0) throw usage('--all is every pipeline: omit the names, or --all.');
  if (all) {
    const pipelines = Object.keys((await configHere(config)).pipelines);
    if (pipelines.length > 0) return pipelines;
    throw usage(`${configPath(config)} has no pipelines. Write some: ${TRIBUTARY} init`);
  }
  if (names.length === 0) throw usage('Name a pipeline, several, or use --all.');
  const patterns = await readConfig(configPath(config)).then(
    (read) => read.patterns,
    () => ({}),
  );
  if (!names.some((name) => Object.hasOwn(patterns, name))) return [...new Set(names)];
  const chosen = namedPipelines(await configHere(config), names);
  if (chosen.length > 0) return chosen;
  throw usage(`No table matches ${names.join(', ')}.`);
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
