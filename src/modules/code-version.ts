import { createHash } from 'node:crypto';
import type { DatasetDefinition } from '../pipeline/datasets/definition.ts';

/**
 * The version of the code that makes rows: the hash of the bundle and of the settings that decide about rows, after the
 * release, if there is one.
 */
export function codeVersion(
  bundle: string,
  {
    partition,
    deduplicate,
    bounds,
    release,
  }: Pick<DatasetDefinition, 'partition' | 'deduplicate' | 'bounds' | 'release'>,
): string {
  const settings = JSON.stringify([partition, deduplicate, bounds, release], sortedKeys);
  const hash = createHash('sha256').update(settings).update('\n').update(bundle).digest('hex').slice(0, 32);
  return release === undefined ? hash : `${release}+${hash}`;
}

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
