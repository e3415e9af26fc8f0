import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Node keeps what it compiles: in the user's cache. bin/run-on-node-24.js names the same place for commands. */
export function compiledCodeDirectory(environment: NodeJS.ProcessEnv): string {
  const { TRIBUTARY_CACHE, XDG_CACHE_HOME } = environment;
  const cache = TRIBUTARY_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'tributary');
  return join(cache, 'compiled');
}
