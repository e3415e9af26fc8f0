import type { FaultRates } from '../../local/fault-proxy/fault-schedule.ts';
import { seededChoice, seededFraction, seededInteger } from '../../local/fault-proxy/seeded.ts';
import type { TableShape } from './changing-table.ts';
import type { LateWrite } from './late-write.ts';
import type { Step } from './steps.ts';

/** When something happens: when the n-th call (from 1) of a step is sent, or when it is done but not yet answered. */
interface Moment {
  readonly step: Step;
  readonly ordinal: number;
  readonly when: 'asked' | 'answered';
}

export type Incident =
  /** SIGKILL for the calling worker; another one starts. */
  | { readonly kind: 'kill' }
  /**
   * SIGSTOP for the calling worker; another one starts. The first resumes after this many writes by others, and only
   * then does its call arrive.
   */
  | { readonly kind: 'freeze'; readonly untilWrites: number }
  /** The calling worker loses only its connection to Temporal: it keeps working, declared dead, and another starts. */
  | { readonly kind: 'cut off'; readonly untilWrites: number }
  /** An operator resets a segment's workflow, in whatever state it is. */
  | { readonly kind: 'reset segment'; readonly segment: number }
  /** An operator resets the run itself, to this fraction of its history. */
  | { readonly kind: 'reset run'; readonly fraction: number }
  /** An operator requests a retry, needed or not. */
  | { readonly kind: 'ask for retry'; readonly by: 'update' | 'signal' }
  /** An operator starts a second workflow for a segment or table in progress. */
  | { readonly kind: 'second segment'; readonly segment: number }
  | { readonly kind: 'second replace' };

/** How a parked child is recovered. */
export type Recovery = 'update' | 'signal' | 'reset' | 'start';

/** Something that fails permanently until an operator fixes it. */
export interface Refused {
  readonly what: { readonly segment: number } | { readonly tableOrdinal: number };
  readonly recovery: Recovery;
}

/** A fault of the warehouse itself, in the terms of `packages/redshift-data-local`; it hits statements on this schedule's schema. */
export interface WarehouseFault {
  readonly kind: 'serializable-violation' | 'out-of-memory' | 'copy-half-way' | 'lost-answer' | 'never-ends';
  readonly when?: 'statement' | 'commit' | 'before' | 'after';
  /** The first matching statement that it hits, from 1. */
  readonly nth: number;
}

/** Everything that happens to one refresh. One seed gives one schedule. */
export interface Schedule {
  readonly seed: number;
  readonly lateWrite: LateWrite;
  readonly table: TableShape;
  readonly segments: number;
  /** Items per scan page, before and after the late write is held, so that later writers cut at other keys. */
  readonly pageItems: readonly [before: number, after: number];
  /** Delay of every scan page. */
  readonly pageMilliseconds: number;
  readonly cut: { readonly cutBytes: number; readonly cutSeconds: number };
  readonly workers: 1 | 2;
  /** Workers cache no workflow, so every task replays from the beginning. */
  readonly cold: boolean;
  /** The schema of an earlier run is live. */
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

/** Only some schedules throttle, because clients rightly slow down for a long time afterwards. */
const throttling: FaultRates = { latency: 0.05, throttled: 0.01, reset: 0.02, 'answer lost': 0.03 };

/** Rates that a schedule may have. */
export const RATES = [calm, calm, ordinary, ordinary, ordinary, stormy, stormy, throttling] as const;

const EXTRACTION: readonly Step[] = ['scan', 'part', 'checkpoint'];
const LOADING: readonly Step[] = ['prepare', 'load', 'verify'];
const MOMENTS: readonly Step[] = [
  ...EXTRACTION,
  'checkpoint',
  'manifest',
  'prepare',
  'load',
  'load',
  'verify',
  'replace',
  'drop',
];
/** The largest ordinal of an incident, by step; 1 for all other steps. */
const MOST: Readonly<Partial<Record<Step, number>>> = { scan: 12, part: 12, checkpoint: 8, load: 3 };

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const chance = (probability: number, ...names: (string | number)[]) =>
    seededFraction(seed, ...names) < probability;
  const lateCheckpoint = chance(0.6, 'late checkpoint');
  const segments = lateCheckpoint ? integer(2, 3, 'segments') : integer(2, 4, 'segments');
  const refused: Refused | undefined = chance(0.2, 'refused')
    ? {
        what: chance(0.7, 'refused segment')
          ? { segment: integer(0, segments - 1, 'refused', 'segment') }
          : { tableOrdinal: integer(0, 2, 'refused', 'table') },
        recovery: seededChoice(['update', 'signal', 'reset', 'start'] as const, seed, 'way home'),
      }
    : undefined;
  const common = {
    seed,
    segments,
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
    ...(refused === undefined ? {} : { refused }),
  } as const;
  return lateCheckpoint
    ? { ...common, ...withLateCheckpoint(seed, segments) }
    : { ...common, ...withLateLoad(seed, segments) };
}

