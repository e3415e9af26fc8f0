import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Waits } from '../../../src/clients/waits.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a service that does not answer is named after ten seconds, with how long it has been silent', () => {
  const waits = new Waits();
  const end = waits.begin('service', (seconds) => `S3 has not answered for ${seconds}`);
  jest.setSystemTime(9_000);
  expect(waits.current()).toBeUndefined();
  jest.setSystemTime(40_000);
  expect(waits.current()).toEqual({
    for: 'service',
    why: 'S3 has not answered for 40 s',
    since: '1970-01-01T00:00:00.000Z',
  });
  end();
  expect(waits.current()).toBeUndefined();
});

test('a call that was asked to wait is not late before that time has passed', () => {
  const waits = new Waits();
  waits.begin('service', (seconds) => `silent for ${seconds}`, 30_000);
  jest.setSystemTime(35_000);
  expect(waits.current()).toBeUndefined();
  jest.setSystemTime(41_000);
  expect(waits.current()?.why).toBe('silent for 11 s');
});

test('of several waits, the cause comes first: a lock, then the longest wait for a service', () => {
  const waits = new Waits();
  waits.begin('read rate', () => 'rate');
  waits.begin('service', () => 'first');
  jest.setSystemTime(5_000);
  waits.begin('service', () => 'second');
  jest.setSystemTime(20_000);
  expect(waits.current()?.why).toBe('first');
  waits.begin('lock', () => 'Blocked by pid 4711.');
  expect(waits.current()?.why).toBe('Blocked by pid 4711.');
});

test('a wait ends with the call, whether it succeeds or fails', async () => {
  const waits = new Waits();
  const failing = waits.during(
    'service',
    () => 'S3',
    async () => {
      throw new Error('no');
    },
  );
  await expect(failing).rejects.toThrow('no');
  jest.setSystemTime(60_000);
  expect(waits.current()).toBeUndefined();
});
