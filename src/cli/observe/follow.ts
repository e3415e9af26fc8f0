import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isOutOfReach } from '../temporal/is-out-of-reach.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import type { RunObservation } from './observe-run.ts';
import { retryNote } from './progress-lines.ts';

/** What is followed: a run, an inference. */
type Observed = Omit<RunObservation, 'progress' | 'result'> & { readonly progress: unknown };

export interface Follower<Seen> {
  /** Told at each look, with what a person should know besides. */
  readonly look: (observation: Seen, notes: readonly string[]) => void;
  /** Told once when Temporal stops answering, and once when it answers again. */
  readonly lost: (message: string) => void;
}

interface FollowOptions {
  readonly everyMs: number;
  /** Ends following; what is followed goes on. */
  readonly signal: AbortSignal;
  /** Whether to stop as soon as it waits for a person. */
  readonly untilWaiting: boolean;
}

/** Workers are looked for this often; the first look is after a few seconds without an answer. */
const WORKERS_EVERY_MS = 5000;
const FIRST_WORKERS_AFTER_MS = 2500;

/**
 * Looks at a run or inference by `observe` until it has ended, waits for a person (`untilWaiting`), or the signal comes.
 * Temporal being away for a while is told and waited for, since nothing is harmed by it. Nothing is left asked over the
 * connection: it may be closed.
 * @returns the last observation; undefined only when the signal came before the first one.
 */
export async function follow<Seen extends Observed>(
  client: Client,
  observe: () => Promise<Seen>,
  follower: Follower<Seen>,
  { everyMs, signal, untilWaiting }: FollowOptions,
): Promise<Seen | undefined> {
  let last: Seen | undefined;
  let lost = false;
  let workersAt = Date.now() + FIRST_WORKERS_AFTER_MS;
  let missing: readonly string[] = [];
  let waitingLooks = 0;
  while (!signal.aborted) {
    try {
      const seen = await client.withAbortSignal(signal, observe);
      if (seen.closedAt === undefined && Date.now() >= workersAt) {
        missing = await client.withAbortSignal(signal, () => queuesWithoutWorker(client, Date.now()));
        workersAt = Date.now() + WORKERS_EVERY_MS;
      }
      if (lost) follower.lost('Temporal answers again');
      lost = false;
      // A look without an answer keeps what was known before.
      last = { ...seen, progress: seen.progress ?? last?.progress, run: seen.run ?? last?.run };
      follower.look(last, last.closedAt === undefined ? notesOf(last, missing) : []);
      if (last.closedAt !== undefined) return last;
      // Two looks: a retry that was just asked for may not have moved its child yet.
      waitingLooks = last.state === 'waiting' ? waitingLooks + 1 : 0;
      if (untilWaiting && waitingLooks >= 2) return last;
    } catch (error) {
      if (signal.aborted) break;
      if (!isOutOfReach(error)) throw error;
      if (!lost) follower.lost('Temporal does not answer; trying again. Nothing is harmed by it.');
      lost = true;
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
  return last;
}

function notesOf({ retrying }: Observed, missing: readonly string[]): string[] {
  return [...(missing.length > 0 ? [noWorkerNote(missing)] : []), ...retrying.map(retryNote)];
}

/** Says each note once, though the number of an attempt in it changes. */
export function onceEach(say: (note: string) => void): (notes: readonly string[]) => void {
  const told = new Set<string>();
  return (notes) => {
    for (const note of notes) {
      const key = note.replace(/attempt \d+/, '');
      if (!told.has(key)) say(note);
      told.add(key);
    }
  };
}
