import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../../src/config/parse-config.ts';
import { cronProblem } from '../../../../src/config/schedules/cron.ts';
import { isTimeZone } from '../../../../src/pipeline/text/time-zone.ts';
import {
  CRON_REFUSED_HERE_ALONE,
  CRON_TAKEN,
  CRON_WRONG,
  ZONES_TAKEN,
  ZONES_WRONG,
} from '../cron-expressions.ts';

/** test/integration/cli/schedule.test.ts asks a real Temporal the same. */
describe('a cron expression', () => {
  it.each(CRON_TAKEN)('is taken: %s', (text) => {
    expect(cronProblem(text)).toBeUndefined();
  });

  it.each(CRON_WRONG)('is refused: %s', (text, reason) => {
    expect(cronProblem(text)).toMatch(reason);
  });

  it.each(CRON_REFUSED_HERE_ALONE)('is refused, though Temporal would take it: %s', (text, reason) => {
    expect(cronProblem(text)).toMatch(reason);
  });

  it.each([
    [
      'cron: "61 2 * * *"',
      'cron: expected a minute from 0 to 59, with -, / and commas for several, instead of "61", got "61 2 * * *"',
    ],
    [
      'cron: "0 2 * * *", timezone: Europe/Berln',
      'timezone: expected a time zone of the IANA database, in its spelling, e.g. Europe/Berlin, got "Europe/Berln"',
    ],
    [
      'cron: "0 2 * * *", timezone: "+02:00"',
      'timezone: expected a time zone of the IANA database, in its spelling, e.g. Europe/Berlin, got "+02:00"',
    ],
  ])('is reported with its position in the file: { %s }', (setting, problem) => {
    const text = `pipelines: {}\nschedules:\n  nightly: { pipeline: nobel, ${setting} }\n`;
    expect(() => parseConfig(text, 'tributary.yaml')).toThrow(`schedules.nightly.${problem}`);
  });
});

describe('a time zone', () => {
  it.each(ZONES_TAKEN)('is taken: %s', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(ZONES_WRONG)('is refused: %s', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});
