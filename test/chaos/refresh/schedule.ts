import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At, Moment } from '../moments.ts';
import type { TableShape } from './changing-table.ts';
import type { LateWrite } from './late-write.ts';
import type { Step } from './steps.ts';

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

/** Everything that happens to one refresh. One seed gives one schedule. */
export interface Schedule extends Conditions {
  readonly lateWrite: LateWrite;
  readonly table: TableShape;
  readonly segments: number;
  /** Items per scan page, before and after the late write is held, so that later writers cut at other keys. */
  readonly pageItems: readonly [before: number, after: number];
  /** Delay of every scan page. */
  readonly pageMilliseconds: number;
  readonly cut: { readonly cutBytes: number; readonly cutSeconds: number };
  readonly workers: 1 | 2;
  /** The schema of an earlier run is live. */
  readonly liveBefore: boolean;
  readonly incidents: readonly At<Step, Incident>[];
  readonly refused?: Refused;
}

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
    ...conditionsOf(seed),
    segments,
    workers: chance(0.4, 'workers') ? 2 : 1,
    liveBefore: chance(0.5, 'live'),
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
    const at: Moment<Step> = {
      step,
      ordinal: seededInteger(1, MOST[step] ?? 1, seed, 'incident', i, 'ordinal'),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    };
    return { at, what: incidentAt(seed, i, at, segments) };
  });
}

function incidentAt(seed: number, i: number, at: Moment<Step>, segments: number): Incident {
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
