import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import type { Platform } from './part.ts';

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
  log: (line: string) => void,
  fill: (emptyDirectory: string) => Promise<void>,
): Promise<void> {
  if (existsSync(directory)) return;
  const onWait = (waitedSeconds: number) =>
    log(`waiting for another process that is getting ${basename(directory)}: ${waitedSeconds} s`);
  await withFileLock(`${directory}.lock`, onWait, async () => {
    if (existsSync(directory)) return;
    const unfinished = mkdtempSync(`${directory}.unfinished-`);
    try {
      await fill(unfinished);
      renameSync(unfinished, directory);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  });
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
