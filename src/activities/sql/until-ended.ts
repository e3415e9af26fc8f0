import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Transient } from '../../clients/errors.ts';
import type { StatementState, Warehouse } from '../../clients/warehouse.ts';
import { hasEnded } from '../../clients/warehouse.ts';

export type Finished = Extract<StatementState, { status: 'FINISHED' }>;
export type Failed = Extract<StatementState, { status: 'FAILED' | 'ABORTED' }>;
/** `seenUnderWay`: it failed since we look; one that had ended at the first look may have failed long ago. */
type JustFailed = Failed & { readonly seenUnderWay: boolean };
/** Cancelled at its time limit; `heldUpBy` says who was seen in its way. One that has not ended may still commit. */
export interface TimedOut {
  readonly status: 'TIMED_OUT';
  readonly hasEnded: boolean;
  readonly heldUpBy: string | undefined;
}

export interface StatementWatch {
  readonly timeLimitSeconds: number;
  /** The setting that the limit comes from, for people who want another one. */
  readonly setting?: string;
  /**
   * Who holds up the statement of this Redshift process, as a sentence. Asked now and then while it waits, and at its
   * time limit: it is to answer soon, and to throw only what its own signal says.
   */
  whoBlocks(pid: number): Promise<string | undefined>;
}

const WAIT_SECONDS = 10;
/** A statement that takes this long may be held up by somebody's lock. */
const LOOK_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 60_000;
/** How long a statement is waited for that was cancelled because nobody wants it any more. */
const GIVEN_UP_WAIT_SECONDS = 60;
/** Cancelled at its time limit, it has as long to be undone as it had to be done, within these bounds. */
const UNDONE_WAIT_SECONDS = { least: 5, most: 15 * 60 };

/**
 * Waits for a statement's end. At its time limit it is cancelled and its end awaited: it may still finish, and
 * then it has. When the run is cancelled, or the caller gives up by its own signal, so is the statement; shut down,
 * paused or reset, it belongs to whoever goes on.
 */
export async function untilEnded(
  warehouse: Warehouse,
  id: string,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<Finished | JustFailed | TimedOut> {
  const context = Context.current();
  const startedMs = Date.now();
  let lookAtMs = startedMs + LOOK_AFTER_MS;
  let heldUpBy: string | undefined;
  let seenUnderWay = false;
  let cancelAsked = false;
  /** Through whatever passes. @returns its end; undefined where it had not ended when the wait was given up. */
  const cancelled = async (
    waitSeconds: number,
    until?: AbortSignal,
  ): Promise<Finished | Failed | undefined> => {
    const untilMs = Date.now() + waitSeconds * 1000;
    do {
      try {
        if (!cancelAsked) await warehouse.cancel(id);
        cancelAsked = true;
        const state = await warehouse.describe(id, { waitSeconds: 5, signal: until });
        if (hasEnded(state)) return state;
      } catch (error) {
        if (!(error instanceof Transient)) throw error;
      }
      await setTimeout(cancelAsked ? 100 : 1000, undefined, { signal: until });
    } while (Date.now() < untilMs);
    return undefined;
  };
  try {
    for (;;) {
      const leftMs = startedMs + watch.timeLimitSeconds * 1000 - Date.now();
      // The first look does not wait, so that few failures are too quick to be seen as new ones.
      const waitSeconds = seenUnderWay ? Math.max(0, Math.min(WAIT_SECONDS, Math.ceil(leftMs / 1000))) : 0;
      const state = await warehouse.describe(id, { waitSeconds, signal });
      if (hasEnded(state)) return state.status === 'FINISHED' ? state : { ...state, seenUnderWay };
      seenUnderWay = true;
      if (state.pid !== undefined && (Date.now() >= lookAtMs || leftMs <= 0)) {
        heldUpBy = await watch.whoBlocks(state.pid);
        lookAtMs = Date.now() + LOOK_EVERY_MS;
      }
      if (leftMs <= 0) {
        const { least, most } = UNDONE_WAIT_SECONDS;
        const end = await cancelled(Math.min(most, Math.max(least, watch.timeLimitSeconds)), signal);
        return end?.status === 'FINISHED'
          ? end
          : { status: 'TIMED_OUT', hasEnded: end !== undefined, heldUpBy };
      }
      // A service that does not wait answers at once.
      if (waitSeconds > 0) await setTimeout(100, undefined, { signal });
    }
  } catch (error) {
    const { cancellationSignal, cancellationDetails } = context;
    const somebodyGoesOn = cancellationSignal.aborted && cancellationDetails?.cancelRequested !== true;
    // Where that fails, what was thrown first tells more.
    if (signal.aborted && !somebodyGoesOn) await cancelled(GIVEN_UP_WAIT_SECONDS).catch(() => {});
    throw error;
  }
}
