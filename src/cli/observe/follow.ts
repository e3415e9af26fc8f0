import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isOutOfReach } from '../temporal/is-out-of-reach.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { delayNotes } from './delay-notes.ts';
import type { RunObservation } from './observe-run.ts';

/** What is followed: a run or an inference. */
type Observed = Omit<RunObservation, 'progress' | 'result'> & { readonly progress: unknown };

export interface Follower<Seen> {
  /** Called after each observation, with notes for the operator. */
  readonly look: (observation: Seen, notes: readonly string[]) => void;
  /** Called once when Temporal stops answering, and once when it answers again. */
  readonly lost: (message: string) => void;
}

interface FollowOptions {
  readonly everyMs: number;
  /** Stops following. The run or inference continues. */
  readonly signal: AbortSignal;
  /** Whether to stop as soon as it waits for an operator. */
  readonly untilWaiting: boolean;
}

/** How often a log says how far the work has come. */
const WORK_EVERY_MS = 30_000;
/** How often to check for workers, and how soon for the first time. */
const WORKERS_EVERY_MS = 5000;
const FIRST_WORKERS_AFTER_MS = 2500;

/**
 * Looks at a run or inference with `observe` until it has ended, waits for an operator (`untilWaiting`), or the signal
 * is aborted. If Temporal stops answering, this is reported, and the function keeps trying. No request is
 * pending when this returns, so the connection may be closed.
 * @returns the last observation; undefined only if the signal was aborted before the first one.
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
      // If no worker answers this time, keep what was known before.
      last = { ...seen, progress: seen.progress ?? last?.progress, run: seen.run ?? last?.run };
      follower.look(last, last.closedAt === undefined ? notesOf(last, missing) : []);
      if (last.closedAt !== undefined) return last;
      // Wait for a second observation: a retry that was just requested may not have changed its child yet.
      waitingLooks = last.state === 'waiting' ? waitingLooks + 1 : 0;
      if (untilWaiting && waitingLooks >= 2) return last;
    } catch (error) {
      if (signal.aborted) break;
      if (!isOutOfReach(error)) throw error;
      if (!lost)
        follower.lost('Temporal does not answer; trying again. The workflow itself is not affected.');
      lost = true;
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
  return last;
}

function notesOf(observed: Observed, missing: readonly string[]): string[] {
  return [...(missing.length > 0 ? [noWorkerNote(missing)] : []), ...delayNotes(observed)];
}

/** Passes each note on once, even if its numbers change: those of attempts and seconds do all the time. */
export function onceEach(say: (note: string) => void): (notes: readonly string[]) => void {
  const said = new Set<string>();
  return (notes) => {
    for (const note of notes) {
      const key = note.replace(/\d+/g, '#');
      if (!said.has(key)) say(note);
      said.add(key);
    }
  };
}

/** Passes on what a phase is doing: half a minute after the phase began, and then every half minute. */
export function atIntervals(say: (line: string) => void): (phase: string, lines: readonly string[]) => void {
  let current = '';
  let atMs = 0;
  return (phase, lines) => {
    const nowMs = Date.now();
    const isDue = phase === current && nowMs - atMs >= WORK_EVERY_MS;
    if (phase !== current || isDue) atMs = nowMs;
    current = phase;
    if (isDue && lines.length > 0) say(`${phase.padEnd(8)} ${lines.join('; ')}`);
  };
}
