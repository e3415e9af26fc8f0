import { expect, test } from '@jest/globals';
import { HintRate } from '../../../../src/pipeline/loader/hint-rate.ts';

test('a table gets its first hint at once', () => {
  const rate = new HintRate();
  rate.want('a');
  expect(rate.take(0)).toEqual(['a']);
  expect(rate.take(0)).toEqual([]);
});

test('a table gets at most one hint in five seconds, and the last one is never dropped', () => {
  const rate = new HintRate();
  const sent: number[] = [];
  for (let ms = 0; ms <= 60_000; ms += 100) {
    // Files arrive for a minute, less a few seconds.
    if (ms <= 57_000) rate.want('a');
    if (rate.take(ms).length > 0) sent.push(ms);
  }
  expect(sent).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60].map((seconds) => seconds * 1000));
});

test('tables do not wait for each other', () => {
  const rate = new HintRate();
  rate.want('a');
  rate.take(0);
  rate.want('a');
  rate.want('b');
  expect(rate.take(1_000)).toEqual(['b']);
  expect(rate.take(5_000)).toEqual(['a']);
});

test('a sender that ends sends what is wanted, due or not', () => {
  const rate = new HintRate();
  rate.want('a');
  rate.take(0);
  rate.want('a');
  expect(rate.takeAll(1_000)).toEqual(['a']);
  expect(rate.takeAll(1_000)).toEqual([]);
});
