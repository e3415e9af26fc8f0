import type { FaultRates } from '../../local/fault-proxy/fault-schedule.ts';
import { seededChoice, seededFraction, seededInteger } from '../../local/fault-proxy/seeded.ts';
import type { TableShape } from './changing-table.ts';
import type { Step } from './steps.ts';

/** When something happens: as the n-th call (from 1) of a step is asked for, or as it was done and nobody knows. */
export interface Moment {
  readonly step: Step;
  readonly ordinal: number;
  readonly when: 'asked' | 'answered';
}

export type Incident =
  /** SIGKILL for the worker that calls; another starts. */
  | { readonly kind: 'kill' }
  /**
   * SIGSTOP for the worker that calls; another starts. It goes on after the others made so many writes, and
   * what it was asking for arrives then.
   */
  | { readonly kind: 'freeze'; readonly untilWrites: number }
  /** The worker that calls loses Temporal, and nothing else: it works on, declared dead; another starts. */
  | { readonly kind: 'cut off'; readonly untilWrites: number }
  /** An operator resets a segment's workflow, whatever it is doing. */
  | { readonly kind: 'reset segment'; readonly segment: number }
  /** An operator asks for a retry, needed or not. */
  | { readonly kind: 'ask for retry'; readonly by: 'update' | 'signal' }
  /** An operator starts a second workflow for what is under way. */
  | { readonly kind: 'second segment'; readonly segment: number }
  | { readonly kind: 'second load' }
  | { readonly kind: 'second replace' };

/** How a parked child is brought home. */
export type WayHome = 'update' | 'signal' | 'reset' | 'start';

/** Something that fails for good until an operator mends it. */
export interface Refused {
  readonly what: { readonly segment: number } | { readonly tableOrdinal: number };
  readonly wayHome: WayHome;
}

/** A fault of the warehouse itself, as `local/redshift-data-api` takes it; it strikes statements about this schedule's schema. */
export interface WarehouseFault {
  readonly kind: 'serializable-violation' | 'out-of-memory' | 'copy-half-way' | 'lost-answer';
  readonly when?: 'statement' | 'commit';
  /** The first statement it strikes, from 1, of those that fit. */
  readonly nth: number;
}

/** What a schedule is about. Zombies and rivals need an extraction that lasts: every page takes its time there. */
export type Theme = 'anything' | 'zombie' | 'rivals';

/** All that happens in one refresh, but for what the clients make of it. One seed, one schedule. */
export interface Schedule {
  readonly seed: number;
  readonly theme: Theme;
  readonly table: TableShape;
  readonly segments: number;
  readonly pageItems: number;
  /** Added to every page of a scan; more where a successor reads after a worker declared dead. */
  readonly pageMilliseconds: number;
  readonly cutSeconds: number;
  readonly workers: 1 | 2;
  /** Workers keep no workflow in memory: every task replays from the beginning. */
  readonly cold: boolean;
  /** An earlier run's schema is live already. */
  readonly liveBefore: boolean;
  readonly rates: FaultRates;
  readonly warehouse: readonly WarehouseFault[];
  readonly temporal: { readonly resetRate: number; readonly latencyRate: number };
  readonly incidents: readonly { readonly at: Moment; readonly what: Incident }[];
  readonly refused?: Refused;
}

const calm: FaultRates = { latency: 0.05 };
const ordinary: FaultRates = {
  latency: 0.08,
  'server error': 0.02,
  reset: 0.02,
  cut: 0.015,
  damaged: 0.02,
  'answer lost': 0.03,
  drip: 0.02,
};
const stormy: FaultRates = {
  latency: 0.1,
  'server error': 0.05,
  reset: 0.05,
  cut: 0.03,
  damaged: 0.05,
  'answer lost': 0.08,
  drip: 0.03,
};

/** The clients slow themselves down for long after a throttle, as they should: so only some schedules have any. */
const throttling: FaultRates = { latency: 0.05, throttled: 0.01, reset: 0.02, 'answer lost': 0.03 };

