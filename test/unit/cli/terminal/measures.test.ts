import { describe, expect, it } from '@jest/globals';
import { bar, byteSize, count, counted, duration, instant } from '../../../../src/cli/terminal/measures.ts';

describe('measures are formatted for reading', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [9_940, '9.9 KB'],
    [9_960, '10 KB'],
    [999_600, '1.0 MB'],
    [2_140_000, '2.1 MB'],
    [67_108_864, '67 MB'],
    [3.2e15, '3.2 PB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (bytes, text) => expect(byteSize(bytes)).toBe(text));

  it.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7620, '2 h 07 min'],
    [86_400 * 3 + 3600 * 4, '3 d 4 h'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  it('counts have thousands separators, and one is singular', () => {
    expect(count(1680)).toBe('1,680');
    expect(counted(1, 'segment')).toBe('1 segment');
    expect(counted(0, 'segment')).toBe('0 segments');
  });

  it('times are UTC and say so', () => {
    expect(instant(new Date(Date.UTC(2026, 10, 21, 6, 46, 17)))).toBe('2026-11-21 06:46:17Z');
  });
});

describe('a bar', () => {
  it('shows a part that has only begun, and is full only when everything is done', () => {
    expect(bar(0, 1000, 4)).toBe('░░░░');
    expect(bar(1, 1000, 4)).toBe('█░░░');
    expect(bar(999, 1000, 4)).toBe('███░');
    expect(bar(1000, 1000, 4)).toBe('████');
    expect(bar(0, 0, 4)).toBe('████');
  });
});
