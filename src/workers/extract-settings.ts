import { availableParallelism, totalmem } from 'node:os';
import { Terminal } from '../clients/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a worker extracts. */
export interface ExtractSettings {
  /** The number of segments extracted at once. */
  readonly slots: number;
  /** The most threads that extract them. 0: Temporal's thread extracts. */
  readonly threads: number;
  /** The most JavaScript heap of each thread, in megabytes. */
  readonly heapMegabytes: number;
}

/** More than three times what the most hostile items need. */
const MOST_HEAP_MEGABYTES = 1024;
const LEAST_HEAP_MEGABYTES = 192;
/** The part of the host's or container's memory that the heaps of all threads may fill together. */
const HEAPS_OF_MEMORY = 0.6;

/**
 * Reads TRIBUTARY_EXTRACT_SLOTS and TRIBUTARY_EXTRACT_THREADS, by default one per core, which keeps a host busy, and
 * TRIBUTARY_EXTRACT_HEAP_MB, by default 1024 or, on a small host, an equal part of its memory.
 * @throws Terminal `BadEnvironment` if one of them is not a whole number within its limits.
 */
export function extractSettingsFromEnvironment(environment: Environment): ExtractSettings {
  const cores = availableParallelism();
  const slots =
    wholeNumber(environment, 'TRIBUTARY_EXTRACT_SLOTS', { least: 1, most: 999, such: 8 }) ?? cores;
  const threads =
    wholeNumber(environment, 'TRIBUTARY_EXTRACT_THREADS', { least: 0, most: 999, such: 4 }) ?? cores;
  const heapMegabytes =
    wholeNumber(environment, 'TRIBUTARY_EXTRACT_HEAP_MB', { least: 64, most: 99_999, such: 2048 }) ??
    heapOf(Math.min(slots, Math.max(1, threads)));
  return { slots, threads, heapMegabytes };
}

function heapOf(threads: number): number {
  // A container's limit; 0 or more than there is if it has none.
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const part = Math.floor((HEAPS_OF_MEMORY * bytes) / 1024 ** 2 / threads);
  return Math.min(MOST_HEAP_MEGABYTES, Math.max(LEAST_HEAP_MEGABYTES, part));
}

/** Undefined if the variable is unset or empty. */
function wholeNumber(
  environment: Environment,
  name: string,
  { least, most, such }: { readonly least: number; readonly most: number; readonly such: number },
): number | undefined {
  const text = (environment[name] ?? '').trim();
  if (text === '') return undefined;
  const value = /^(0|[1-9]\d{0,5})$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Terminal(
    'BadEnvironment',
    `${name}: expected a whole number from ${least} to ${most} such as ${such}, found ${JSON.stringify(text)}.`,
  );
}
