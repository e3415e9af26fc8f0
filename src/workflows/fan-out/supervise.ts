import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  proxyActivities,
  sleep,
  type Workflow,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import type { TerminalCode } from '../../pipeline/failure/failure-codes.ts';
import { profiles } from '../profiles.ts';
import type { ChildTotals, FanOut, RetryAnswer } from './fan-out.ts';

type Report =
  | { readonly kind: 'settled'; readonly child: string; readonly result: ChildTotals }
  | { readonly kind: 'failed'; readonly child: string; readonly error: string; readonly type: string }
  | { readonly kind: 'says failed'; readonly child: string; readonly error: string }
  | { readonly kind: 'external'; readonly child: string }
  | { readonly kind: 'ended'; readonly child: string; readonly how: string };

interface RetryRequest {
  readonly child: string | undefined;
  answer?: string;
}

const { endsOfChildren } = proxyActivities<ControlActivities>(profiles.short);

/** How long an external child is waited for until it is looked at; twice as long each time, for each look is history. */
const LOOK_MS = { first: 10_000, most: 10 * 60_000 };

/**
 * Runs a fan-out's children as Temporal child workflows. Message handlers and children only leave a note here;
 * the loop in `run` takes the notes in order and decides, so that what happens does not depend on how the
 * server and a freshly started worker group events into tasks.
 */
export class Supervisor<Output> {
  readonly fanOut: FanOut;
  readonly #idOf: (child: string) => string;
  readonly #start: (child: string) => Promise<ChildWorkflowHandle<Workflow>>;
  readonly #measure: (output: Output) => ChildTotals;
  readonly #reports: Report[] = [];
  readonly #requests: RetryRequest[] = [];
  readonly #scope = new CancellationScope();
  readonly #looking = new CancellationScope();
  #isLooking = false;
  #open = 0;
  #ended = false;

  constructor(
    fanOut: FanOut,
    idOf: (child: string) => string,
    start: (child: string) => Promise<ChildWorkflowHandle<Workflow>>,
    measure: (output: Output) => ChildTotals,
  ) {
    this.fanOut = fanOut;
    this.#idOf = idOf;
    this.#start = start;
    this.#measure = measure;
  }

  /** The child says by signal that it is done. */
  reportSettled(child: string, output: Output): void {
    this.#reports.push({ kind: 'settled', child, result: this.#measure(output) });
  }

  /** The child says by signal that it failed. */
  reportFailed(child: string, error: string): void {
    this.#reports.push({ kind: 'says failed', child, error });
  }

