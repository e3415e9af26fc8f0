import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At, Moment } from '../moments.ts';
import type { ChangesStep } from './steps.ts';

/** The workflows of changes. */
export type Follower = 'follow' | 'shard' | 'apply';

export type ChangesIncident =
  /** SIGKILL for the calling worker; another one starts. */
  | { readonly kind: 'kill' }
  /** SIGSTOP for the calling worker, until so many milliseconds have passed: longer than its heartbeat timeouts. */
  | { readonly kind: 'freeze'; readonly milliseconds: number }
  /** The calling worker loses only its connection to Temporal, for as long. */
  | { readonly kind: 'cut off'; readonly milliseconds: number }
  /** The warehouse refuses every call, for as long. */
  | { readonly kind: 'destination down'; readonly milliseconds: number }
  /** An operator terminates a workflow, and starts it again. */
  | { readonly kind: 'restart'; readonly what: Follower }
  /** An operator resets a workflow, to this fraction of its history. */
  | { readonly kind: 'reset'; readonly what: Follower; readonly fraction: number }
  /** An operator requests needless retries. */
  | { readonly kind: 'ask for retry' }
  /** An operator pauses both, and resumes them. */
  | { readonly kind: 'pause' };

/** What happens to the stream, or beside the changes, before the write of this number. */
export type Event = 'split' | 'roll' | 'throttle' | 'expire' | 'refresh';

/** Everything that happens to the changes of one table. One seed gives one schedule. */
export interface ChangesSchedule extends Conditions {
  readonly partitions: number;
  /** Items that the table has before the first refresh. */
  readonly items: number;
  /** Changes after it. */
  readonly writes: number;
  readonly pauseMs: number;
  readonly events: ReadonlyMap<number, readonly Event[]>;
  /** Whether items get attributes and lists that the live tables lack. */
  readonly grows: boolean;
  readonly incidents: readonly At<ChangesStep, ChangesIncident>[];
}

/** The largest ordinal of an incident, by step. */
const MOST: Readonly<Record<ChangesStep, number>> = {
  read: 40,
  records: 12,
  checkpoint: 12,
  rows: 20,
  apply: 8,
  describe: 40,
};

/** The schedule of a seed. */
export function changesScheduleOf(seed: number): ChangesSchedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const writes = integer(80, 160, 'writes');
  const events = new Map<number, Event[]>();
  const happens = (event: Event, times: number) => {
    for (let i = 0; i < times; i++) {
      const at = integer(5, writes - 10, event, i);
      events.set(at, [...(events.get(at) ?? []), event]);
    }
  };
  happens('split', integer(0, 2, 'splits'));
  happens('roll', integer(0, 2, 'rolls'));
  happens('throttle', integer(0, 2, 'throttles'));
  happens('expire', integer(0, 1, 'expires'));
  happens('refresh', seededFraction(seed, 'refresh') < 0.4 ? 1 : 0);
  return {
    ...conditionsOf(seed),
    ...{ partitions: integer(1, 3, 'partitions'), items: integer(10, 40, 'items'), writes, events },
    pauseMs: seededChoice([20, 60, 120], seed, 'pause'),
    grows: seededFraction(seed, 'grows') < 0.4,
    incidents: Array.from({ length: integer(1, 5, 'incidents') }, (_, i) => incidentOf(seed, i)),
  };
}

function incidentOf(seed: number, i: number): ChangesSchedule['incidents'][number] {
  const step = seededChoice(Object.keys(MOST) as ChangesStep[], seed, 'incident', i, 'step');
  const at: Moment<ChangesStep> = {
    step,
    ordinal: seededInteger(1, MOST[step], seed, 'incident', i, 'ordinal'),
    when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
  };
  const milliseconds = seededInteger(2_500, 6_000, seed, 'incident', i, 'milliseconds');
  const fraction = seededFraction(seed, 'incident', i, 'fraction');
  const follower = seededChoice(['follow', 'shard', 'apply'] as const, seed, 'incident', i, 'follower');
  const what = seededChoice<ChangesIncident>(
    [
      { kind: 'kill' },
      { kind: 'kill' },
      { kind: 'freeze', milliseconds },
      { kind: 'freeze', milliseconds },
      { kind: 'cut off', milliseconds },
      { kind: 'destination down', milliseconds },
      { kind: 'restart', what: follower },
      { kind: 'restart', what: follower },
      { kind: 'reset', what: follower, fraction },
      { kind: 'ask for retry' },
      { kind: 'pause' },
    ],
    seed,
    'incident',
    i,
  );
  return { at, what };
}
