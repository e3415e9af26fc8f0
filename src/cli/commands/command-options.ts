import { InvalidArgumentError, Option } from 'commander';
import { PHASES, type Phase } from '../../contract/refresh.ts';
import { RUN_NAME } from '../../pipeline/definition/run-name.ts';
import { DURATION, durationSeconds } from '../../pipeline/text/durations.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';

/** Options that several commands share. Each is checked when it is parsed. */

export const configOption = () =>
  new Option('--config <file>', 'configuration file; default: TRIBUTARY_CONFIG, else ./tributary.yaml');

export const destinationOption = () =>
  new Option('--destination <name>', 'of a pipeline with several destinations: the name of one');

export const jsonOption = (what: string) => new Option('--json', what);

export const phaseOption = (flags: string, description: string) =>
  new Option(flags, `${description}: ${PHASES.join(', ')}`).argParser(readPhase);

function readPhase(text: string): Phase {
  const phase = PHASES.find((each) => each === text);
  if (phase !== undefined) return phase;
  throw new InvalidArgumentError(
    `There is no such phase${didYouMean(text, PHASES)}. Phases: ${PHASES.join(', ')}.`,
  );
}

export function readSegments(text: string): number {
  const segments = Number(text);
  if (/^\d+$/.test(text) && segments >= 1 && segments <= 2000) return segments;
  throw new InvalidArgumentError('Expected a whole number from 1 to 2000.');
}

export function readSegmentNumber(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected the number of a segment: 0, 1, 2 …');
}

export function readBatchNumber(text: string): number {
  if (/^0*[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected the number of a batch: 1, 2, 3 …');
}

/** Adds the next number of an option that takes several batches. */
export const addBatchNumber = (text: string, before: readonly number[] = []): readonly number[] => [
  ...before,
  readBatchNumber(text),
];

/** A date or time in ISO 8601; without an offset, a time is of UTC. @returns it in UTC */
export function readTime(text: string): string {
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const isLocal = !/(?:Z|[+-]\d\d:\d\d)$/.test(text) && text.includes('T');
  const at = Date.parse(isLocal ? `${text}Z` : text);
  if (isTime && !Number.isNaN(at)) return new Date(at).toISOString();
  throw new InvalidArgumentError('Expected a date or time, e.g. 2026-11-01 or 2026-11-01T06:00:00Z.');
}

/** Adds the next value of an option that takes several. */
export const addSegment = (text: string, before: readonly number[] = []): readonly number[] => [
  ...before,
  readSegmentNumber(text),
];

export function readLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
}

/** `90` and `90s` → 90: older options took plain seconds. */
export const readSeconds = (text: string): number =>
  /^[1-9]\d{0,3}$/.test(text) ? Number(text) : readDuration(text);

/** `2h` → 7200. */
export function readDuration(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError(`Expected ${DURATION.means}.`);
}

export function readRunName(text: string): string {
  if (RUN_NAME.pattern.test(text)) return text;
  throw new InvalidArgumentError(`Expected ${RUN_NAME.means}.`);
}

/** A generation of a partition. */
export const readGeneration = (text: string): string => {
  if (!/^[1-9]\d*(?:-[0-9a-z]+)?$/.test(text))
    throw new InvalidArgumentError('Expected a generation, e.g. 7, or 7-0f3a21bc as explain prints it.');
  return text;
};
