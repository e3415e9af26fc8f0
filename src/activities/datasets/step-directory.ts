import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'tributary-dataset-';
/** No step takes as long: its activity ends after 12 hours. */
const LONGEST_MS = 24 * 3_600_000;
const SWEPT_EVERY_MS = 3_600_000;
let sweptMs = Number.NEGATIVE_INFINITY;

/** Removes what killed workers left on this machine. @param nowMs in milliseconds since 1970 */
export async function removeAbandoned(nowMs: number): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(NAME)) continue;
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && nowMs - found.mtimeMs > LONGEST_MS)
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

async function sweep(): Promise<void> {
  const nowMs = Date.now();
  if (nowMs - sweptMs < SWEPT_EVERY_MS) return;
  sweptMs = nowMs;
  await removeAbandoned(nowMs);
}

/** Does a step's work with a directory of its own on the local disk, which is removed after it. */
export async function inStepDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  await sweep();
  const directory = await mkdtemp(join(tmpdir(), NAME));
  try {
    return await work(directory);
  } finally {
    // A process that was killed may still be writing there.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
