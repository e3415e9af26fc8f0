import type { TerminalCode } from '../../pipeline/failure/failure-codes.ts';
import { intervals } from '../profiles.ts';
import type { ChildTotals, FanOut, RetryAnswer } from './fan-out.ts';

/** How a child that was launched ended, as far as its parent can know. */
export type ChildEnd<Output> =
  | { readonly kind: 'settled'; readonly output: Output }
  /** `type` is the failure's code, e.g. `StagingDisagrees`. */
  | FailedEnd
  /** Another workflow has the child's id and is running. Temporal will not report its end to this parent. */
  | { readonly kind: 'external' };

export interface FailedEnd {
  readonly kind: 'failed';
  readonly error: string;
  readonly type: string;
  /** What identifies the failure. Undefined if the child could not be started. */
  readonly occurrence?: string | undefined;
}

/** What a supervisor needs from the workflow engine. `child-workflows.ts` implements it with Temporal. */
export interface Children<Output> {
  /** Starts a child; calls `ended` once, when it has ended or could not be started. */
  launch(child: string, ended: (end: ChildEnd<Output>) => void): void;
  /** Cancels the launched children that still run. */
  cancelLaunched(): void;
  /** Cancels whichever workflow has the child's id. One that has ended is not an error. */
  cancelById(child: string): Promise<void>;
  /** How each of these children's workflows ended, as Temporal calls it (`COMPLETED`, `TERMINATED`…); running ones are absent. */
  closedStatusOf(children: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Waits until the condition holds, at most for the timeout. Throws if the workflow is cancelled. */
  until(condition: () => boolean, timeout?: '1 minute' | '5 minutes'): Promise<unknown>;
  sleep(milliseconds: number): Promise<void>;
  /** Runs work in the background, until it ends or `stopBackground` is called. A failure is logged. */
  inBackground(work: () => Promise<void>): void;
  stopBackground(): void;
  /** Runs work that the workflow's cancellation does not interrupt. */
  nonCancellable(work: () => Promise<void>): Promise<void>;
  isCancellation(error: unknown): boolean;
  /** Whether this execution includes a change to the commands that earlier versions issued. */
  patched(change: string): boolean;
}

type Report =
  | { readonly kind: 'settled'; readonly child: string; readonly result: ChildTotals }
  | (FailedEnd & { readonly child: string })
  | {
      readonly kind: 'reported failed';
      readonly child: string;
      readonly error: string;
      readonly type?: string;
    }
  | { readonly kind: 'external'; readonly child: string }
  | { readonly kind: 'closed'; readonly child: string; readonly status: string };

interface RetryRequest {
  readonly child: string | undefined;
  answer?: string;
}

/**
 * Runs a fan-out's children. Message handlers and children only leave a report here; the loop in `run` takes the
 * reports in order and decides, so that the outcome does not depend on how the server and a freshly started worker
 * group events into tasks.
 */
export class Supervisor<Output> {
  readonly fanOut: FanOut;
  readonly #children: Children<Output>;
  readonly #measure: (output: Output) => ChildTotals;
  readonly #reports: Report[] = [];
  readonly #requests: RetryRequest[] = [];
  #isInspecting = false;
  #open = 0;
  #ended = false;

  constructor(fanOut: FanOut, children: Children<Output>, measure: (output: Output) => ChildTotals) {
    this.fanOut = fanOut;
    this.#children = children;
    this.#measure = measure;
  }

  /** A child reported by signal that it is done. */
  reportSettled(child: string, output: Output): void {
    this.#reports.push({ kind: 'settled', child, result: this.#measure(output) });
  }

  /** A child reported by signal that it failed. */
  reportFailed(child: string, error: string, type?: string): void {
    this.#reports.push({ kind: 'reported failed', child, error, ...(type === undefined ? {} : { type }) });
  }

