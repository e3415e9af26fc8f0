import { InvalidArgumentError, Option } from 'commander';
import { PHASES, type Phase } from '../../contract/refresh.ts';
import { RUN_NAME } from '../../pipeline/definition/run-name.ts';
import { DURATION, durationSeconds } from '../../pipeline/text/durations.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';

/** Options that several commands share. Each is checked when it is parsed. */

export const configOption = () =>
  new Option('--config <file>', 'configuration file; default: TRIBUTARY_CONFIG, else ./tributary.yaml');

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
