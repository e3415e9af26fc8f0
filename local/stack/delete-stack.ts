import { rmSync } from 'node:fs';
import { outpostsOf } from './postgres-home.ts';

/** Deletes all a stack has kept, also what lies outside its directory. Everything must have ended before. */
export function deleteStack(directory: string): void {
  for (const path of [...outpostsOf(directory), directory]) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