  /** Asks for one failed child, or all of them, to be started again. Answers when the loop has decided. */
  async retry(child: string | undefined): Promise<string> {
    if (this.#ended) return 'the phase has ended';
    const request: RetryRequest = { child };
    this.#requests.push(request);
    await this.#children.until(() => request.answer !== undefined);
    return request.answer as string;
  }

  /** The same without an answer, for signals. A wait that nothing awaits would break a workflow that is cancelled. */
  retryUnanswered(child: string | undefined): void {
    if (!this.#ended) this.#requests.push({ child });
  }

  /**
   * Returns when every child has settled; throws only if the parent is cancelled, after its children ended.
   * @param changed is called after each round. It must emit a command if a failure was recorded, or a worker
   *   that replays from scratch may run a later update before that failure (sdk-rust#1606).
   * @param giveUp the code of a failure that a retry cannot fix: thrown as `GaveUp`.
   */
  async run(changed: (failureRecorded: boolean) => void, giveUp?: TerminalCode): Promise<void> {
    const children = this.#children;
    try {
      while (!this.fanOut.done) {
        let failureRecorded = false;
        for (const report of this.#reports.splice(0)) {
          if (report.kind === 'failed' && report.type === giveUp) throw new GaveUp(report.error);
          if (this.#take(report)) failureRecorded = true;
        }
        for (const request of this.#requests.splice(0)) request.answer = this.#answer(request.child);
        for (const child of this.fanOut.takeStartable()) this.#launch(child);
        this.#inspectExternal();
        changed(failureRecorded);
        if (!this.fanOut.done) await children.until(() => this.#reports.length + this.#requests.length > 0);
      }
      // If the parent returned while a child is about to end, Temporal would cancel that child.
      await children.until(() => this.#open === 0, '1 minute');
    } catch (error) {
      if (children.isCancellation(error) || error instanceof GaveUp) await this.#cancelAll();
      throw error;
    } finally {
      children.stopBackground();
      this.#ended = true;
      for (const request of this.#requests.splice(0)) request.answer = 'the phase has ended';
    }
  }

  /** @returns whether it records a failure. */
  #take(report: Report): boolean {
    switch (report.kind) {
      case 'settled':
        this.fanOut.settled(report.child, report.result);
        return false;
      case 'failed':
        this.fanOut.failed(report.child, report.error, report.type, report.occurrence);
        return true;
      case 'reported failed':
        return this.fanOut.reportFailed(report.child, report.error, report.type);
      case 'external':
        return this.fanOut.external(report.child) && this.#children.patched('remember-last-words');
      case 'closed':
        return this.fanOut.endedWithoutReport(report.child, report.status);
    }
  }

  #answer(child: string | undefined): string {
    if (child !== undefined) {
      const answer: RetryAnswer = this.fanOut.retry(child);
      return `${child}: ${answer}`;
    }
    const failed = this.fanOut.failedChildren();
    // An external child that was terminated could not report it. Retrying one that still runs does no harm.
    const external = this.fanOut.externalChildren();
    const retried =
      external.length > 0 && this.#children.patched('retry-external-ones')
        ? [...failed, ...external]
        : failed;
    for (const each of retried) this.fanOut.retry(each);
    return retried.length === 0 ? 'none has failed' : `retrying ${retried.join(', ')}`;
  }

  #launch(child: string): void {
    this.#open++;
    this.#children.launch(child, (end) => {
      if (end.kind === 'settled') this.reportSettled(child, end.output);
      else this.#reports.push({ ...end, child });
      this.#open--;
    });
  }

  /**
   * Temporal does not report the end of an external child, and one that was terminated or timed out could not report
   * it either. So the supervisor inspects external children at growing intervals, for as long as there are any.
   */
  #inspectExternal(): void {
    const children = this.#children;
    const isNeeded = () => this.fanOut.externalChildren().length > 0;
    if (this.#isInspecting || !isNeeded() || !children.patched('look-after-external-children')) return;
    this.#isInspecting = true;
    children.inBackground(async () => {
      try {
        const { first, most } = intervals.inspectionMs;
        for (let waitMs: number = first; isNeeded(); waitMs = Math.min(2 * waitMs, most)) {
          await children.sleep(waitMs);
          const external = this.fanOut.externalChildren();
          const closed = await children.closedStatusOf(external);
          for (const child of external) {
            const status = closed.get(child);
            if (status !== undefined) this.#reports.push({ kind: 'closed', child, status });
          }
        }
      } finally {
        this.#isInspecting = false;
      }
    });
  }

  /**
   * Cancels the launched children, and by their ids those that the launch does not reach: external ones, those that
   * were reset after their failure was recorded, and those that were started before the parent itself was reset.
   */
  async #cancelAll(): Promise<void> {
    const children = this.#children;
    await children.nonCancellable(async () => {
      children.cancelLaunched();
      const { fanOut } = this;
      const running = children.patched('cancel-running-by-id') ? fanOut.runningChildren() : [];
      for (const child of [...fanOut.externalChildren(), ...fanOut.failedChildren(), ...running])
        await children.cancelById(child);
      await children.until(() => this.#open === 0, '5 minutes');
    });
  }
}

/** A child failed in a way that only starting over can fix. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
}
