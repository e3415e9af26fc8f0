import { z } from 'zod';
import { DURATION, durationSeconds } from '../text/durations.ts';

/** A duration as text: `90s`, `30m`, `12h`, `7d`, `1y`. */
export const Duration = z.string().regex(DURATION.pattern, DURATION.means).meta({ title: DURATION.means });

/** As text, at least this long. */
export const DurationFrom = (least: string) =>
  Duration.refine(
    (text) => (durationSeconds(text) ?? 0) >= (durationSeconds(least) as number),
    `a duration of at least ${least}`,
  );

/** A setting in seconds: a number of them, or a duration as text. Parsed, it is the number. */
const secondsOr = (most = Number.POSITIVE_INFINITY) =>
  Duration.refine((text) => (durationSeconds(text) ?? 0) <= most, `at most ${most}s`).transform(
    (text) => durationSeconds(text) as number,
  );

export const Seconds = z.union([
  z.number().int().positive().meta({ title: 'a whole number of seconds above 0' }),
  secondsOr(),
]);

/** Also parts of a second. */
export const FineSeconds = z.union([
  z.number().positive().meta({ title: 'a number of seconds above 0' }),
  secondsOr(),
]);

/** Also 0, and at most this many. */
export const SecondsUpTo = (most: number) =>
  z.union([
    z
      .number()
      .int()
      .min(0)
      .max(most)
      .meta({ title: `a whole number of seconds from 0 to ${most}` }),
    secondsOr(most),
  ]);
