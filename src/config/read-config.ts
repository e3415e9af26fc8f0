import { readFile } from 'node:fs/promises';
import { ConfigError } from './config-error.ts';
import { parseConfig } from './parse-config.ts';
import type { TributaryConfig } from './tributary-config.ts';

const DEFAULT_CONFIG_FILE = 'tributary.yaml';

/** The file to read: `named` (by `--config`), else `TRIBUTARY_CONFIG`, else `tributary.yaml` in this directory. */
export function configPath(named?: string, environment: NodeJS.ProcessEnv = process.env): string {
  return named || environment.TRIBUTARY_CONFIG || DEFAULT_CONFIG_FILE;
}

/**
 * Reads the file again at each call.
 * @throws ConfigError `ConfigNotFound` if it cannot be read, `ConfigInvalid` with every problem in it
 */
export async function readConfig(path: string = configPath()): Promise<TributaryConfig> {
  return parseConfig(await textOf(path), path);
}

/** Reads the file again at each call, as `readConfig` does, but parses it only if its text has changed. */
export function configReader(): (path: string) => Promise<TributaryConfig> {
  let last: { readonly path: string; readonly text: string; readonly config: TributaryConfig } | undefined;
  return async (path) => {
    const text = await textOf(path);
    if (last?.path !== path || last.text !== text) last = { path, text, config: parseConfig(text, path) };
    return last.config;
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a directory'
          : code === 'EACCES'
            ? 'this user has no permission to read it'
            : message;
    throw new ConfigError(
      'ConfigNotFound',
      `Cannot read the configuration ${path}: ${reason}. Give the file with --config or TRIBUTARY_CONFIG, or ` +
        `create ./${DEFAULT_CONFIG_FILE} (see docs/configuration.md).`,
      { cause: error },
    );
  }
}
