import { setTimeout } from 'node:timers/promises';
import { Terminal } from '../../clients/errors.ts';
import type { ReaderWait } from '../../pipeline/definition/reader-wait.ts';
import type { Replacement } from '../../pipeline/replace/replace-plan.ts';
import type { StatementWatch } from '../sql/until-ended.ts';

type Locks = Pick<Replacement, 'waitForReaders' | 'statementSeconds'>;

/**
 * The tries of one swap while statements read live. A try waits for them only for so long, because every later statement
 * waits behind it. It is then cancelled as a whole, and after as long a pause comes the next one. Redshift's own limit
 * of the statements ends a try whose worker was lost.
 */
export class ReaderTries {
  readonly #schema: string;
  readonly #wait: ReaderWait;
  readonly #patient: StatementWatch;
  /** How many tries were cancelled. */
  #cancelled = 0;
  #blockedBy: string | undefined;

  /** @param patient the watch of a swap whose waiting is not bounded; its time limit also ends all tries together */
  constructor(schema: string, wait: ReaderWait, patient: StatementWatch) {
    this.#schema = schema;
    this.#wait = wait;
    this.#patient = patient;
  }

  /** What the next try locks. @param dropsViews whether it has to lock views in any case, to drop them */
  locks(dropsViews: boolean): Locks {
    const wait = this.#wait;
    if (wait.kind !== 'bounded') return { waitForReaders: wait.kind === 'patient' };
    const waitForReaders = this.#cancelled < wait.tries;
    const statementSeconds = Math.min(wait.seconds, this.#patient.timeLimitSeconds);
    return { waitForReaders, ...(waitForReaders || dropsViews ? { statementSeconds } : {}) };
  }

  watch({ statementSeconds }: Locks): StatementWatch {
    if (statementSeconds === undefined) return this.#patient;
    // Asks once, half-way, and never longer than the try lasts.
    let asked: Promise<string | undefined> | undefined;
    const ask = async (pid: number) => {
      const soon = setTimeout(statementSeconds * 500, undefined, { ref: false });
      const found = await Promise.race([this.#patient.whoBlocks(pid), soon]);
      this.#blockedBy = found ?? this.#blockedBy;
      return found;
    };
    return { timeLimitSeconds: statementSeconds, isOnlyTry: true, whoBlocks: (pid) => (asked ??= ask(pid)) };
  }

  /**
   * After a try that was cancelled: lets the statements run that waited behind it. @param locks the try's
   * @throws Terminal `StatementTimedOut` if even without that lock the tries have taken as long as the time limit
   */
  async pause(
    { statementSeconds: seconds = 0, waitForReaders }: Locks,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#cancelled++;
    const { timeLimitSeconds, setting } = this.#patient;
    const tries = `${this.#schema} could not be locked within ${seconds} s, ${this.#cancelled} times`;
    const blocker = this.#blockedBy ?? 'No blocker was seen.';
    if (2 * seconds * this.#cancelled >= timeLimitSeconds && waitForReaders !== true) {
      throw new Terminal(
        'StatementTimedOut',
        `The bound views over ${this.#schema} could not be recreated: ${tries}. ${blocker} End what reads them` +
          `${setting === undefined ? '' : `, or raise ${setting}`}, then retry; nothing was replaced.`,
      );
    }
    note(`waiting for readers: ${tries}. ${blocker}`);
    await setTimeout(seconds * 1000, undefined, { signal });
  }

  /** For the report of a swap that was made: undefined if no statement can have noticed it. */
  outcome(): string | undefined {
    if (this.#wait.kind !== 'bounded' || this.#locksTables()) return undefined;
    const { seconds, tries } = this.#wait;
    return (
      `The live tables were replaced without a lock, because they could not be locked in ${tries} tries of ` +
      `${seconds} s (waitForReadersSeconds). A statement that began at the moment of the swap may have failed, or have ` +
      `read tables of two runs.${this.#blockedBy === undefined ? '' : ` ${this.#blockedBy}`}`
    );
  }

  #locksTables(): boolean {
    return this.locks(false).waitForReaders === true;
  }
}
