import { compareBytes } from '../sql/identifier.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** More folders cost more requests than the prefix above them. */
const MOST_PREFIXES = 5_000;

/**
 * The dated folders of a time, such as `day=2026-11-01/` of `day=%Y-%m-%d/`, with %Y, %m, %d and %H of UTC. Sorted, and
 * none of them within another, so that one after the other they list keys in byte order, each once.
 * @param patterns what follows the prefix
 * @param fromMs of the oldest folder, in milliseconds since 1970
 * @returns only the prefix itself if there are no patterns, or too many folders
 */
export function datedPrefixes(
  prefix: string,
  patterns: readonly string[] | undefined,
  fromMs: number,
  toMs: number,
): string[] {
  if (patterns === undefined) return [prefix];
  const found = new Set<string>();
  for (const pattern of patterns) {
    const stepMs = pattern.includes('%H') ? HOUR_MS : DAY_MS;
    for (let ms = Math.floor(fromMs / stepMs) * stepMs; ms <= toMs; ms += stepMs) {
      found.add(`${prefix}${dated(pattern, new Date(ms))}`);
      if (found.size > MOST_PREFIXES) return [prefix];
    }
  }
  const sorted = [...found].sort(compareBytes);
  return sorted.filter((each, i) => !sorted.slice(0, i).some((above) => each.startsWith(above)));
}

function dated(pattern: string, at: Date): string {
  const [year, month, day, hour] = at.toISOString().split(/[-T:]/) as [string, string, string, string];
  return pattern.replaceAll('%Y', year).replaceAll('%m', month).replaceAll('%d', day).replaceAll('%H', hour);
}
