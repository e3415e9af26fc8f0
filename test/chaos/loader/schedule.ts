import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { At, Moment } from '../moments.ts';
import type { FilesShape, Version } from './generated-files.ts';
import type { LoaderStep } from './steps.ts';

export type LoaderIncident =
  /** SIGKILL for the calling worker; another one starts. */
  | { readonly kind: 'kill' }
  /** SIGSTOP for the calling worker, until so many milliseconds have passed: longer than its heartbeat timeouts. */
  | { readonly kind: 'freeze'; readonly milliseconds: number }
  /** The calling worker loses only its connection to Temporal, for as long. */
  | { readonly kind: 'cut off'; readonly milliseconds: number }
  /** An operator terminates the loader and starts it again. */
  | { readonly kind: 'restart loader' }
  /** An operator resets a workflow, to this fraction of its history. */
  | { readonly kind: 'reset loader' | 'reset batch' | 'reset watcher'; readonly fraction: number }
  /** An operator starts a second workflow for the newest batch. */
  | { readonly kind: 'second batch' }
  /** An operator requests a retry of everything, needed or not. */
  | { readonly kind: 'ask for retry'; readonly by: 'update' | 'signal' }
  /** An operator pauses the loader, and resumes it. */
  | { readonly kind: 'pause' };

/** What happens to the writer whose write is held, once its rival was called. */
type Fate = 'stays' | 'kill' | 'freeze' | 'cut off';
/** How a second writer of a batch comes about: each has a run of its own, so its statements are another submission. */
type SecondWriter = 'reset batch' | 'second batch' | 'restart loader';

/** One write of each schedule arrives late: after a rival's, or while the rival's transaction is open. */
export type LateWrite =
  /** An append: the transaction of the first batch arrives after another writer's has committed. */
  | { readonly what: 'load'; readonly by: SecondWriter; readonly fate: Fate }
  /** A merge: the transaction of the first batch arrives while another writer's is open, and has written the same keys. */
  | { readonly what: 'overlapping load'; readonly by: SecondWriter; readonly fate: Fate }
  /** An append: the first `batch.json` arrives after another planner has written it with more files. */
  | { readonly what: 'claim'; readonly by: Exclude<Fate, 'stays'> | 'restart loader' | 'reset loader' }
  /** An append: the copy of a file arrives after the file was overwritten. */
  | { readonly what: 'copy' };

/** A file whose values do not fit, and what an operator does about its batch. */
export interface BadFile {
  readonly recovery: 'fix' | 'skip' | 'split';
  readonly by: 'update' | 'signal';
}

export interface FilePut extends Version {
  /** False: no event tells of it, and a listing finds it. */
  readonly announced: boolean;
  readonly pauseMs: number;
}

/** Everything that happens to one loader. One seed gives one schedule. */
export interface LoaderSchedule extends Conditions {
  readonly shape: FilesShape;
  readonly lateWrite: LateWrite;
  /** Files that arrive before the late write is held, then those that arrive after it. */
  readonly puts: readonly FilePut[];
  readonly firstPuts: number;
  readonly maxFiles: number;
  /** Whether the prefix is listed every few seconds. If not, only events tell of files. */
  readonly lists: boolean;
  readonly queue: { readonly duplicate: number; readonly afterDelete: number; readonly shuffle: boolean };
  readonly badFile?: BadFile;
  readonly incidents: readonly At<LoaderStep, LoaderIncident>[];
}

/** The largest ordinal of an incident, by step. */
const MOST: Readonly<Record<LoaderStep, number>> = {
  'inbox page': 6,
  'message deletion': 5,
  claim: 4,
  'page deletion': 4,
  copy: 12,
  load: 5,
  describe: 30,
  close: 4,
};
const FATES = ['stays', 'kill', 'freeze', 'cut off'] as const;
const SECOND_WRITERS = ['reset batch', 'second batch', 'restart loader'] as const;

