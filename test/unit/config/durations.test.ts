import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { durationSeconds } from '../../../src/pipeline/text/durations.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['12h', 43_200],
    ['7d', 604_800],
    ['1y', 31_536_000],
  ])('%s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '0s', '30', '1w', '1.5h', '-1h', '30 m', '1H', '1h30m'])('is not %j', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});

const file = (settings: string) => `pipelines:
  orders:
    source: { table: orders }
    staging: { bucket: tributary${settings} }
    warehouse: { workgroup: local, database: dev, schema: orders, iamRole: default }
`;

describe('settings in seconds', () => {
  it('take a number, as before, or a duration', () => {
    const cut = (settings: string) =>
      parseConfig(file(settings), 'tributary.yaml').pipelines.orders?.staging.cutSeconds;
    expect(cut('')).toBe(600);
    expect(cut(', cutSeconds: 90')).toBe(90);
    expect(cut(', cutSeconds: 0.5')).toBe(0.5);
    expect(cut(', cutSeconds: 15m')).toBe(900);
  });

  it('say what they expect', () => {
    expect(() => parseConfig(file(', cutSeconds: 15min'), 'tributary.yaml')).toThrow(
      'expected a number of seconds above 0 or a duration such as 90s, 30m, 12h, 7d or 1y, got "15min"',
    );
  });
});
