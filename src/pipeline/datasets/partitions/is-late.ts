import { partitionColumns } from './partition-of.ts';

const DAY_MS = 86_400_000;

/**
 * When a partition's day ends, in milliseconds since 1970: as if its days were those of UTC. That is exact enough to decide what
 * waits.
 * @returns undefined if the partition is not named by a date
 */
function dayEndMs(partition: string): number | undefined {
  const values = partitionColumns(partition).map(({ value }) => value);
  const text = values.length === 1 ? values[0]?.slice(0, 10) : values.slice(0, 3).join('-');
  const startMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(startMs) ? undefined : startMs + DAY_MS;
}

/** Whether new rows of a partition wait for the next late pass. @param afterSeconds absent: they never wait */
export function isLate(partition: string, afterSeconds: number | undefined, nowMs: number): boolean {
  if (afterSeconds === undefined) return false;
  const endMs = dayEndMs(partition);
  return endMs !== undefined && endMs + afterSeconds * 1000 < nowMs;
}
