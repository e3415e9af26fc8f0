import {
  type BatchInfo,
  type BatchRetry,
  type LoadBatchResult,
  type LoaderProgress,
  type LoaderTotals,
  NOTHING_LOADED,
  withBatch,
} from '../../contract/loader/loader.ts';
import type { ParkedInfo } from '../../contract/loader/loader-activities.ts';
import { cut } from '../../pipeline/text/sentences.ts';

/** Why a batch is parked. */
export interface Failure {
  readonly code: string;
  readonly error: string;
}

interface Current {
  readonly info: BatchInfo;
  readonly batch: number;
  /** ISO 8601. */
  readonly startedAt: string;
  isExternal: boolean;
  /** Its load failed, and is tried again. */
  retry?: BatchRetry;
  /** The failure it reported itself, while Temporal's report is awaited. */
  reported?: Failure;
}

/** What an execution carries over to the next one. */
export interface CarriedState {
  readonly current?: Pick<Current, 'info' | 'startedAt'>;
  readonly next: readonly BatchInfo[];
  /** The reasons of the first ones only: those of the others are read again when they are shown. */
  readonly parked: readonly (BatchInfo & Partial<ParkedInfo>)[];
  readonly inARow: number;
  readonly paused?: { readonly reason: string; readonly at: string };
  readonly totals: LoaderTotals;
  readonly since?: string;
  readonly last?: NonNullable<LoaderProgress['last']>;
}

type StateProgress = Omit<LoaderProgress, 'table' | 'loaders' | 'inbox' | 'trouble'>;

/** Parked batches that are shown with their reasons. */
const SHOWN = 50;
const MOST_ERROR_CHARACTERS = 1000;

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * The states of a loader's batches: a state machine with no Temporal in it. It starts nothing; it decides which batch is
 * loaded next, and records how batches end.
 *
 *   next ──takeNext──▶ current ──▶ settled                (forgotten: only totals remain)
 *     ▲                  ├──▶ parked ──skip, split──▶ closed
 *     └──────retry───────┴──────┘
 *
 * One batch is current at a time. Parked batches stop nothing, but after so many in a row the loader pauses. The current
 * batch is *external* if this execution does not await it: an operator or an earlier execution started its workflow. Its
 * own signals, or an inspection, then tell how it ended.
 *
 * A report of success counts for a parked batch, too: an operator may have reset or started its workflow alone.
 */
export class LoaderState {
  #current: Current | undefined;
  /** Loaded next, in this order. */
  #next: BatchInfo[];
  /** By number, in the order in which they were parked. The reasons of some may not be known: `code` is empty then. */
  readonly #parked: Map<number, ParkedInfo>;
  /** Why batches that are tried again were parked before. */
  readonly #before = new Map<number, Failure>();
  #inARow: number;
  #paused: { readonly reason: string; readonly at: string } | undefined;
  #totals: LoaderTotals;
  #since: string | undefined;
  #last: LoaderProgress['last'];

