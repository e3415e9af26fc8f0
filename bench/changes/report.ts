import { listPrice } from '../loader/list-prices.ts';
import { median } from '../speed/measurement.ts';
import type { ChangesResult } from './bench-changes.ts';
import type { Sample } from './lag-watch.ts';

/** After its start, a worker's memory grows for some time. */
const WARM_UP_SECONDS = 30;

export interface ChangesFigures {
  readonly madePerSecond: number;
  /** Changes that were applied while changes were made, per second. */
  readonly appliedPerSecond: number;
  /** Before the stop, if there was one; else in the first half. */
  readonly lagBefore: { readonly median: number; readonly most: number };
  /** In the last sixth of the time in which changes were made. */
  readonly lagAtEnd: { readonly median: number; readonly most: number };
  /** After the worker's start, until the lag was no more than the most before the stop; undefined: never. */
  readonly recoverySeconds?: number;
  readonly mostLag: number;
  /** The lag at the end is not above that before the stop. */
  readonly isBounded: boolean;
  /** Of the worker. */
  readonly peakMegabytes: number;
  /** Of the worker that ran last, once it was warm: in the first and in the last third of its time. */
  readonly firstThird: number;
  readonly lastThird: number;
}

export function changesFigures(result: ChangesResult): ChangesFigures {
  const { samples, seconds, stop, changes } = result;
  const during = samples.filter(({ atSeconds }) => atSeconds <= seconds);
  const before = during.filter(({ atSeconds }) => atSeconds <= (stop?.fromSeconds ?? seconds / 2));
  const atEnd = during.filter(({ atSeconds }) => atSeconds > (seconds * 5) / 6);
  const lagBefore = lagOf(before);
  const lagAtEnd = lagOf(atEnd);
  const recovered =
    stop && during.find((each) => each.atSeconds > stop.toSeconds && each.lagSeconds <= lagBefore.most);
  const last = during.filter(({ atSeconds }) => atSeconds > (stop?.toSeconds ?? 0) + WARM_UP_SECONDS);
  const third = Math.ceil(last.length / 3);
  return {
    madePerSecond: changes / seconds,
    appliedPerSecond: (during.at(-1)?.applied ?? 0) / seconds,
    lagBefore,
    lagAtEnd,
    ...(stop && recovered ? { recoverySeconds: recovered.atSeconds - stop.toSeconds } : {}),
    mostLag: Math.max(0, ...during.map(({ lagSeconds }) => lagSeconds)),
    // A sample more or less decides whether the last apply is in the figure.
    isBounded: lagAtEnd.most <= lagBefore.most * 1.2 + 2,
    peakMegabytes: Math.max(0, ...during.map((each) => each.megabytes ?? 0)),
    firstThird: memoryOf(last.slice(0, third)),
    lastThird: memoryOf(last.slice(-third)),
  };
}

function lagOf(samples: readonly Sample[]) {
  const lags = samples.map(({ lagSeconds }) => lagSeconds);
  return { median: lags.length === 0 ? 0 : median(lags), most: Math.max(0, ...lags) };
}

const memoryOf = (samples: readonly Sample[]) =>
  samples.length === 0 ? 0 : median(samples.map((each) => each.megabytes ?? 0));

/** The figures as text. */
export function changesText(result: ChangesResult): string {
  const { changes, seconds, keys, itemBytes, shards, tables, stop, cpuSeconds, requests } = result;
  const figures = changesFigures(result);
  const { lagBefore, lagAtEnd, recoverySeconds, isBounded } = figures;
  const wall = seconds + result.drainSeconds;
  const lines = [
    `${whole(changes)} changes of ${whole(keys)} items of ${whole(itemBytes)} bytes in ${one(seconds)} s, ` +
      `${plural(shards, 'shard')}, ${plural(tables, 'table')}, applySeconds ${result.applySeconds}` +
      (result.hasPausedDestination ? ', beside a destination that is paused throughout' : ''),
    `made ${whole(figures.madePerSecond)} per second (${whole(result.wantedPerSecond)} were wanted); ` +
      `applied meanwhile: ${whole(figures.appliedPerSecond)} per second; the last one ${one(result.drainSeconds)} s after it was made`,
    `lag ${stop ? 'before the stop' : 'in the first half'}: median ${one(lagBefore.median)} s, at most ${one(lagBefore.most)} s; ` +
      `in the last sixth: median ${one(lagAtEnd.median)} s, at most ${one(lagAtEnd.most)} s: ${isBounded ? 'bounded' : 'it grows'}`,
    ...(stop === undefined
      ? []
      : [
          `stopped for ${one(stop.toSeconds - stop.fromSeconds)} s, the worker was at most ${one(figures.mostLag)} s behind; ` +
            (recoverySeconds === undefined
              ? 'it did not recover'
              : `it recovered ${one(recoverySeconds)} s after its start`),
        ]),
    `memory of the worker: at most ${whole(figures.peakMegabytes)} MB; first third ${whole(figures.firstThird)} MB, ` +
      `last third ${whole(figures.lastThird)} MB (medians)`,
    row('CPU', 'seconds', 'ms per 1,000 changes', 'share of a core'),
    ...Object.entries(cpuSeconds).map(([name, each]) =>
      row(name, one(each), whole((each * 1e6) / changes), `${whole((100 * each) / wall)}%`),
    ),
    ...(requests === undefined ? [] : requestLines(requests, changes)),
    `All ${whole(result.rows)} rows equal the model.`,
  ];
  return `${lines.join('\n')}\n`;
}

function requestLines(requests: Readonly<Record<string, number>>, changes: number): string[] {
  const dollars = (listPrice(requests) * 1e6) / changes;
  return [
    `requests per 1,000,000 changes; those of S3 cost $${dollars.toFixed(3)} at AWS's list prices:`,
    ...Object.entries(requests).map(([name, n]) => `  ${name.padEnd(40)} ${whole((1e6 * n) / changes)}`),
  ];
}

const row = (name: string, ...cells: string[]) =>
  name.padEnd(12) + cells.map((cell) => cell.padStart(22)).join('');
const plural = (n: number, noun: string) => `${whole(n)} ${noun}${n === 1 ? '' : 's'}`;
const whole = (n: number) => Math.round(n).toLocaleString('en');
const one = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 1 });
