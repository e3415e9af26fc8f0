import { seededChoice, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import { type RunIncident, runIncidentOf } from '../datasets/run-incidents.ts';
import type { At } from '../moments.ts';

/** Everything that happens to one graph of datasets. One seed gives one schedule. */
export interface GraphSchedule extends Conditions {
  readonly workers: number;
  /** The seed of the transactions. */
  readonly ledger: number;
  /** The statistics of days and months are built in the warehouse. */
  readonly isInRedshift: boolean;
  /** At writes to S3 and to the catalogue, and statements of the warehouse, counted together. */
  readonly incidents: readonly At<'write', RunIncident>[];
}

/** Writes of a schedule without incidents; in Redshift, with all statements. */
const WRITES = { inFiles: 150, inRedshift: 450 };
/** Seeds above this one build in Redshift. */
const LAST_IN_FILES = 1000;

const isInRedshift = (seed: number): boolean => seed > LAST_IN_FILES;
/** Has a day without transactions. */
const LEDGER = 11;

/** The schedule of a seed. */
export function graphScheduleOf(seed: number): GraphSchedule {
  return {
    ...conditionsOf(seed),
    workers: 2,
    ledger: seed,
    isInRedshift: isInRedshift(seed),
    incidents: Array.from({ length: seededInteger(1, 4, seed, 'incidents') }, (_, i) => incidentOf(seed, i)),
  };
}

function incidentOf(seed: number, i: number): GraphSchedule['incidents'][number] {
  return {
    at: {
      step: 'write',
      ordinal: seededInteger(
        1,
        isInRedshift(seed) ? WRITES.inRedshift : WRITES.inFiles,
        seed,
        'incident',
        i,
        'ordinal',
      ),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    },
    what: runIncidentOf(seed, i, 2),
  };
}

/**
 * One death and no other fault. The worker dies at the write that the seed counts: with an odd seed before it is done, with an even
 * one when it is done but not yet answered. Seeds 1 and 2 are the first write; in Redshift, 1001 and 1002.
 */
export function deathScheduleOf(seed: number): GraphSchedule {
  const nth = isInRedshift(seed) ? seed - LAST_IN_FILES : seed;
  return {
    seed,
    ...{ cold: false, rates: {}, warehouse: [], temporal: { resetRate: 0, latencyRate: 0 } },
    workers: 1,
    ledger: LEDGER,
    isInRedshift: isInRedshift(seed),
    incidents: [
      {
        at: { step: 'write', ordinal: Math.ceil(nth / 2), when: seed % 2 === 1 ? 'asked' : 'answered' },
        what: { kind: 'kill' },
      },
    ],
  };
}