  /** @param carried what an earlier execution carried over */
  constructor(carried?: CarriedState) {
    const current = carried?.current;
    this.#current = current && { ...current, batch: current.info.batch, isExternal: true };
    this.#next = [...(carried?.next ?? [])];
    this.#parked = new Map(
      (carried?.parked ?? []).map((info) => [info.batch, { code: '', error: '', at: '', ...info }]),
    );
    this.#inARow = carried?.inARow ?? 0;
    this.#paused = carried?.paused;
    this.#totals = carried?.totals ?? NOTHING_LOADED;
    this.#since = carried?.since;
    this.#last = carried?.last;
  }

  /** What the next execution needs. A batch that reported its failure, and whose end is not known yet, is parked. */
  carry(nowMs: number): CarriedState {
    const reported = this.#current?.reported;
    if (reported !== undefined) this.#park(reported, nowMs);
    const current = this.#current;
    return {
      ...(current === undefined ? {} : { current: { info: current.info, startedAt: current.startedAt } }),
      next: this.#next,
      parked: [...this.#parked.values()].map((info, index) =>
        index < SHOWN
          ? info
          : { batch: info.batch, files: info.files, bytes: info.bytes, reason: info.reason },
      ),
      inARow: this.#inARow,
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      totals: this.#totals,
      ...(this.#since === undefined ? {} : { since: this.#since }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
    };
  }

  /** Open batches: current, next and parked ones. */
  open(): number[] {
    const current = this.#current === undefined ? [] : [this.#current.batch];
    return [...current, ...this.#next.map(({ batch }) => batch), ...this.#parked.keys()];
  }

  get current(): { readonly batch: number; readonly isExternal: boolean } | undefined {
    return this.#current;
  }

  get paused(): { readonly reason: string; readonly at: string } | undefined {
    return this.#paused;
  }

  /** The parked batch with this number. */
  parkedBatch(batch: number): ParkedInfo | undefined {
    return this.#parked.get(batch);
  }

  /** Nothing is loaded, nothing is to be loaded next, and it is not paused: a batch may be taken from the inbox. */
  get isFree(): boolean {
    return this.#current === undefined && this.#next.length === 0 && this.#paused === undefined;
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  /** Batches to be loaded next: taken from the inbox, found after a restart, or parts of a split one. */
  add(batches: readonly BatchInfo[]): void {
    for (const each of batches) if (!this.open().includes(each.batch)) this.#next.push(each);
  }

  /** Batches that were found parked after a restart. */
  addParked(batches: readonly ParkedInfo[]): void {
    const open = new Set(this.open());
    for (const each of batches) if (!open.has(each.batch)) this.#parked.set(each.batch, each);
  }

  /** Why batches are parked that are known by their numbers. */
  describe(batches: readonly ParkedInfo[]): void {
    for (const each of batches) if (this.#parked.has(each.batch)) this.#parked.set(each.batch, each);
  }

  /** What was seen of the current batch. @param seen undefined: its load is not tried again */
  seenRetry(seen: { readonly batch: number; readonly retry: BatchRetry } | undefined): void {
    if (this.#current === undefined) return;
    if (seen?.batch === this.#current.batch) this.#current.retry = seen.retry;
    else delete this.#current.retry;
  }

  /** Parked batches that an operator should see, but that are known by their numbers only. */
  undescribed(): number[] {
    return this.#shown().flatMap(({ batch, code }) => (code === '' ? [batch] : []));
  }

  /** The batch that is to be loaded now, which is current from here on. Undefined if there is none, or it is paused. */
  takeNext(nowMs: number): BatchInfo | undefined {
    if (this.#current !== undefined || this.#paused !== undefined) return undefined;
    const info = this.#next.shift();
    if (info !== undefined) {
      this.#current = { info, batch: info.batch, startedAt: iso(nowMs), isExternal: false };
    }
    return info;
  }

  /** The batch is loaded, by its result or its signal. The first report counts. @returns whether this is the first */
  settled(batch: number, result: LoadBatchResult, nowMs: number): boolean {
    if (!this.#remove(batch)) return false;
    this.#inARow = 0;
    this.#totals = withBatch(this.#totals, result);
    this.#last = { batch, at: iso(nowMs), rows: result.rows };
    return true;
  }

  /** Temporal reports that the current batch failed. @returns whether it is parked now */
  failed(batch: number, failure: Failure, nowMs: number): boolean {
    if (this.#current?.batch !== batch) return false;
    this.#park(failure, nowMs);
    return true;
  }

  /**
   * The batch itself reports that it failed. If this execution awaits it, Temporal reports the failure as well, unless it
   * turns out to be external.
   * @returns whether it is parked now
   */
  reportedFailed(batch: number, failure: Failure, nowMs: number): boolean {
    if (this.#current?.batch === batch) {
      if (this.#current.isExternal) return this.failed(batch, failure, nowMs);
      this.#current.reported = failure;
      return false;
    }
    const parked = this.#parked.get(batch);
    if (parked === undefined) return false;
    this.#parked.set(batch, { ...parked, ...shortened(failure), at: iso(nowMs) });
    return true;
  }

  /** Another workflow with the current batch's id is running. @returns whether it has failed, as it reported before */
  external(batch: number, nowMs: number): boolean {
    if (this.#current?.batch !== batch) return false;
    this.#current.isExternal = true;
    return this.#current.reported === undefined ? false : this.failed(batch, this.#current.reported, nowMs);
  }

  /**
   * The workflow of an external batch has ended without a report. If it completed or never existed, it is started again, and
   * finds what is done.
   * @param how as Temporal calls it: `COMPLETED`, `TERMINATED`…, or `GONE`
   * @returns whether it is parked now
   */
  endedWithoutReport(batch: number, how: string, nowMs: number): boolean {
    if (this.#current?.batch !== batch || !this.#current.isExternal) return false;
    if (how === 'COMPLETED' || how === 'GONE') {
      this.#next.unshift(this.#current.info);
      this.#current = undefined;
      return false;
    }
    const code = how === 'CANCELLED' || how === 'TERMINATED' ? STATUS_CODES[how] : 'Error';
    const error = `Its workflow ended (${how}) without a report. Look at it, then retry, skip or split the batch.`;
    return this.failed(batch, { code, error }, nowMs);
  }

  /** @param batch undefined: all that are parked @returns the answer to the operator */
  retry(batch: number | undefined): string {
    if (batch === undefined) {
      const parked = [...this.#parked.keys()];
      for (const each of parked) this.#retry(each);
      return parked.length === 0 ? 'no batch is parked' : `retrying ${namesOf(parked)}${this.#onceResumed()}`;
    }
    const why = this.refusal(batch);
    if (why !== undefined) {
      // An external one that was terminated could not report it. If it still runs, starting its id shows that.
      if (this.#current?.batch !== batch || !this.#current.isExternal) return `batch ${batch}: ${why}`;
      this.#next.unshift(this.#current.info);
      this.#current = undefined;
    } else this.#retry(batch);
    return `batch ${batch}: retrying${this.#onceResumed()}`;
  }

  /** Why nothing can be done about the batch: it is not parked. Undefined if it is. */
  refusal(batch: number): string | undefined {
    if (this.#parked.has(batch)) return undefined;
    if (this.#current?.batch === batch) return 'it is being loaded';
    if (this.#next.some((each) => each.batch === batch)) return 'it is about to be loaded';
    return 'it is not parked';
  }

  /** A parked batch was skipped or split. @param into the batches that were made of it */
  closed(batch: number, into: readonly BatchInfo[] = []): void {
    this.#remove(batch);
    this.add(into);
  }

  /** The batch that is being loaded ends first. @returns the answer to the operator */
  pause(reason: string, nowMs: number): string {
    if (this.#paused !== undefined) return `it was paused at ${this.#paused.at}: ${this.#paused.reason}`;
    this.#paused = { reason, at: iso(nowMs) };
    return this.#current === undefined
      ? 'paused'
      : `paused; batch ${this.#current.batch} is being loaded and ends first`;
  }

  /**
   * The loader is started: it counts from here on.
   * @param paused as an earlier execution was when it was terminated or cancelled
   */
  begin(nowMs: number, paused: LoaderProgress['paused']): void {
    this.#since = iso(nowMs);
    this.#paused ??= paused;
  }

  resume(): string {
    if (this.#paused === undefined) return 'it is not paused';
    this.#paused = undefined;
    this.#inARow = 0;
    return 'resumed';
  }

  /** Pauses if so many batches in a row were parked. @returns whether it did */
  pauseItself(pauseAfterParked: number, nowMs: number): boolean {
    if (this.#paused !== undefined || this.#inARow < pauseAfterParked) return false;
    const latest = [...this.#parked.values()].at(-1);
    const why = latest === undefined ? '' : `; the last one: ${latest.error}`;
    this.pause(`${this.#inARow} batches in a row were parked${why}`, nowMs);
    return true;
  }

  /** @param idOf a batch's workflow id, for operators to see */
  progress(idOf: (batch: number) => string): StateProgress {
    const current = this.#current;
    return {
      state: current !== undefined ? 'running' : this.#paused !== undefined ? 'paused' : 'idle',
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      ...(current === undefined
        ? {}
        : {
            current: {
              ...{ ...current.info, workflowId: idOf(current.batch), startedAt: current.startedAt },
              ...(current.retry === undefined ? {} : { retry: current.retry }),
            },
          }),
      next: this.#next.slice(0, SHOWN).map(({ batch }) => batch),
      parked: this.#shown().map((info) => ({ ...info, workflowId: idOf(info.batch) })),
      parkedTotal: this.#parked.size,
      totals: this.#totals,
      ...(this.#since === undefined ? {} : { since: this.#since }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
    };
  }

  #retry(batch: number): void {
    const info = this.#parked.get(batch);
    if (info === undefined) return;
    this.#parked.delete(batch);
    if (info.code !== '') this.#before.set(batch, { code: info.code, error: info.error });
    this.#next.push({ batch, files: info.files, bytes: info.bytes, reason: info.reason });
  }

  #onceResumed = () => (this.#paused === undefined ? '' : ' once the loader is resumed');

  #park(failure: Failure, nowMs: number): void {
    if (this.#current === undefined) return;
    const { info, retry } = this.#current;
    this.#current = undefined;
    this.#inARow++;
    const why = shortened(stoppedBy(failure, retry, this.#before.get(info.batch)));
    this.#before.delete(info.batch);
    this.#parked.set(info.batch, { ...info, ...why, at: iso(nowMs) });
  }

  /** @returns whether the batch was open */
  #remove(batch: number): boolean {
    this.#before.delete(batch);
    const before = this.#next.length;
    this.#next = this.#next.filter((each) => each.batch !== batch);
    if (this.#next.length < before || this.#parked.delete(batch)) return true;
    if (this.#current?.batch !== batch) return false;
    this.#current = undefined;
    return true;
  }

  /** The parked batches that are shown, the oldest first. */
  #shown(): ParkedInfo[] {
    return [...this.#parked.values()].slice(0, SHOWN);
  }
}

/** The codes of failures that an operator causes, by the status of the workflow. */
const STATUS_CODES = { CANCELLED: 'CancelledFailure', TERMINATED: 'TerminatedFailure' } as const;

/**
 * What is shown of a batch that an operator stopped: that it was stopped says nothing of why it did not end.
 * @param retry why it was tried again, if it was
 * @param before why it was parked before, if it was
 */
function stoppedBy(failure: Failure, retry: BatchRetry | undefined, before: Failure | undefined): Failure {
  const isStop =
    [STATUS_CODES.CANCELLED, STATUS_CODES.TERMINATED].some((code) => code === failure.code) ||
    failure.error === 'cancelled';
  if (!isStop) return failure;
  const isTerminated = failure.code === STATUS_CODES.TERMINATED;
  const code = isTerminated ? failure.code : STATUS_CODES.CANCELLED;
  const stopped = `An operator ${isTerminated ? 'terminated' : 'cancelled'} it`;
  const at = retry === undefined ? '' : ` at attempt ${retry.attempt}`;
  const cause = retry?.error ?? before?.error;
  return {
    code,
    error: `${stopped}${at}. ${cause === undefined ? 'Retry, skip or split it.' : `Its last failure: ${cause}`}`,
  };
}

const shortened = ({ code, error }: Failure): Failure => ({ code, error: cut(error, MOST_ERROR_CHARACTERS) });

/** `batch 7`, `batches 7, 8 and 12 more` */
function namesOf(batches: readonly number[]): string {
  const named = batches.slice(0, 10).join(', ');
  const more = batches.length > 10 ? ` and ${batches.length - 10} more` : '';
  return `${batches.length === 1 ? 'batch' : 'batches'} ${named}${more}`;
}
