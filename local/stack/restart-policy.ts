/** A part that ran for this long was all right: what ends it later is something new. */
const STEADY_SECONDS = 60;
const MOST_STARTS_IN_A_ROW = 8;
const LONGEST_PAUSE_SECONDS = 30;

/** The end of a part, or a start that failed. */
interface PartEnd {
  /** `SIGKILL`, `exit code 1`, or the reason why it did not start. */
  why: string;
  /** How long it was ready; 0 if it did not start. */
  ranSeconds: number;
}

/** A restart after a pause, or the end of all attempts; each with a line for the log. */
type Decision = { kind: 'restart'; pauseSeconds: number; line: string } | { kind: 'give up'; line: string };

/** Decides when a part of the stack that has ended is started again: soon at first, then ever later, then not at all. */
export class RestartPolicy {
  readonly #part: { name: string; logFile: string };
  #endsInARow = 0;

  constructor(part: { name: string; logFile: string }) {
    this.#part = part;
  }

  decide({ why, ranSeconds }: PartEnd): Decision {
    const { name, logFile } = this.#part;
    if (ranSeconds >= STEADY_SECONDS) this.#endsInARow = 0;
    this.#endsInARow++;
    if (this.#endsInARow > MOST_STARTS_IN_A_ROW) {
      const line = `${name} ended ${this.#endsInARow} times in a row (the last time: ${why}), so it is not started again. The cause is in its log: ${logFile}`;
      return { kind: 'give up', line };
    }
    const pauseSeconds = Math.min(2 ** (this.#endsInARow - 1), LONGEST_PAUSE_SECONDS);
    const line = `${name} ended (${why}); restarting it in ${pauseSeconds} s. Its log: ${logFile}`;
    return { kind: 'restart', pauseSeconds, line };
  }
}
