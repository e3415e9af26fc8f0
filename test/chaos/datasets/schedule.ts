import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At } from '../moments.ts';
import type { FileVersion, RecordsShape } from './generated-records.ts';
import { type RunIncident, runIncidentOf } from './run-incidents.ts';
import type { DatasetStep } from './steps.ts';

/** One write of each schedule arrives late: a pointer, after another writer has published more rows. How that one comes about: */
type LateWrite = 'kill' | 'freeze' | 'cut off' | 'terminated build' | 'reset build' | 'second build';

/** Everything that happens to one dataset. One seed gives one schedule. */
export interface DatasetSchedule extends Conditions {
  readonly shape: RecordsShape;
  readonly lateWrite: LateWrite;
  /** Files in the order of their arrival, in groups: one before each run. */
  readonly arrivals: readonly (readonly FileVersion[])[];
  readonly maxFiles: number;
  readonly incidents: readonly At<DatasetStep, RunIncident>[];
}

/** The largest ordinal of an incident, by step. */
const MOST: Readonly<Record<DatasetStep, number>> = {
  plan: 3,
  rows: 8,
  batch: 4,
  data: 6,
  generation: 6,
  pointer: 6,
  taken: 3,
  closed: 3,
};

/** The schedule of a seed. */
export function datasetScheduleOf(seed: number): DatasetSchedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const chance = (probability: number, ...names: (string | number)[]) =>
    seededFraction(seed, ...names) < probability;
  const shape = { seed, deduplicates: chance(0.5, 'deduplicates'), hasLate: chance(0.4, 'late') };
  return {
    ...conditionsOf(seed),
    shape,
    lateWrite: seededChoice(
      ['kill', 'freeze', 'cut off', 'terminated build', 'reset build', 'second build'] as const,
      seed,
      'late write',
    ),
    arrivals: arrivalsOf(seed),
    maxFiles: integer(1, 4, 'most'),
    incidents: Array.from({ length: integer(0, 3, 'incidents') }, (_, i) => incidentOf(seed, i)),
  };
}

/** Two or three groups: in the later ones are new files, and earlier ones overwritten. */
function arrivalsOf(seed: number): FileVersion[][] {
  const versions = new Map<number, number>();
  let made = 1;
  const groups: FileVersion[][] = [[{ file: 0, version: 1, isRival: true }]];
  for (let group = 0; group < seededInteger(2, 3, seed, 'groups'); group++) {
    const own: FileVersion[] = [];
    for (const [file, version] of versions) {
      if (seededFraction(seed, 'overwritten', group, file) >= 0.35) continue;
      own.push({ file, version: version + 1, isRival: false });
      versions.set(file, version + 1);
    }
    for (let i = 0; i < seededInteger(1, 3, seed, 'files', group); i++) {
      versions.set(made, 1);
      own.push({ file: made++, version: 1, isRival: false });
    }
    if (group === 0) groups[0]?.push(...own.splice(0, 3));
    else groups.push(own);
  }
  return groups;
}

function incidentOf(seed: number, i: number): DatasetSchedule['incidents'][number] {
  const step = seededChoice(Object.keys(MOST) as DatasetStep[], seed, 'incident', i, 'step');
  return {
    at: {
      step,
      ordinal: seededInteger(1, MOST[step], seed, 'incident', i, 'ordinal'),
      when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
    },
    what: runIncidentOf(seed, i, 1),
  };
}
