import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { addEntries } from '../../config/add-entries.ts';
import { ConfigError } from '../../config/config-error.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { type Destination, type NewPipeline, newFile, pipelineLines } from '../../config/proposal-yaml.ts';
import { definitionsOf } from '../../pipeline/definition/pipeline.ts';
import { StagingDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { whyNotWritten } from '../terminal/why-not-written.ts';
import { destinationIn } from './destination.ts';

/** The configuration file as it is before `init` adds to it. */
export interface ConfigFile {
  readonly path: string;
  /** Undefined if there is no file, or nothing in it. */
  readonly text: string | undefined;
  readonly pipelines: readonly string[];
  readonly schemas: readonly string[];
  /** Where its pipelines write. */
  readonly destination: Partial<Destination>;
  /** What a pipeline with this destination must set itself: all that the file's defaults do not say. */
  missingOf(destination: Destination): Partial<Destination>;
}

/** @throws ConfigError if the file exists and is not valid: nothing is added to a file with problems */
export async function openConfig(path: string): Promise<ConfigFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new CommandError(ExitCode.usage, `Cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (text.trim() === '') {
    const nothing = { pipelines: [], schemas: [], destination: {} };
    return { path, text: undefined, ...nothing, missingOf: () => ({}) };
  }
  const { pipelines, defaults } = parseConfig(text, path);
  const definitions = Object.values(pipelines).flatMap((each) => Object.values(definitionsOf(each)));
  const shared = destinationIn(defaults);
  return {
    path,
    text,
    pipelines: Object.keys(pipelines),
    schemas: definitions.map(({ warehouse }) => warehouse.schema),
    destination: { ...shared, ...destinationIn(definitions[0]) },
    missingOf: (destination) => differing(destination, { ...STANDARD, ...shared }),
  };
}

/** What the schema itself supplies. */
const STANDARD = { prefix: StagingDefinition.shape.prefix.parse(undefined) };

const differing = (destination: Destination, shared: object): Partial<Destination> =>
  Object.fromEntries(
    Object.entries(destination).filter(([key, value]) => (shared as Record<string, unknown>)[key] !== value),
  );

/**
 * The file's text with the pipelines.
 * @throws ConfigError if the result would not be valid
 */
export function textWith(
  { path, text }: ConfigFile,
  destination: Destination,
  pipelines: readonly NewPipeline[],
): string {
  const next =
    text === undefined
      ? newFile(destination, pipelines)
      : addEntries(text, path, 'pipelines', pipelines.map(pipelineLines));
  const names = Object.keys(parseConfig(next, path).pipelines);
  const lost = pipelines.filter(({ name }) => !names.includes(name));
  if (lost.length === 0) return next;
  throw new ConfigError(
    'ConfigInvalid',
    `${path} has no place where pipelines can be added. Name another file with --config.`,
  );
}

/** Replaces the file in one step: another command never reads half of it. @throws CommandError if it changed meanwhile */
export async function writeConfig(
  { path, text: before }: Pick<ConfigFile, 'path' | 'text'>,
  text: string,
): Promise<void> {
  const now = await readFile(path, 'utf8').catch(() => '');
  if (now !== (before ?? now.trim())) {
    throw new CommandError(
      ExitCode.failed,
      `${path} was changed in the meantime. Nothing was written: run the command again.`,
    );
  }
  const next = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(next, text, { flag: 'wx' });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new CommandError(ExitCode.failed, `Cannot write ${path}: ${whyNotWritten(error)}.`, {
      cause: error,
    });
  }
}
