import type { ProgramName } from './program.ts';

/** What one copy of a table took. */
export interface Round {
  /** User and system time of the program's process tree. */
  readonly cpuSeconds: number;
  /** That of the page server and the stack's servers. */
  readonly serversCpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMegabytes: number;
}

/** One program's copies of one table. */
export interface Measurement {
  readonly shape: string;
  readonly program: ProgramName;
  readonly cores: number;
  readonly items: number;
  /** The rows of all tables that it wrote. */
  readonly rows: number;
  /** The items' DynamoDB-JSON. */
  readonly jsonBytes: number;
  /** What the page server sent for one copy. Tributary also reads a sample, for its plan. */
  readonly sentBytes: number;
  /** The memory of a worker that has not copied anything yet. */
  readonly idleMegabytes?: number;
  /** The CPU time of a copy of one item: what every copy costs, however small. It is part of each round. */
  readonly oneItemCpuSeconds: number;
  readonly rounds: readonly Round[];
}

export interface Figures {
  readonly megabytesPerCpuSecond: number;
  /** Without the cost of one item: closer to what a large table costs. */
  readonly megabytesPerCpuSecondAtScale: number;
  readonly itemsPerCpuSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSeconds: number;
  readonly serversCpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMegabytes: number;
}

/** The figures of a measurement: each is the median of its rounds, the throughputs those of the median times. */
export function figuresOf({ rounds, items, jsonBytes, oneItemCpuSeconds }: Measurement): Figures {
  const of = (figure: keyof Round) => median(rounds.map((round) => round[figure]));
  const cpuSeconds = of('cpuSeconds');
  const wallSeconds = of('wallSeconds');
  return {
    megabytesPerCpuSecond: jsonBytes / 1e6 / cpuSeconds,
    megabytesPerCpuSecondAtScale: jsonBytes / 1e6 / (cpuSeconds - oneItemCpuSeconds),
    itemsPerCpuSecond: items / cpuSeconds,
    megabytesPerSecond: jsonBytes / 1e6 / wallSeconds,
    cpuSeconds,
    serversCpuSeconds: of('serversCpuSeconds'),
    wallSeconds,
    peakMegabytes: of('peakMegabytes'),
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Tributary compared with the others, of one shape. */
export interface Ratios {
  readonly shape: string;
  readonly megabytesPerCpuSecond: number;
  /** By program: how many times as many items Tributary copies per CPU-second, each on its fewest cores. */
  readonly times: Readonly<Partial<Record<ProgramName, number>>>;
  /** By number of cores: how many times the throughput of the fewest cores. */
  readonly speedup: Readonly<Record<string, number>>;
}

export function ratiosOf(measurements: readonly Measurement[]): Ratios[] {
  return [...Map.groupBy(measurements, ({ shape }) => shape)].flatMap(([shape, some]) => {
    const [first, ...more] = some
      .filter(({ program }) => program === 'tributary')
      .toSorted((a, b) => a.cores - b.cores);
    if (first === undefined) return [];
    const own = figuresOf(first);
    const others = some.filter(({ program }) => program !== 'tributary');
    return {
      shape,
      megabytesPerCpuSecond: own.megabytesPerCpuSecond,
      times: Object.fromEntries(
        others.map((each) => [each.program, own.itemsPerCpuSecond / figuresOf(each).itemsPerCpuSecond]),
      ),
      speedup: Object.fromEntries(
        more.map((each) => [String(each.cores), figuresOf(each).megabytesPerSecond / own.megabytesPerSecond]),
      ),
    };
  });
}
