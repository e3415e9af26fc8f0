import { expect, test } from '@jest/globals';
import { Pace } from '../../../../src/activities/runtime/pace.ts';
import { ReadBudget } from '../../../../src/activities/runtime/read-budget.ts';
import { ReadRates } from '../../../../src/activities/runtime/read-rates.ts';
import type { ScanPage } from '../../../../src/clients/table-source.ts';
import { Waits } from '../../../../src/clients/waits.ts';
import { HandClock, settled } from '../../clients/hand-clock.ts';

const never = new AbortController().signal;

/** Read units by the second in which their page was requested. */
class Consumption {
  readonly #units: number[] = [];

  add(atMs: number, units: number): void {
    const second = Math.floor(atMs / 1000);
    this.#units[second] = (this.#units[second] ?? 0) + units;
  }

  /** The least and the most of any minute that begins within this time. */
  minutes(fromSecond: number, untilSecond: number): { least: number; most: number } {
    const sums = [];
    for (let from = fromSecond; from + 60 <= untilSecond; from++) {
      let sum = 0;
      for (let second = from; second < from + 60; second++) sum += this.#units[second] ?? 0;
      sums.push(sum);
    }
    return { least: Math.min(...sums), most: Math.max(...sums) };
  }
}

/** Segments of one run on several workers, with items of any size up to 400 KB and an answer after 20 ms. */
class SimulatedRun {
  readonly clock = new HandClock();
  readonly consumption = new Consumption();
  readonly #rate: number;
  readonly #itemUnits: number;
  readonly #running = new Set<string>();
  readonly #workers: ReadRates[];
  #random = 1;

  constructor(rate: number, workers: number, itemUnits: number) {
    this.#rate = rate;
    this.#itemUnits = itemUnits;
    this.#workers = Array.from({ length: workers }, () => new ReadRates(this.clock));
  }

  /** Scans a segment on a worker until its signal aborts. */
  async start(segment: string, worker: number, ended: AbortSignal): Promise<void> {
    const rates = this.#workers[worker]!;
    this.#running.add(segment);
    const budget = await rates.join({
      run: 'run',
      unitsPerSecond: this.#rate,
      segment,
      atMost: 8,
      count: async () => this.#running.size,
    });
    const pace = new Pace(budget, this.#rate, new Waits());
    while (!ended.aborted) await pace.page((limit) => this.#page(limit), ended).catch(() => {});
    this.#running.delete(segment);
    rates.leave('run', segment);
  }

  async #page(limit: number): Promise<ScanPage> {
    let readUnits = 0;
    let count = 0;
    while (count < limit && readUnits < 128) {
      this.#random = (this.#random * 48_271) % 2_147_483_647;
      readUnits += Math.max(0.01, (2 * this.#itemUnits * this.#random) / 2_147_483_647);
      count++;
    }
    this.consumption.add(this.clock.nowMs(), readUnits);
    await new Promise<void>((resolve) => this.clock.after(20, resolve));
    return { items: [], count, readUnits, next: {} };
  }
}

test.each([
  { rate: 60, workers: 1, segments: 2, itemUnits: 0.1 },
  { rate: 60, workers: 1, segments: 8, itemUnits: 0.1 },
  { rate: 60, workers: 3, segments: 8, itemUnits: 0.1 },
  { rate: 12, workers: 2, segments: 3, itemUnits: 0.01 },
  { rate: 2_000, workers: 2, segments: 8, itemUnits: 2 },
  { rate: 100, workers: 1, segments: 1, itemUnits: 5 },
])(
  'a rate of $rate units holds within 5% in every minute: $segments segments on $workers workers',
  async ({ rate, workers, segments, itemUnits }) => {
    const run = new SimulatedRun(rate, workers, itemUnits);
    const end = new AbortController();
    const scans = Array.from({ length: segments }, (_, i) => run.start(`s${i}`, i % workers, end.signal));
    await run.clock.advance(240_000);
    end.abort();
    await run.clock.advance(100);
    await Promise.all(scans);
    const { least, most } = run.consumption.minutes(5, 240);
    expect(most).toBeLessThanOrEqual(60 * rate * 1.05);
    expect(least).toBeGreaterThanOrEqual(60 * rate * 0.95);
    expect(run.consumption.minutes(0, 240).most).toBeLessThanOrEqual(60 * rate * 1.05);
  },
);

test('when segments end on one worker, those on another take over their part within seconds', async () => {
  const run = new SimulatedRun(100, 2, 0.1);
  const [first, second] = [new AbortController(), new AbortController()];
  const scans = [run.start('a', 0, first.signal), run.start('b', 1, second.signal)];
  await run.clock.advance(60_000);
  first.abort();
  await run.clock.advance(90_000);
  second.abort();
  await run.clock.advance(100);
  await Promise.all(scans);
  const { least, most } = run.consumption.minutes(5, 150);
  expect(most).toBeLessThanOrEqual(6_300);
  expect(least).toBeGreaterThanOrEqual(5_400);
  expect(run.consumption.minutes(75, 150).least).toBeGreaterThanOrEqual(5_700);
});

test('if the running segments cannot be counted, a worker assumes that all others run', async () => {
  const rates = new ReadRates(new HandClock());
  const budget = await rates.join({
    run: 'run',
    unitsPerSecond: 80,
    segment: 'a',
    atMost: 8,
    count: async () => {
      throw new Error('Temporal does not answer');
    },
  });
  expect(budget.share).toBe(1 / 8);
});

test('each run has a rate of its own, however many share a worker', async () => {
  const rates = new ReadRates(new HandClock());
  const of = (run: string) =>
    rates.join({ run, unitsPerSecond: 80, segment: 'a', atMost: 8, count: async (own) => own.size });
  expect((await of('one')).share).toBe(1);
  expect((await of('other')).share).toBe(1);
  expect(await of('one')).not.toBe(await of('other'));
});

/** A pace whose budget is used up. */
function starved(stopping?: AbortSignal) {
  const budget = new ReadBudget(1, new HandClock());
  return new Pace(budget, 1, new Waits(), { stopping });
}
const onePage = async (): Promise<ScanPage> => ({
  items: [],
  count: 0,
  readUnits: 1,
  next: undefined,
});

test('a worker that is stopping no longer waits for read units', async () => {
  const stopping = new AbortController();
  const page = starved(stopping.signal).page(onePage, never);
  await settled();
  stopping.abort();
  await expect(page).resolves.toMatchObject({ readUnits: 1 });
});

test('a cancelled wait is reported as cancelled, even on a worker that is stopping', async () => {
  const stopping = new AbortController();
  const cancelled = new AbortController();
  const page = starved(stopping.signal).page(onePage, cancelled.signal);
  cancelled.abort();
  stopping.abort();
  await expect(page).rejects.toThrow('aborted');
});
