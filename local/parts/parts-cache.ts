import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import type { Platform, Search } from './part.ts';

/**
 * The folder for downloaded and built parts: `TRIBUTARY_CACHE`, else `tributary` below `XDG_CACHE_HOME` or `~/.cache`,
 * else (without a writable home) `.tributary` in the current directory.
 */
export function partsCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const home = environment.HOME ?? homedir();
  const choices = [
    environment.TRIBUTARY_CACHE,
    environment.XDG_CACHE_HOME && join(environment.XDG_CACHE_HOME, 'tributary'),
    home && join(home, '.cache', 'tributary'),
  ];
  for (const choice of choices) {
    if (choice && canWrite(join(choice, 'parts'))) return join(choice, 'parts');
  }
  return join(process.cwd(), '.tributary', 'parts');
}

/** The folder of one version of a part for one platform. It exists only if it is complete. */
export function cachedPartDirectory(name: string, version: string, platform: Platform): string {
  return join(partsCacheDirectory(), `${name}-${version}-${platform.os}-${platform.cpu}`);
}

/**
 * Creates `directory` by calling `fill` with an empty folder. The folder appears complete or not at all. If two
 * processes need it, one fills it and the other waits. Does nothing if the folder exists.
 */
export async function fillOnce(
  directory: string,
  { log, signal }: Search,
  fill: (emptyDirectory: string) => Promise<void>,
): Promise<void> {
  if (existsSync(directory)) return;
  const onWait = (waitedSeconds: number) =>
    log(`waiting for another process that is fetching ${basename(directory)}: ${waitedSeconds} s`);
  const fillLocked = async () => {
    if (existsSync(directory)) return;
    removeUnfinished(directory);
    const unfinished = mkdtempSync(`${directory}.unfinished-`);
    try {
      await fill(unfinished);
      renameSync(unfinished, directory);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  };
  await withFileLock(`${directory}.lock`, onWait, fillLocked, signal);
}

/** Removes what a killed process left unfinished. The caller holds the folder's lock. */
function removeUnfinished(directory: string): void {
  const prefix = `${basename(directory)}.unfinished-`;
  for (const name of readdirSync(dirname(directory))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(directory), name), { recursive: true, force: true });
  }
}

function canWrite(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
