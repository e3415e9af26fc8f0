import { availableParallelism } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { extractSettingsFromEnvironment } from '../../../src/workers/extract-settings.ts';

const SLOTS = 'TRIBUTARY_EXTRACT_SLOTS';
const THREADS = 'TRIBUTARY_EXTRACT_THREADS';
const HEAP = 'TRIBUTARY_EXTRACT_HEAP_MB';

test('a worker extracts one segment per core, in one thread per core, unless the environment says otherwise', () => {
  const cores = availableParallelism();
  expect(extractSettingsFromEnvironment({})).toMatchObject({ slots: cores, threads: cores });
  expect(extractSettingsFromEnvironment({ [SLOTS]: '', [THREADS]: '' })).toMatchObject({
    slots: cores,
    threads: cores,
  });
  expect(extractSettingsFromEnvironment({ [SLOTS]: ' 8 ', [THREADS]: '3' })).toMatchObject({
    slots: 8,
    threads: 3,
  });
});

test('without threads, the worker extracts in its own', () => {
  expect(extractSettingsFromEnvironment({ [THREADS]: '0' }).threads).toBe(0);
});

describe('the heap of a thread', () => {
  test('is a gigabyte at most, unless the environment says otherwise', () => {
    expect(extractSettingsFromEnvironment({ [SLOTS]: '1' }).heapMegabytes).toBeLessThanOrEqual(1024);
    expect(extractSettingsFromEnvironment({ [HEAP]: '2048' }).heapMegabytes).toBe(2048);
  });

  test('is an equal part of the memory, if that is less, but never too little to work with', () => {
    expect(
      extractSettingsFromEnvironment({ [SLOTS]: '999', [THREADS]: '999' }).heapMegabytes,
    ).toBeGreaterThanOrEqual(192);
  });

  test('counts no more threads than can have a segment', () => {
    const of = (slots: string, threads: string) =>
      extractSettingsFromEnvironment({ [SLOTS]: slots, [THREADS]: threads }).heapMegabytes;
    expect(of('1', '999')).toBe(of('999', '1'));
  });
});

test.each([
  ...['0', '-1', '1.5', '1000', '0x10', 'many'].map((value) => [SLOTS, value, '1 to 999 such as 8']),
  ...['-1', '1000', '1 2'].map((value) => [THREADS, value, '0 to 999 such as 4']),
  ...['63', '100000', '1 GB'].map((value) => [HEAP, value, '64 to 99999 such as 2048']),
])('%s=%s is refused, with what was expected', (variable, value, expected) => {
  expect(() => extractSettingsFromEnvironment({ [variable as string]: value })).toThrow(
    expect.objectContaining({
      code: 'BadEnvironment',
      message: `${variable}: expected a whole number from ${expected}, found "${value}".`,
    }),
  );
});
