import { rmSync } from 'node:fs';
import { outpostsOf } from './servers/postgres-home.ts';

/** Deletes all data of a stack, including what is outside its directory. All its processes must have ended. */
export function deleteStack(directory: string): void {
  for (const path of [...outpostsOf(directory), directory]) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