/** The schedule of a seed. */
export function loaderScheduleOf(seed: number): LoaderSchedule {
  const integer = (least: number, most: number, ...names: (string | number)[]) =>
    seededInteger(least, most, seed, ...names);
  const chance = (probability: number, ...names: (string | number)[]) =>
    seededFraction(seed, ...names) < probability;
  const merges = chance(0.5, 'merges');
  const lateWrite = lateWriteOf(seed, merges);
  const badFile: BadFile | undefined = chance(0.3, 'bad file')
    ? {
        recovery: seededChoice(['fix', 'skip', 'split'] as const, seed, 'recovery'),
        by: seededChoice(['update', 'signal'] as const, seed, 'recovery by'),
      }
    : undefined;
  // A late claim loses files only if nothing tells of them again.
  const loses = lateWrite.what === 'claim';
  const files = integer(12, 18, 'files');
  const firstPuts = loses ? 2 : integer(3, 6, 'first');
  const shape: FilesShape = {
    ...{ seed, merges, files },
    // It must not be in the batch whose write is held.
    ...(badFile === undefined ? {} : { bad: integer(files - 5, files - 1, 'bad') }),
  };
  return {
    ...conditionsOf(seed),
    ...{ shape, lateWrite, firstPuts },
    puts: putsOf(seed, shape, { lists: !loses, overwrites: badFile?.recovery !== 'skip', firstPuts }),
    maxFiles: loses ? integer(8, 12, 'most') : integer(4, 9, 'most'),
    lists: !loses,
    queue: {
      duplicate: loses ? 0 : seededChoice([0, 0.3, 1], seed, 'duplicate'),
      afterDelete: loses ? 0 : seededChoice([0, 0.2], seed, 'after delete'),
      shuffle: chance(0.6, 'shuffle'),
    },
    ...(badFile === undefined ? {} : { badFile }),
    incidents: Array.from({ length: integer(0, 4, 'incidents') }, (_, i) => incidentOf(seed, i, merges)),
  };
}

function lateWriteOf(seed: number, merges: boolean): LateWrite {
  const by = seededChoice(SECOND_WRITERS, seed, 'late', 'by');
  const fate = seededChoice(FATES, seed, 'late', 'fate');
  if (merges) return { what: 'overlapping load', by, fate };
  const what = seededChoice(['load', 'load', 'claim', 'claim', 'copy'] as const, seed, 'late', 'what');
  switch (what) {
    case 'load':
      return { what, by, fate };
    case 'claim':
      return {
        what,
        by: seededChoice(
          ['kill', 'freeze', 'cut off', 'restart loader', 'reset loader'] as const,
          seed,
          'late',
          'planner',
        ),
      };
    case 'copy':
      return { what };
  }
}

function putsOf(
  seed: number,
  shape: FilesShape,
  { lists, overwrites, firstPuts }: { lists: boolean; overwrites: boolean; firstPuts: number },
): FilePut[] {
  const puts: FilePut[] = [];
  for (let file = 0; file < shape.files; file++) {
    const announced = !lists || file === shape.bad || seededFraction(seed, 'announced', file) < 0.85;
    const pauseMs = seededChoice([0, 0, 20, 300], seed, 'pause', file);
    puts.push({ file, version: 1, announced, pauseMs });
    // A few puts later, the file is overwritten: some are while they wait, others after they were loaded.
    const isOverwritten = overwrites && file !== shape.bad && seededFraction(seed, 'overwritten', file) < 0.2;
    if (!isOverwritten || file < firstPuts) continue;
    for (let version = 2; version <= seededInteger(2, 3, seed, 'versions', file); version++)
      puts.push({ file, version, announced, pauseMs: seededChoice([0, 500], seed, 'pause', file, version) });
  }
  return puts;
}

function incidentOf(seed: number, i: number, merges: boolean): LoaderSchedule['incidents'][number] {
  const steps = (Object.keys(MOST) as LoaderStep[]).filter((step) => !merges || step !== 'copy');
  const step = seededChoice(steps, seed, 'incident', i, 'step');
  const at: Moment<LoaderStep> = {
    step,
    ordinal: seededInteger(1, MOST[step], seed, 'incident', i, 'ordinal'),
    when: seededChoice(['asked', 'answered'] as const, seed, 'incident', i, 'when'),
  };
  const milliseconds = seededInteger(2_500, 6_000, seed, 'incident', i, 'milliseconds');
  const fraction = seededFraction(seed, 'incident', i, 'fraction');
  const what = seededChoice<LoaderIncident>(
    [
      { kind: 'kill' },
      { kind: 'kill' },
      { kind: 'freeze', milliseconds },
      { kind: 'freeze', milliseconds },
      { kind: 'cut off', milliseconds },
      { kind: 'restart loader' },
      { kind: 'reset loader', fraction },
      { kind: 'reset batch', fraction: 0 },
      { kind: 'reset watcher', fraction },
      { kind: 'second batch' },
      { kind: 'ask for retry', by: seededChoice(['update', 'signal'] as const, seed, 'retry', i) },
      { kind: 'pause' },
    ],
    seed,
    'incident',
    i,
  );
  return { at, what };
}
