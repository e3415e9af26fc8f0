import { seededChoice, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At } from '../moments.ts';

export type GraphIncident =
  /** SIGKILL for the calling worker; another one starts. */
  | { readonly kind: 'kill' }
  /** SIGSTOP for the calling worker, until so many milliseconds have passed: longer than its heartbeat timeouts. */
  | { readonly kind: 'freeze'; readonly milliseconds: number }
  /** The calling worker loses only its connection to Temporal, for as long. */
  | { readonly kind: 'cut off'; readonly milliseconds: number }
  /** An operator terminates the run; it is started again under its id. */
  | { readonly kind: 'terminate run' }
  /** An operator terminates all that the run has started. */
  | { readonly kind: 'terminate children' }
  /** A second run starts beside the first. */
  | { readonly kind: 'second run' };

/** Everything that happens to one graph of datasets. One seed gives one schedule. */
export interface GraphSchedule extends Conditions {
  readonly workers: number;
  /** The seed of the transactions. */
  readonly ledger: number;
  /** At writes to S3 and to the catalogue, counted together. */
  readonly incidents: readonly At<'write', GraphIncident>[];
}

/** Writes of a schedule without incidents. */
const WRITES = 150;
/** Has a day without transactions. */
const LEDGER = 11;

/** The schedule of a seed. */
export function graphScheduleOf(seed: number): GraphSchedule {
  return {
    ...conditionsOf(seed),
    workers: 2,
    ledger: seed,
    incidents: Array.from({ length: seededInteger(1, 4, seed, 'incidents') }, (_, i) => incidentOf(seed, i)),
  };
}

function incidentOf(seed: number, i: number): GraphSchedule['incidents'][number] {
  const milliseconds = seededInteger(2_500, 4_500, seed, 'incident', i, 'milliseconds');
  return {
    at: {
      step: 'write',
      ordinal: seededInteger(1, WRITES, seed, 'incident', i, 'ordinal'),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    },
    what: seededChoice<GraphIncident>(
      [
        { kind: 'kill' },
        { kind: 'kill' },
        { kind: 'freeze', milliseconds },
        { kind: 'freeze', milliseconds },
        { kind: 'cut off', milliseconds },
        { kind: 'terminate run' },
        { kind: 'terminate children' },
        { kind: 'second run' },
      ],
      seed,
      'incident',
      i,
    ),
  };
}

/**
 * One death and no other fault. The worker dies at the write that the seed counts: with an odd seed before it is done, with an even
 * one when it is done but not yet answered. Seeds 1 and 2 are the first write.
 */
export function deathScheduleOf(seed: number): GraphSchedule {
  return {
    seed,
    ...{ cold: false, rates: {}, warehouse: [], temporal: { resetRate: 0, latencyRate: 0 } },
    workers: 1,
    ledger: LEDGER,
    incidents: [
      {
        at: { step: 'write', ordinal: Math.ceil(seed / 2), when: seed % 2 === 1 ? 'asked' : 'answered' },
        what: { kind: 'kill' },
      },
    ],
  };
}
