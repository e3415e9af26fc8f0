import { TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  isCancellation,
  log,
  patched,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { RefreshResult } from '../../contract/refresh.ts';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { partsOf } from '../../contract/run-situation.ts';
import type { RunEnd } from '../../pipeline/run/report.ts';
import { reportPageKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { commandHere } from '../as-typed.ts';
import { profiles } from '../profiles.ts';
import type { RunProgress } from './run-progress.ts';

const { writeReport } = proxyActivities<ControlActivities>(profiles.report);

/**
 * The report of one run, written when the run ends, in success or failure, and when it begins to wait for an operator.
 * No decision depends on it, so a report that cannot be written never fails a run. Runs that started before failures
 * were reported continue without such a report.
 */
export class RunReport {
  readonly #startedMs = Date.now();
  readonly #options: readonly string[];
  #about: { readonly ref: RunRef; readonly progress: RunProgress } | undefined;
  readonly #notes: string[] = [];
  /** Reports are written one after another, so the last one stays. */
  #writing: Promise<void> | undefined;

  /** @param options what commands that resume the run need: see `resumeOptions` */
  constructor(options: readonly string[]) {
    this.#options = options;
  }

  /** The address of its page; undefined before there is a run directory. */
  get page(): string | undefined {
    return this.#about && `s3://${this.#about.ref.bucket}/${reportPageKey(this.#about.ref)}`;
  }

  /** Seconds since the workflow began, in tenths. */
  get seconds(): number {
    return Math.round((Date.now() - this.#startedMs) / 100) / 10;
  }

  /** Adds a sentence to the report's notes. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** Called once there is a run directory to write to. */
  about(ref: RunRef, progress: RunProgress): void {
    this.#about = { ref, progress };
  }

  async completed({ status }: Pick<RefreshResult, 'status'>): Promise<void> {
    await this.#write({ outcome: 'completed', status });
  }

  /** Does not wait until the report is written. */
  waiting(): void {
    if (this.#about === undefined || !patched('report-when-waiting')) return;
    const now = this.#about.progress.snapshot();
    const unfinished = partsOf(now.phase, now)?.fan.unfinished ?? [];
    void this.#write({ outcome: 'waiting', unfinished: [...unfinished] });
  }

  /** Runs `work`, and reports the end of a run that fails or is cancelled. */
  async reportingFailure<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Anything else is a bug in this code. It does not end the workflow, which waits for a fixed worker.
      if (error instanceof TemporalFailure && this.#hasBegun() && patched('report-of-a-bad-end')) {
        const outcome = isCancellation(error) ? 'cancelled' : 'failed';
        await this.#write({ outcome, ...(outcome === 'failed' ? { error: rootCause(error) } : {}) });
      }
      throw error;
    }
  }

  /** A workflow that was rejected before its first phase has nothing to report: the run's last report stays. */
  #hasBegun(): boolean {
    return this.#about?.progress.snapshot().phases.some(({ startedAt }) => startedAt !== undefined) === true;
  }

  async #write(end: Partial<RunEnd> & Pick<RunEnd, 'outcome'>): Promise<void> {
    if (this.#about === undefined) return;
    const { ref, progress } = this.#about;
    const { phase, phases } = progress.snapshot();
    const command = commandHere();
    const report = {
      workflowId: workflowInfo().workflowId,
      status: phase,
      seconds: this.seconds,
      phases: [...phases],
      options: [...this.#options],
      ...(command === undefined ? {} : { command }),
      notes: [...this.#notes],
      ...end,
    } satisfies RunEnd;
    const before = this.#writing;
    const writing = CancellationScope.nonCancellable(async () => {
      await before;
      try {
        await writeReport({ ref, report });
      } catch (error) {
        log.warn('the report could not be written', { error: String(error) });
      }
    });
    this.#writing = writing;
    await writing;
  }
}
