import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { addEntries } from '../../config/add-entries.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loaderLines, openSettings } from '../../config/loaders/loader-yaml.ts';
import { type ImportedLoader, type ImportOptions, importSample } from '../../config/loaders/sample-loader.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { configPath } from '../../config/read-config.ts';
import { writeConfig } from '../init/config-file.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';

export interface ImportLoadersOptions extends ImportOptions {
  readonly write?: boolean;
  readonly config?: string;
}

/**
 * `tributary loader import`: the sample loader's files as loaders. Prints them, or adds them to the configuration file.
 * @throws CommandError, ConfigError if a file cannot be read or converted, or, with `write`, if the configuration would not be
 *   valid: a worker rereads it for each run, so it is never left with open settings
 */
export async function importLoaders(files: readonly string[], options: ImportLoadersOptions): Promise<void> {
  refuseSharing(files, options);
  const imported = await Promise.all(files.map((file) => importFile(file, options)));
  refuseSameNames(imported);
  const entries = imported.map(({ loader, file }) => loaderLines(loader, file));
  if (options.write) return add(entries, imported, options.config);
  process.stdout.write(addEntries('', 'the output', 'loaders', entries));
  const problems = problemsOf(addEntries('', 'line', 'loaders', entries));
  if (problems.length === 0) return;
  const lines = ['Before "config check" accepts this:', ...problems.map((problem) => `  ${problem}`)];
  process.stderr.write(lines.map((line) => `${paletteFor(process.stderr).yellow(line)}\n`).join(''));
}

interface Imported {
  readonly file: string;
  readonly loader: ImportedLoader;
}

async function importFile(path: string, options: ImportOptions): Promise<Imported> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new CommandError(ExitCode.usage, `Cannot read ${path}: ${error.message}`, { cause: error });
  });
  const file = basename(path);
  return { file, loader: importSample(text, file, options) };
}

/** Each file is a queue of its own, with files of its own. */
function refuseSharing(files: readonly string[], { queue, prefix }: ImportOptions): void {
  if (files.length < 2) return;
  if (queue !== undefined && !queue.endsWith('/'))
    throw usage(
      '--queue: with several files, give the start of the URLs with a slash at its end. The name of each file follows it.',
    );
  if (prefix !== undefined && !/\{(?:name|table)\}/.test(prefix))
    throw usage('--prefix: with several files, give a prefix with {name} or {table} in it, e.g. {table}/');
}

function refuseSameNames(imported: readonly Imported[]): void {
  const owners = new Map<string, string>();
  for (const { file, loader } of imported) {
    const other = owners.get(loader.name);
    if (other !== undefined)
      throw usage(
        `${other} and ${file} would both become loader ${loader.name}. Import one of them under another name.`,
      );
    owners.set(loader.name, file);
  }
}

async function add(
  entries: readonly (readonly string[])[],
  imported: readonly Imported[],
  config: string | undefined,
): Promise<void> {
  const open = imported.flatMap(({ loader }) =>
    openSettings(loader).map((setting) => `${loader.name}.${setting}`),
  );
  if (open.length > 0)
    throw usage(
      `Nothing was written, because these settings are open: ${open.join(', ')}. Give them as options, or leave out --write ` +
        'and complete what is printed.',
    );
  const path = configPath(config);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new CommandError(ExitCode.usage, `Cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (text.trim() !== '') parseConfig(text, path);
  const next = addEntries(text, path, 'loaders', entries);
  parseConfig(next, path);
  await writeConfig({ path, text: text.trim() === '' ? undefined : text }, next);
  process.stderr.write(`Added ${counted(imported.length, 'loader')} to ${path}.\n`);
}

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'line');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
