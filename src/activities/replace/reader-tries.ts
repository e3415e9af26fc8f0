import { setTimeout } from 'node:timers/promises';
import { Terminal } from '../../clients/errors.ts';
import type { ReaderWait } from '../../pipeline/definition/reader-wait.ts';
import type { Replacement } from '../../pipeline/replace/replace-plan.ts';
import type { StatementWatch } from '../sql/until-ended.ts';

type Locks = Pick<Replacement, 'waitForReaders' | 'lockSeconds'>;

/**
 * The tries of one swap while statements read live. A try waits for them only for so long, because every later statement
 * waits behind it. Redshift then cancels it as a whole, even if its worker was lost, and after as long a pause comes the
 * next one.
 */
export class ReaderTries {
  readonly #schema: string;
  readonly #wait: ReaderWait;
  readonly #patient: StatementWatch;
  readonly #startedMs = Date.now();
  /** How many tries were cancelled. */
  #cancelled = 0;
  #blockedBy: string | undefined;

  /** @param patient the watch of a swap whose waiting is not bounded; its time limit also ends all tries together */
  constructor(schema: string, wait: ReaderWait, patient: StatementWatch) {
    this.#schema = schema;
    this.#wait = wait;
    this.#patient = patient;
  }

  /** What the next try locks, and for how long it waits for each lock. */
  locks(): Locks {
    const wait = this.#wait;
    if (wait.kind === 'patient') return { waitForReaders: true };
    const lockSeconds = Math.min(wait.seconds, this.#patient.timeLimitSeconds);
    return { waitForReaders: this.#cancelled < wait.tries, lockSeconds };
  }

  watch({ lockSeconds }: Locks): StatementWatch {
    if (lockSeconds === undefined) return this.#patient;
    // Asks once, half-way, and not for longer than the try may wait.
    let asked: Promise<string | undefined> | undefined;
    const ask = async (pid: number) => {
      const soon = setTimeout(lockSeconds * 500, undefined, { ref: false });
      const found = await Promise.race([this.#patient.whoBlocks(pid), soon]);
      this.#blockedBy = found ?? this.#blockedBy;
      return found;
    };
    return {
      ...this.#patient,
      isOnlyTry: true,
      lookAfterSeconds: lockSeconds / 2,
      whoBlocks: (pid) => (asked ??= ask(pid)),
    };
  }

  /**
   * After a try that was cancelled: lets the statements run that waited behind it.
   * @throws Terminal `StatementTimedOut` if the tries have taken as long as the time limit, and the next one would not
   *   lock less than the last
   */
  async pause(
    { lockSeconds: seconds = 0, waitForReaders }: Locks,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#cancelled++;
    const { timeLimitSeconds, setting } = this.#patient;
    const what = waitForReaders === true ? 'its tables or bound views' : 'its marker or bound views';
    const tries = `${what} could not be locked within ${seconds} s, ${this.#cancelled} times`;
    const blocker = this.#blockedBy ?? 'No blocker was seen.';
    const elapsedMs = Date.now() - this.#startedMs;
    if (elapsedMs >= timeLimitSeconds * 1000 && waitForReaders !== true) {
      throw new Terminal(
        'StatementTimedOut',
        `Schema ${this.#schema} could not be replaced: ${tries}. ${blocker} End what blocks it` +
          `${setting === undefined ? '' : `, or raise ${setting} or warehouse.waitForReadersSeconds`}, then retry; ` +
          'nothing was replaced.',
      );
    }
    note(`waiting for readers of ${this.#schema}: ${tries}. ${blocker}`);
    await setTimeout(seconds * 1000, undefined, { signal });
  }

  /** For the report of a swap that was made: undefined if that was to be expected. */
  outcome(): string | undefined {
    const wait = this.#wait;
    if (wait.kind === 'patient' || wait.tries === 0 || this.#cancelled < wait.tries) return undefined;
    return (
      `The live tables were replaced without a lock, because they could not be locked in ${wait.tries} tries of ` +
      `${wait.seconds} s (waitForReadersSeconds). A statement that began at the moment of the swap may have failed, or have ` +
      `read tables of two runs.${this.#blockedBy === undefined ? '' : ` ${this.#blockedBy}`}`
    );
  }
}