  /** Asks for one failed child, or for all of them, to be started again; answers when the loop decided. */
  async retry(child: string | undefined): Promise<string> {
    if (this.#ended) return 'the phase has ended';
    const request: RetryRequest = { child };
    this.#requests.push(request);
    await condition(() => request.answer !== undefined);
    return request.answer as string;
  }

  /** The same without an answer, for signals: a wait that nobody awaits would break a workflow that is cancelled. */
  retryUnanswered(child: string | undefined): void {
    if (!this.#ended) this.#requests.push({ child });
  }

  /**
   * Returns when every child has settled; throws only when the parent is cancelled, after its children ended.
   * @param changed is told after each round; it must emit a command when a failure was recorded, or a worker
   *   that replays from scratch may run a later update before that failure (sdk-rust#1606).
   * @param giveUp a failure's code for which there is no point in waiting: thrown as `GaveUp`.
   */
  async run(changed: (failureRecorded: boolean) => void, giveUp?: TerminalCode): Promise<void> {
    try {
      while (!this.fanOut.done) {
        let failureRecorded = false;
        for (const report of this.#reports.splice(0)) {
          if (report.kind === 'settled') this.fanOut.settled(report.child, report.result);
          else if (report.kind === 'external') {
            if (this.fanOut.external(report.child) && patched('remember-last-words')) failureRecorded = true;
          } else if (report.kind === 'says failed') {
            if (this.fanOut.reportFailed(report.child, report.error)) failureRecorded = true;
          } else if (report.kind === 'ended') {
            if (this.fanOut.endedWithoutReport(report.child, report.how)) failureRecorded = true;
          } else {
            if (report.type === giveUp) throw new GaveUp(report.error);
            this.fanOut.failed(report.child, report.error);
            failureRecorded = true;
          }
        }
        for (const request of this.#requests.splice(0)) request.answer = this.#answer(request.child);
        for (const child of this.fanOut.takeStartable()) this.#launch(child);
        this.#lookAfterExternal();
        changed(failureRecorded);
        if (!this.fanOut.done) await condition(() => this.#reports.length + this.#requests.length > 0);
      }
      // A parent that returned while a child is about to end would have that child cancelled.
      await condition(() => this.#open === 0, '1 minute');
    } catch (error) {
      if (isCancellation(error) || error instanceof GaveUp) await this.#cancelAll();
      throw error;
    } finally {
      this.#looking.cancel();
      this.#ended = true;
      for (const request of this.#requests.splice(0)) request.answer = 'the phase has ended';
    }
  }

  #answer(child: string | undefined): string {
    if (child !== undefined) {
      const answer: RetryAnswer = this.fanOut.retry(child);
      return `${child}: ${answer}`;
    }
    const failed = this.fanOut.failedChildren();
    // One that was terminated could say nothing; asking costs one that runs nothing.
    const external = this.fanOut.externalChildren();
    const asked = external.length > 0 && patched('retry-external-ones') ? [...failed, ...external] : failed;
    for (const each of asked) this.fanOut.retry(each);
    return asked.length === 0 ? 'none has failed' : `retrying ${asked.join(', ')}`;
  }

  #launch(child: string): void {
    this.#open++;
    const outcome = async (): Promise<void> => {
      try {
        const handle = await this.#start(child);
        this.reportSettled(child, (await handle.result()) as Output);
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) {
          this.#reports.push({ kind: 'external', child });
        } else {
          const { message, type } = rootCause(error);
          this.#reports.push({ kind: 'failed', child, error: message, type });
        }
      } finally {
        this.#open--;
      }
    };
    void this.#scope.run(outcome);
  }

  /**
   * Of an external child Temporal tells nothing, and one that was terminated or timed out could say nothing: now and
   * then they are looked at, for as long as there are any.
   */
  #lookAfterExternal(): void {
    const isNeeded = () => this.fanOut.externalChildren().length > 0;
    if (this.#isLooking || !isNeeded() || !patched('look-after-external-children')) return;
    this.#isLooking = true;
    const look = async (): Promise<void> => {
      try {
        for (let waitMs = LOOK_MS.first; isNeeded(); waitMs = Math.min(2 * waitMs, LOOK_MS.most)) {
          await sleep(waitMs);
          const external = this.fanOut.externalChildren();
          const ends = await endsOfChildren({ workflowIds: external.map(this.#idOf) });
          for (const child of external) {
            const how = ends[this.#idOf(child)];
            if (how !== undefined) this.#reports.push({ kind: 'ended', child, how });
          }
        }
      } catch (error) {
        if (!isCancellation(error))
          log.warn('external children could not be looked at', { error: String(error) });
      } finally {
        this.#isLooking = false;
      }
    };
    void this.#looking.run(look);
  }

  /**
   * Children started by this parent are cancelled with it; those that somebody started again are not: neither
   * the external ones nor one whose failure was recorded before it was reset. Nor are those that run since before the
   * parent itself was reset: they are its children no more. So each is asked by its workflow id, too.
   */
  async #cancelAll(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      this.#scope.cancel();
      const { fanOut } = this;
      const running = patched('cancel-running-by-id') ? fanOut.runningChildren() : [];
      for (const child of [...fanOut.externalChildren(), ...fanOut.failedChildren(), ...running]) {
        try {
          await getExternalWorkflowHandle(this.#idOf(child)).cancel();
        } catch (error) {
          log.info('a child could not be cancelled by its id', { child, error: String(error) });
        }
      }
      await condition(() => this.#open === 0, '5 minutes');
    });
  }
}

/** A child failed in a way that only starting over can mend. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
}
