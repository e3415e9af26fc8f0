import type { FaultRates } from '../../local/fault-proxy/fault-schedule.ts';
import { seededChoice, seededFraction, seededInteger } from '../../local/fault-proxy/seeded.ts';

/** A fault of the warehouse itself, in the terms of `packages/redshift-data-local`; it hits statements on this schedule's schema. */
export interface WarehouseFault {
  readonly kind: 'serializable-violation' | 'out-of-memory' | 'copy-half-way' | 'lost-answer' | 'never-ends';
  readonly when?: 'statement' | 'commit' | 'before' | 'after';
  /** The first matching statement that it hits, from 1. */
  readonly nth: number;
}

/** How the services and workers of a schedule fare, whatever the schedule is about. */
export interface Conditions {
  readonly seed: number;
  /** Workers cache no workflow, so every task replays from the beginning. */
  readonly cold: boolean;
  readonly rates: FaultRates;
  readonly warehouse: readonly WarehouseFault[];
  readonly temporal: { readonly resetRate: number; readonly latencyRate: number };
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

const RATES = [calm, calm, ordinary, ordinary, ordinary, stormy, stormy, throttling] as const;

/** The conditions of a seed. */
export function conditionsOf(seed: number): Conditions {
  const faults = seededFraction(seed, 'warehouse') < 0.5 ? seededInteger(1, 3, seed, 'warehouse') : 0;
  return {
    seed,
    cold: seededFraction(seed, 'cold') < 0.3,
    rates: seededChoice(RATES, seed, 'rates'),
    warehouse: Array.from({ length: faults }, (_, i) => warehouseFault(seed, i)),
    temporal: {
      resetRate: seededChoice([0, 0, 0.2], seed, 'temporal resets'),
      latencyRate: seededChoice([0, 0.05], seed, 'temporal latency'),
    },
  };
}

function warehouseFault(seed: number, i: number): WarehouseFault {
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
