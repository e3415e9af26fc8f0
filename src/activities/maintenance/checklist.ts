import type { Check } from '../../contract/maintenance.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';

/** Time limit per check: a check that hangs is a finding, like one that fails. */
const SECONDS_EACH = 60;

type Found = Pick<Check, 'found'> & Partial<Pick<Check, 'state' | 'whatToDo'>>;

/** Checks of one area, one after another. An error is a finding as well. */
export class Checklist {
  readonly checks: Check[] = [];
  readonly #area: Check['area'];
  readonly #signal: AbortSignal;

  constructor(area: Check['area'], signal: AbortSignal) {
    this.#area = area;
    this.#signal = signal;
  }

  /**
   * @param work returns what it found; the state is `ok` if omitted.
   * @param failed the state if it throws.
   * @returns whether the check succeeded, so that dependent checks can be skipped.
   */
  async ask(
    what: string,
    work: (signal: AbortSignal) => Promise<Found>,
    failed: 'problem' | 'warning' | 'unknown' = 'problem',
  ): Promise<boolean> {
    const limit = AbortSignal.timeout(SECONDS_EACH * 1000);
    try {
      this.add(what, await work(AbortSignal.any([this.#signal, limit])));
      return true;
    } catch (error) {
      this.#signal.throwIfAborted();
      const message = messageOf(error);
      this.add(what, {
        state: failed,
        found: limit.aborted ? `no answer within ${SECONDS_EACH} s` : message,
        ...(limit.aborted ? { whatToDo: 'Check the network between the worker and the service.' } : {}),
      });
      return false;
    }
  }

  add(what: string, { state = 'ok', ...found }: Found): void {
    this.checks.push({ area: this.#area, what, state, ...found });
  }
}