type Work = Pick<Schedule, 'lateWrite' | 'table' | 'pageItems' | 'pageMilliseconds' | 'cut' | 'incidents'>;

/** Every page is a cut, and only the two writers extract: a third could hide what they do. */
function withLateCheckpoint(seed: number, segments: number): Work {
  const after = seededInteger(9, 14, seed, 'page');
  const items = 160 * segments;
  return {
    lateWrite: {
      what: 'checkpoint',
      segment: seededInteger(0, segments - 1, seed, 'late', 'segment'),
      number: seededInteger(1, 2, seed, 'late', 'number'),
      rival: seededChoice(
        ['kill', 'freeze', 'cut off', 'reset', 'second workflow'] as const,
        seed,
        'late',
        'rival',
      ),
    },
    table: tableOf(seed, items),
    pageItems: [3 * after, after],
    pageMilliseconds: seededChoice([0, 10], seed, 'page time'),
    cut: { cutBytes: 1, cutSeconds: 60 },
    incidents: incidentsOf(seed, segments, (step) => !EXTRACTION.includes(step)),
  };
}

/** Only the two writers load: a run that is reset after them would load another staging schema and hide what they did. */
function withLateLoad(seed: number, segments: number): Work {
  const page = seededInteger(12, 50, seed, 'page');
  return {
    lateWrite: { what: 'load', tableOrdinal: seededInteger(0, 2, seed, 'late', 'table') },
    table: tableOf(seed, seededInteger(100 * segments, 800, seed, 'items')),
    pageItems: [page, page],
    pageMilliseconds: seededChoice([0, 0, 10, 30], seed, 'page time'),
    cut: { cutBytes: 3_000, cutSeconds: seededChoice([0.02, 0.05, 0.15, 60], seed, 'cut') },
    incidents: incidentsOf(seed, segments, (step) => !LOADING.includes(step)),
  };
}

function tableOf(seed: number, items: number): TableShape {
  return { seed, items, moving: Math.floor(items * (seededInteger(10, 40, seed, 'moving') / 100)) };
}

function incidentsOf(seed: number, segments: number, wanted: (step: Step) => boolean): Schedule['incidents'] {
  const steps = MOMENTS.filter(wanted);
  return Array.from({ length: seededInteger(0, 3, seed, 'incidents') }, (_, i) => {
    const step = seededChoice(steps, seed, 'incident', i, 'step');
    const at: Moment = {
      step,
      ordinal: seededInteger(1, MOST[step] ?? 1, seed, 'incident', i, 'ordinal'),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    };
    return { at, what: incidentAt(seed, i, at, segments) };
  });
}

/** The i-th fault of a seed's warehouse. */
export function warehouseFault(seed: number, i: number): WarehouseFault {
  const kind = seededChoice(
    [
      'serializable-violation',
      'serializable-violation',
      'out-of-memory',
      'copy-half-way',
      'lost-answer',
      'never-ends',
    ] as const,
    seed,
    'warehouse',
    i,
  );
  const nthCopy = seededInteger(1, 3, seed, 'warehouse', i, 'nth');
  const nth = seededInteger(1, 25, seed, 'warehouse', i, 'nth');
  switch (kind) {
    case 'copy-half-way':
      return { kind, nth: nthCopy };
    case 'never-ends':
      return {
        kind,
        nth: nthCopy,
        when: seededChoice(['before', 'after'] as const, seed, 'warehouse', i, 'when'),
      };
    case 'out-of-memory':
    case 'lost-answer':
      return { kind, nth };
    case 'serializable-violation':
      return {
        kind,
        nth,
        when: seededChoice(['statement', 'commit'] as const, seed, 'warehouse', i, 'when'),
      };
  }
}

function incidentAt(seed: number, i: number, at: Moment, segments: number): Incident {
  const untilWrites = seededInteger(1, 4, seed, 'until', i);
  const segment = seededInteger(0, segments - 1, seed, 'segment', i);
  const extracting = EXTRACTION.includes(at.step);
  const anywhere: Incident[] = [
    { kind: 'kill' },
    { kind: 'kill' },
    { kind: 'freeze', untilWrites },
    { kind: 'cut off', untilWrites },
    { kind: 'ask for retry', by: seededChoice(['update', 'signal'] as const, seed, 'retry', i) },
    { kind: 'reset run', fraction: seededFraction(seed, 'reset run', i) },
  ];
  const during: Incident[] = extracting
    ? [
        { kind: 'reset segment', segment },
        { kind: 'second segment', segment },
        { kind: 'second segment', segment },
      ]
    : at.step === 'replace'
      ? [{ kind: 'second replace' }]
      : [];
  return seededChoice([...anywhere, ...during], seed, 'incident', i);
}
