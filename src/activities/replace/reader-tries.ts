import { setTimeout } from 'node:timers/promises';
import { Terminal } from '../../clients/errors.ts';
import { locksOfTry, type ReaderLocks, type ReaderWait } from '../../pipeline/definition/reader-wait.ts';
import { withoutTermination } from '../../pipeline/sql/blockers.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { StatementWatch } from '../sql/until-ended.ts';

/** The latest that a try asks what blocks it; a short one asks after a quarter of its time. */
const ASK_AFTER_SECONDS = 8;

/**
 * The tries of one swap while statements read live. A try waits for them only for so long, because every later statement
 * waits behind it. Redshift then cancels it as a whole, even if its worker was lost, and after as long a pause comes the
 * next one. From the first blocker that is seen until the swap, the activity's heartbeats say whom the swap waits for.
 */
export class ReaderTries {
  readonly #schema: string;
  readonly #wait: ReaderWait;
  readonly #patient: StatementWatch;
  readonly #startedMs = Date.now();
  readonly #record = ActivityRecord.current();
  #locks: ReaderLocks;
  /** How many tries were cancelled, and how many of them would have locked the live tables. */
  #cancelled = 0;
  #cancelledLocking = 0;
  #isPausing = false;
  #blockedBy: string | undefined;
  #seenAt = '';
  #endWait: (() => void) | undefined;
  #hasEnded = false;

  /** @param patient the watch of a swap whose waiting is not bounded; its time limit also bounds all tries together */
  constructor(schema: string, wait: ReaderWait, patient: StatementWatch) {
    this.#schema = schema;
    this.#wait = wait;
    this.#patient = patient;
    this.#locks = this.#nextLocks();
  }

  /** What the next try locks, and for how long it waits for each lock. The same until it has been made. */
  locks(): ReaderLocks {
    return this.#locks;
  }

  /** The watch of the next try. */
  watch(): StatementWatch {
    const { lockSeconds } = this.#locks;
    if (lockSeconds === undefined) return this.#patient;
    // The answer must not delay the end of the try. One that comes later still names the blocker.
    const whoBlocks = async (pid: number) => {
      const answer = this.#patient.whoBlocks(pid).then((found) => {
        if (found !== undefined) this.#sawBlocker(found);
        return found;
      });
      answer.catch(() => {});
      return Promise.race([answer, setTimeout(lockSeconds * 500, undefined, { ref: false })]);
    };
    const lookAfterSeconds = Math.min(ASK_AFTER_SECONDS, lockSeconds / 4);
    return { ...this.#patient, isOnlyTry: true, lookAfterSeconds, whoBlocks };
  }

  /**
   * After a try that was cancelled: lets the statements run that waited behind it.
   * @throws Terminal `StatementTimedOut` if the tries have taken as long as the time limit, and the next one would not
   *   lock less than the last
   */
  async pause(signal: AbortSignal): Promise<void> {
    const { waitForReaders, lockSeconds = 0 } = this.#locks;
    this.#cancelled++;
    if (waitForReaders) this.#cancelledLocking++;
    const next = this.#nextLocks();
    const { setting } = this.#patient;
    if (this.#leftSeconds() <= 0 && !waitForReaders) {
      const times = this.#cancelled === 1 ? 'once' : `${this.#cancelled} times`;
      throw new Terminal(
        'StatementTimedOut',
        `Schema ${this.#schema} could not be replaced: ${whatIsLocked(this.#locks)} could not be locked within ` +
          `${lockSeconds} s, ${times}. ${this.#blockedBy ?? 'No blocker was seen.'}` +
          `${setting === undefined ? '' : ` The limits are ${setting} and warehouse.waitForReadersSeconds.`} ` +
          'Nothing was replaced.',
      );
    }
    this.#isPausing = true;
    this.#showWait();
    await setTimeout((next.lockSeconds ?? 0) * 1000, undefined, { signal });
    this.#isPausing = false;
    this.#locks = this.#nextLocks();
  }

  /** The swap has been made, or given up: nothing is waited for any more. */
  end(): void {
    this.#hasEnded = true;
    this.#endWait?.();
  }

  /** For the report of a swap that was made: undefined if that was to be expected. */
  outcome(): string | undefined {
    const wait = this.#wait;
    if (wait.kind === 'patient' || wait.tries === 0 || this.#locks.waitForReaders) return undefined;
    const tries = this.#cancelledLocking === 1 ? '1 try' : `${this.#cancelledLocking} tries`;
    return (
      `The live tables were replaced without a lock, because they could not be locked in ${tries} of ` +
      `${wait.seconds} s (waitForReadersSeconds). A statement that began at the moment of the swap may have failed, or have ` +
      `read tables of two runs. ${withoutTermination(this.#lastBlocker())}`
    );
  }

  #nextLocks(): ReaderLocks {
    return locksOfTry(this.#wait, this.#cancelled, this.#leftSeconds());
  }

  #leftSeconds(): number {
    return this.#patient.timeLimitSeconds - (Date.now() - this.#startedMs) / 1000;
  }

  #sawBlocker(found: string): void {
    this.#blockedBy = found;
    this.#seenAt = `${new Date().toISOString().slice(0, 19)}Z`;
    this.#showWait();
  }

  /** Who blocked the last try that asked. It is shown for longer than until the next answer, so it says when it was seen. */
  #lastBlocker(): string {
    return this.#blockedBy === undefined ? 'No blocker was seen.' : `At ${this.#seenAt}: ${this.#blockedBy}`;
  }

  #showWait(): void {
    if (this.#hasEnded) return;
    this.#endWait ??= this.#record.waits.begin('lock', () => this.#why());
    this.#record.beat();
  }

  #why(): string {
    const wait = this.#wait;
    const nth = this.#isPausing ? this.#cancelled : this.#cancelled + 1;
    const of = wait.kind === 'bounded' && this.#locks.waitForReaders ? ` of ${wait.tries}` : '';
    return (
      `the swap of ${this.#schema} waits for readers of ${whatIsLocked(this.#locks)}: ${this.#isPausing ? 'a pause after try' : 'try'} ${nth}${of}. ` +
      this.#lastBlocker()
    );
  }
}

const whatIsLocked = ({ waitForReaders }: ReaderLocks) =>
  waitForReaders ? 'its tables or bound views' : 'its marker or bound views';
