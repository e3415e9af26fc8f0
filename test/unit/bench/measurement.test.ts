import { expect, test } from '@jest/globals';
import { figuresOf, type Measurement, median, ratiosOf } from '../../../bench/speed/measurement.ts';
import { lineOf, tableOf } from '../../../bench/speed/report.ts';

const round = (cpuSeconds: number, wallSeconds = cpuSeconds, peakMegabytes = 200) => ({
  ...{ cpuSeconds, serversCpuSeconds: 1, wallSeconds, peakMegabytes },
});
const measured = (some: Partial<Measurement>): Measurement => ({
  ...{ shape: 'single-table', program: 'tributary', cores: 1, items: 300_000, rows: 900_000 },
  ...{ jsonBytes: 300_000_000, sentBytes: 300_100_000, oneItemCpuSeconds: 0.5, rounds: [round(10)] },
  ...some,
});

test('figures are those of the median round', () => {
  const figures = figuresOf(
    measured({ rounds: [round(30, 30, 900), round(10, 12, 250), round(9, 11, 240)] }),
  );
  expect(figures).toEqual({
    megabytesPerCpuSecondAtScale: 300 / 9.5,
    ...{ megabytesPerCpuSecond: 30, itemsPerCpuSecond: 30_000, megabytesPerSecond: 25 },
    ...{ cpuSeconds: 10, serversCpuSeconds: 1, wallSeconds: 12, peakMegabytes: 250 },
  });
});

test('the median of an even number is the mean of the two in the middle', () => {
  expect(median([4, 1, 3, 100])).toBe(3.5);
});

test('ratios compare items per CPU-second, whatever each program copied, and throughput on more cores', () => {
  const ratios = ratiosOf([
    measured({ cores: 2, rounds: [round(11, 5)] }),
    measured({}),
    measured({ program: 'first-written', items: 100_000, jsonBytes: 100_000_000, rounds: [round(20)] }),
    measured({ program: 'dlt', items: 30_000, jsonBytes: 30_000_000, rounds: [round(10)] }),
    measured({ shape: 'wide', rounds: [round(6)] }),
  ]);
  expect(ratios).toEqual([
    {
      shape: 'single-table',
      megabytesPerCpuSecond: 30,
      times: { 'first-written': 6, dlt: 10 },
      speedup: { 2: 2 },
    },
    { shape: 'wide', megabytesPerCpuSecond: 50, times: {}, speedup: {} },
  ]);
  expect(ratios.map(lineOf)).toEqual([
    'single-table: 6.0× first-written, 10.0× dlt, 30 MB/s per CPU-second, 2.00× on 2 cores',
    'wide: 50 MB/s per CPU-second',
  ]);
});

test('the table has one row per measurement', () => {
  expect(tableOf([measured({}), measured({ program: 'first-written', rounds: [round(30.25)] })])).toBe(
    [
      '| shape        | program       | cores |  MB | MB/s per CPU-s | at scale | items per CPU-s | CPU s | of one item | servers s | wall s | peak MB |',
      '|--------------|---------------|------:|----:|---------------:|---------:|----------------:|------:|------------:|----------:|-------:|--------:|',
      '| single-table | tributary     |     1 | 300 |           30.0 |     31.6 |           30000 | 10.00 |        0.50 |      1.00 |  10.00 |     200 |',
      '| single-table | first-written |     1 | 300 |            9.9 |     10.1 |            9917 | 30.25 |        0.50 |      1.00 |  30.25 |     200 |',
    ].join('\n'),
  );
});
