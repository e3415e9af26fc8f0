import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Does a step's work with a directory of its own on the local disk, which is removed after it. */
export async function inStepDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-dataset-'));
  try {
    return await work(directory);
  } finally {
    // A process that was killed may still be writing there.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