const RATES = [calm, calm, ordinary, ordinary, ordinary, stormy, stormy, throttling] as const;

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const chance = (probability: number, ...names: (string | number)[]) =>
    seededFraction(seed, ...names) < probability;
  const segments = integer(2, 4, 'segments');
  const items = integer(200, 800, 'items');
  const moments = (what: string, i: number): Moment => {
    const step = seededChoice<Step>(
      [
        'scan',
        'part',
        'checkpoint',
        'checkpoint',
        'manifest',
        'prepare',
        'load',
        'load',
        'verify',
        'replace',
        'drop',
      ],
      seed,
      what,
      i,
      'step',
    );
    const most = { scan: 12, part: 12, checkpoint: 8, load: 3 }[step as string] ?? 1;
    const when = seededChoice(['asked', 'answered'] as const, seed, what, i, 'when');
    return { step, ordinal: integer(1, most, what, i, 'ordinal'), when };
  };
  const incidents = Array.from({ length: integer(0, 3, 'incidents') }, (_, i) => {
    const at = moments('incident', i);
    return { at, what: incidentAt(seed, i, at, segments) };
  });
  const refused: Refused | undefined = chance(0.2, 'refused')
    ? {
        what: chance(0.7, 'refused segment')
          ? { segment: integer(0, segments - 1, 'refused', 'segment') }
          : { tableOrdinal: integer(0, 2, 'refused', 'table') },
        wayHome: seededChoice(['update', 'signal', 'reset', 'start'] as const, seed, 'way home'),
      }
    : undefined;
  const schedule: Schedule = {
    seed,
    theme: 'anything',
    table: { seed, items, moving: Math.floor(items * (integer(10, 40, 'moving') / 100)) },
    segments,
    pageItems: integer(12, 50, 'page'),
    pageMilliseconds: seededChoice([0, 0, 10, 30], seed, 'page time'),
    cutSeconds: seededChoice([0.02, 0.05, 0.15, 60], seed, 'cut'),
    workers: chance(0.4, 'workers') ? 2 : 1,
    cold: chance(0.3, 'cold'),
    liveBefore: chance(0.5, 'live'),
    rates: seededChoice(RATES, seed, 'rates'),
    warehouse: Array.from({ length: chance(0.5, 'warehouse') ? integer(1, 3, 'warehouse') : 0 }, (_, i) =>
      warehouseFault(seed, i),
    ),
    temporal: {
      resetRate: seededChoice([0, 0, 0.2], seed, 'temporal resets'),
      latencyRate: seededChoice([0, 0.05], seed, 'temporal latency'),
    },
    incidents,
    ...(refused === undefined ? {} : { refused }),
  };
  const theme = seededChoice(THEMES, seed, 'theme');
  return theme === 'anything'
    ? schedule
    : { ...schedule, ...longExtraction(seed), ...themed(theme, seed), theme };
}

function warehouseFault(seed: number, i: number): WarehouseFault {
  const kind = seededChoice(
    [
      'serializable-violation',
      'serializable-violation',
      'out-of-memory',
      'copy-half-way',
      'lost-answer',
    ] as const,
    seed,
    'warehouse',
    i,
  );
  if (kind === 'copy-half-way') return { kind, nth: seededInteger(1, 3, seed, 'warehouse', i, 'nth') };
  const nth = seededInteger(1, 25, seed, 'warehouse', i, 'nth');
  if (kind === 'out-of-memory' || kind === 'lost-answer') return { kind, nth };
  return { kind, nth, when: seededChoice(['statement', 'commit'] as const, seed, 'warehouse', i, 'when') };
}

const THEMES: readonly Theme[] = [
  ...Array.from({ length: 7 }, () => 'anything' as const),
  'zombie',
  'rivals',
];
const SEGMENTS_OF_THEMES = 2;

/** Some five seconds of two segments, cut by the clock: two writers of one segment never cut at the same key. */
function longExtraction(seed: number) {
  const items = seededInteger(400, 500, seed, 'items of theme');
  const moving = Math.floor(items / 5);
  return {
    table: { seed, items, moving },
    segments: SEGMENTS_OF_THEMES,
    pageItems: 6,
    pageMilliseconds: seededInteger(80, 120, seed, 'page time of theme'),
    // Several pages to a cut, also on a busy machine.
    cutSeconds: 0.8,
    workers: 1,
    rates: calm,
  } as const;
}

function themed(theme: Theme, seed: number): Pick<Schedule, 'incidents'> {
  const when = seededChoice(['asked', 'answered'] as const, seed, 'theme', 'when');
  if (theme === 'zombie') {
    // Declared dead after two seconds, with a checkpoint on the line that arrives when its successor is ahead.
    const untilWrites = seededInteger(4, 6, seed, 'theme', 'until');
    const kind = seededChoice(['freeze', 'cut off'] as const, seed, 'theme', 'kind');
    const ordinal = seededInteger(2, 5, seed, 'theme', 'ordinal');
    return {
      incidents: [{ at: { step: 'checkpoint', ordinal, when: 'asked' }, what: { kind, untilWrites } }],
    };
  }
  return {
    incidents: Array.from({ length: SEGMENTS_OF_THEMES }, (_, segment) => ({
      at: { step: 'part', ordinal: 1 + segment, when } as const,
      what: { kind: 'second segment', segment } as const,
    })),
  };
}

function incidentAt(seed: number, i: number, at: Moment, segments: number): Incident {
  const untilWrites = seededInteger(1, 4, seed, 'until', i);
  const segment = seededInteger(0, segments - 1, seed, 'segment', i);
  const extracting = ['scan', 'part', 'checkpoint'].includes(at.step);
  const anywhere: Incident[] = [
    { kind: 'kill' },
    { kind: 'kill' },
    { kind: 'freeze', untilWrites },
    { kind: 'cut off', untilWrites },
    { kind: 'ask for retry', by: seededChoice(['update', 'signal'] as const, seed, 'retry', i) },
  ];
  const during: Incident[] = extracting
    ? [
        { kind: 'reset segment', segment },
        { kind: 'second segment', segment },
        { kind: 'second segment', segment },
      ]
    : at.step === 'load'
      ? [{ kind: 'second load' }, { kind: 'second load' }]
      : at.step === 'replace'
        ? [{ kind: 'second replace' }]
        : [];
  return seededChoice([...anywhere, ...during], seed, 'incident', i);
}
