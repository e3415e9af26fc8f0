import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At, Moment } from '../moments.ts';
import type { Fate } from '../worker-fleet.ts';
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

/** What brings the second writer about. */
type Rival<More extends string> = Exclude<Fate, 'stays'> | More;

/** One write of each schedule arrives late, after another writer has done its work and more. */
export type LateWrite =
  /** A shard's checkpoint arrives after another reader has written it with more records, and the next one. */
  | { readonly what: 'checkpoint'; readonly by: Rival<'reset shard' | 'restart shard'> }
  /** An apply arrives after live has its changes and later ones; also after another run has replaced live. */
  | {
      readonly what: 'apply';
      readonly by: Rival<'reset apply' | 'restart apply'>;
      readonly isSwapped: boolean;
    }
  /** A swap arrives after changes were applied to live that the new schema lacks. */
  | { readonly what: 'swap'; readonly by: 'restart apply' };

/** What happens to the stream, or beside the changes, before the write of this number. */
export type Event =
  | 'split'
  | 'roll'
  | 'throttle'
  | 'expire'
  /** Records that the log has are no longer kept. */
  | 'trim'
  | 'refresh'
  | 'rollback'
  /** Every call of the second destination fails from then on; and no longer. */
  | 'second down'
  | 'second up'
  /** The second destination is stopped, and removed from the configuration. */
  | 'second removed';

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
  /** A second schema gets the changes too, without one of their attributes. */
  readonly second: boolean;
  /** Every change is also written to files by day. */
  readonly history: boolean;
  readonly lateWrite: LateWrite;
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

const FATES = ['kill', 'freeze', 'cut off'] as const;

/** The schedule of a seed. */
export function changesScheduleOf(seed: number): ChangesSchedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const chance = (probability: number, ...names: (string | number)[]) =>
    seededFraction(seed, ...names) < probability;
  const writes = integer(40, 90, 'writes');
  const lateWrite = lateWriteOf(seed);
  const second = chance(0.35, 'second');
  return {
    ...conditionsOf(seed),
    ...{
      partitions: integer(1, 3, 'partitions'),
      items: integer(10, 40, 'items'),
      writes,
      lateWrite,
      second,
    },
    events: eventsOf(seed, writes, { lateWrite, second }),
    history: chance(0.2, 'history'),
    pauseMs: seededChoice([20, 40, 80], seed, 'pause'),
    grows: chance(0.4, 'grows'),
    incidents: Array.from({ length: integer(1, 4, 'incidents') }, (_, i) => incidentOf(seed, i)),
  };
}

function lateWriteOf(seed: number): LateWrite {
  const what = seededChoice(['checkpoint', 'checkpoint', 'apply', 'apply', 'swap'] as const, seed, 'late');
  switch (what) {
    case 'checkpoint':
      return {
        what,
        by: seededChoice([...FATES, 'reset shard', 'restart shard'] as const, seed, 'late', 'by'),
      };
    case 'apply':
      return {
        what,
        by: seededChoice([...FATES, 'reset apply', 'restart apply'] as const, seed, 'late', 'by'),
        isSwapped: seededFraction(seed, 'late', 'swapped') < 0.3,
      };
    case 'swap':
      return { what, by: 'restart apply' };
  }
}

function eventsOf(
  seed: number,
  writes: number,
  { lateWrite, second }: Pick<ChangesSchedule, 'lateWrite' | 'second'>,
): Map<number, Event[]> {
  const events = new Map<number, Event[]>();
  const place = (event: Event, at: number) => events.set(at, [...(events.get(at) ?? []), event]);
  const chance = (probability: number, name: string) => seededFraction(seed, name) < probability;
  const times = (event: Event, n: number) => {
    for (let i = 0; i < n; i++) place(event, seededInteger(5, writes - 10, seed, event, i));
  };
  times('split', seededInteger(0, 2, seed, 'splits'));
  times('roll', seededInteger(0, 2, seed, 'rolls'));
  times('throttle', seededInteger(0, 2, seed, 'throttles'));
  times('expire', seededInteger(0, 1, seed, 'expires'));
  times('trim', chance(0.4, 'trims') ? 1 : 0);
  if (lateWrite.what === 'swap') place('refresh', 3);
  else times('refresh', chance(0.3, 'refresh') ? 1 : 0);
  // Needs a schema that was live before.
  const isReplaced = [...events.values()].flat().includes('refresh');
  if (isReplaced && chance(0.5, 'rollback')) place('rollback', writes - 5);
  if (second) {
    const from = seededInteger(5, writes - 20, seed, 'second from');
    const fate = seededChoice(['none', 'down', 'removed'] as const, seed, 'second fate');
    if (fate === 'removed') place('second removed', from);
    if (fate === 'down') {
      place('second down', from);
      place('second up', from + 15);
    }
  }
  return events;
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
