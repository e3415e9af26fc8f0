import { expect, test } from '@jest/globals';
import { RateMeter } from '../../../../src/pipeline/run/rate-meter.ts';

test('the rate is that of the last half minute', () => {
  const meter = new RateMeter(0);
  for (let second = 1; second <= 60; second++) meter.add(100, second * 1000);
  for (let second = 61; second <= 90; second++) meter.add(10, second * 1000);
  expect(meter.perSecond(90_000)).toBe(10);
});

test('in the first half minute, the rate is the average so far', () => {
  const meter = new RateMeter(1_000);
  meter.add(50, 3_000);
  expect(meter.perSecond(6_000)).toBe(10);
  expect(new RateMeter(0).perSecond(0)).toBe(0);
});

test('work that has stopped has no rate', () => {
  const meter = new RateMeter(0);
  meter.add(1_000, 1_000);
  expect(meter.perSecond(40_000)).toBe(0);
});
