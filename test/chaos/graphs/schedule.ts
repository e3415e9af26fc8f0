import { seededChoice, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import { type RunIncident, runIncidentOf } from '../datasets/run-incidents.ts';
import type { At } from '../moments.ts';

/** Everything that happens to one graph of datasets. One seed gives one schedule. */
export interface GraphSchedule extends Conditions {
  readonly workers: number;
  /** The seed of the transactions. */
  readonly ledger: number;
  /** At writes to S3 and to the catalogue, counted together. */
  readonly incidents: readonly At<'write', RunIncident>[];
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
  return {
    at: {
      step: 'write',
      ordinal: seededInteger(1, WRITES, seed, 'incident', i, 'ordinal'),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    },
    what: runIncidentOf(seed, i, 2),
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
