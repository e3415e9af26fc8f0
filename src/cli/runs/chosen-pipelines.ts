import { configPath, readConfig } from '../../config/read-config.ts';
import { namedPipelines } from '../../config/table-patterns.ts';
import { allDestinations, type ChosenPipeline } from '../temporal/chosen-pipeline.ts';
import { configHere } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

export interface Choice {
  /** All pipelines of the configuration, with all their destinations. */
  readonly all?: boolean;
  readonly destination?: string;
  readonly config?: string;
}

/**
 * The pipelines that a command names. A pattern's name stands for the pipelines of all tables that it matches.
 * @throws CommandError if it names none, or if `--all` comes with names
 */
export async function chosenPipelines(
  names: readonly string[],
  { all, destination, config }: Choice,
): Promise<readonly ChosenPipeline[]> {
  if (all && names.length > 0) throw usage('--all is every pipeline: omit the names, or --all.');
  if (all) {
    if (destination !== undefined)
      throw usage('--all is every destination of every pipeline: omit --destination, or --all.');
    const chosen = Object.entries((await configHere(config)).pipelines).flatMap(allDestinations);
    if (chosen.length > 0) return chosen;
    throw usage(`${configPath(config)} has no pipelines. Write some: ${TRIBUTARY} init`);
  }
  if (names.length === 0) throw usage('Name a pipeline, several, or use --all.');
  const patterns = await readConfig(configPath(config)).then(
    (read) => read.patterns,
    () => ({}),
  );
  const chosen = names.some((name) => Object.hasOwn(patterns, name))
    ? namedPipelines(await configHere(config), names)
    : [...new Set(names)];
  if (chosen.length > 0)
    return chosen.map((pipeline) => ({ pipeline, ...(destination === undefined ? {} : { destination }) }));
  throw usage(`No table matches ${names.join(', ')}.`);
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
