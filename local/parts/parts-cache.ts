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
 * The folder that keeps downloaded and built parts: `TRIBUTARY_CACHE`, else `tributary` below
 * `XDG_CACHE_HOME` or `~/.cache`, else (no home to write to) `.tributary` in the current directory.
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

/** The folder of one version of a part for one platform; it exists only when it is complete. */
export function cachedPartDirectory(name: string, version: string, platform: Platform): string {
  return join(partsCacheDirectory(), `${name}-${version}-${platform.os}-${platform.cpu}`);
}

/**
 * Makes `directory` through `fill`, which gets an empty folder to fill. The folder appears whole or not at
 * all, and of two processes one fills and the other waits. Does nothing when the folder is there.
 */
export async function fillOnce(
  directory: string,
  { log, signal }: Search,
  fill: (emptyDirectory: string) => Promise<void>,
): Promise<void> {
  if (existsSync(directory)) return;
  const onWait = (waitedSeconds: number) =>
    log(`waiting for another process that is getting ${basename(directory)}: ${waitedSeconds} s`);
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

/** What a killed process left half done. Called by whoever holds the folder's lock. */
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
