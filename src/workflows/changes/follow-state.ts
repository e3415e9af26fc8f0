import type { FollowProgress, ShardProgress } from '../../contract/changes/changes.ts';
import type {
  NoticedGap,
  OpenedLog,
  ShardsSeen,
  StreamState,
} from '../../contract/changes/follow-activities.ts';
import { FanOut } from '../fan-out/fan-out.ts';

/** Why something does not work. */
export interface Failure {
  readonly code: string;
  readonly error: string;
}

/** A shard among the readers. */
export const nameOf = (epoch: string, shard: string): string => `${epoch}/${shard}`;

/** The epoch and the shard. */
export function placeOf(name: string): { readonly epoch: string; readonly shard: string } {
  const slash = name.indexOf('/');
  return { epoch: name.slice(0, slash), shard: name.slice(slash + 1) };
}

/** What is known of one stream that is read. */
interface FollowedEpoch {
  readonly log: OpenedLog;
  stream: StreamState;
  ended: number;
  gaps: NoticedGap[];
}

/** What an execution carries over to the next one. */
export interface CarriedState {
  readonly epochs: readonly FollowedEpoch[];
  /** Shards that have a reader, or are to get one. */
  readonly open: readonly string[];
  readonly failed: readonly (Partial<Failure> & { readonly name: string; readonly at: string })[];
  readonly paused?: NonNullable<FollowProgress['paused']>;
  /** Shards whose reader a pause cancelled, and that has not ended yet. */
  readonly stopping?: readonly string[];
}

const DISABLED: Failure = {
  code: 'StreamDisabled',
  error:
    'The table has no stream now: it was disabled, or the table was deleted. Changes are lost until another stream is enabled, and that begins a new log.',
};

const RECOVERY_DISABLED: Failure = {
  code: 'RecoveryDisabled',
  error:
    'Point-in-time recovery is disabled for the table, or the table was deleted. Changes since the last window are lost; enable it, then refresh the pipeline.',
};

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * What `followChanges` knows: state without Temporal. The readers of all open shards are a fan-out without an end: shards are
 * added when the stream has new ones, and forgotten when they were read to their end. A log in S3 has the whole truth.
 */
export class FollowState {
  readonly readers: FanOut;
  readonly #epochs: FollowedEpoch[];
  readonly #failedAt = new Map<string, string>();
  readonly #troubles = new Map<string, NonNullable<FollowProgress['trouble']>>();
  /** Shards whose reader a pause cancelled. One that ends after `resume` has not failed: the shard gets another. */
  readonly #stopping: Set<string>;
  #paused: FollowProgress['paused'];

  /** @param idOf a reader's workflow id */
  constructor(idOf: (name: string) => string, carried?: CarriedState) {
    this.readers = new FanOut([], Number.POSITIVE_INFINITY, idOf);
    this.#epochs = (carried?.epochs ?? []).map((epoch) => ({ ...epoch, gaps: [...epoch.gaps] }));
    this.#paused = carried?.paused;
    this.#stopping = new Set(carried?.stopping);
    for (const name of carried?.open ?? []) this.readers.add(name, 'external');
    for (const { name, error = '', code, at } of carried?.failed ?? []) {
      this.readers.add(name, 'external');
      this.readers.failed(name, error, code);
      this.#failedAt.set(name, at);
    }
  }

  carry(): CarriedState {
    const failed = this.readers.failedChildren();
    const shown = new Map(this.readers.progress().unfinished.map((one) => [one.child, one]));
    const isFailed = new Set(failed);
    return {
      epochs: this.#epochs,
      open: this.#names().filter((name) => !isFailed.has(name)),
      failed: failed.map((name) => {
        const { error, code } = shown.get(name) ?? {};
        return {
          ...{ name, at: this.#failedAt.get(name) ?? '' },
          ...(error === undefined ? {} : { error }),
          ...(code === undefined ? {} : { code }),
        };
      }),
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      ...(this.#stopping.size === 0 ? {} : { stopping: [...this.#stopping] }),
    };
  }

  /** The streams that are read, the table's own last. */
  get epochs(): readonly FollowedEpoch[] {
    return this.#epochs;
  }

  /** The table's stream. */
  get newest(): FollowedEpoch | undefined {
    return this.#epochs.at(-1);
  }

  get paused(): FollowProgress['paused'] {
    return this.#paused;
  }

  /** The log of the table's stream. */
  opened(log: OpenedLog): void {
    if (this.#epochs.some(({ log: { epoch } }) => epoch === log.epoch)) return;
    this.#epochs.push({ log, stream: 'current', ended: 0, gaps: [] });
  }

  /** What a look at a stream showed. */
  seen(epoch: string, { ready, ended, gaps, stream, over }: ShardsSeen, nowMs: number): void {
    const found = this.#epochs.find(({ log }) => log.epoch === epoch);
    if (found === undefined) return;
    for (const shard of ready) this.readers.add(nameOf(epoch, shard));
    // What a worker knows of them may be behind.
    found.ended = Math.max(found.ended, ended);
    found.stream = stream;
    for (const gap of gaps) if (!found.gaps.some(({ id }) => id === gap.id)) found.gaps.push(gap);
    this.#troubles.delete(epoch);
    if (stream === 'disabled')
      this.trouble(epoch, found.log.kind === 'exports' ? RECOVERY_DISABLED : DISABLED, nowMs);
    if (over && this.#epochs.length > 1) this.#epochs.splice(this.#epochs.indexOf(found), 1);
  }

  /** A stream cannot be watched. */
  trouble(epoch: string, failure: Failure, nowMs: number): void {
    this.#troubles.set(epoch, { ...failure, at: this.#troubles.get(epoch)?.at ?? iso(nowMs) });
  }

  /** The shards of a stream that have a reader, or whose reader failed. */
  known(epoch: string): string[] {
    return this.#names().flatMap((name) => {
      const place = placeOf(name);
      return place.epoch === epoch ? [place.shard] : [];
    });
  }

  settled(name: string): void {
    if (!this.readers.has(name)) return;
    this.readers.settled(name, { items: 0, bytes: 0 });
    this.readers.forget(name);
    this.#failedAt.delete(name);
    this.#stopping.delete(name);
    const found = this.#epochs.find(({ log }) => log.epoch === placeOf(name).epoch);
    if (found !== undefined) found.ended++;
  }

  /** A reader failed. @returns whether that is new */
  failed(name: string, { error, code }: Failure, nowMs: number, occurrence?: string): boolean {
    this.readers.failed(name, error, code, occurrence);
    return this.#notedFailure(name, nowMs);
  }

  reportedFailed(name: string, { error, code }: Failure, nowMs: number): boolean {
    return this.readers.reportFailed(name, error, code) && this.#notedFailure(name, nowMs);
  }

  external(name: string, nowMs: number): boolean {
    return this.readers.external(name) && this.#notedFailure(name, nowMs);
  }

  /** A reader that this execution did not start ended without a report. @param how as Temporal calls it, or `GONE` */
  closed(name: string, how: string, nowMs: number): boolean {
    // One that completed is started again, and finds the shard ended.
    return (
      this.readers.endedWithoutReport(name, how === 'GONE' ? 'COMPLETED' : how) &&
      this.#notedFailure(name, nowMs)
    );
  }

  /** @param shard undefined: all that failed; else its id, or `<epoch>/<id>` @returns the answer to the operator */
  retry(shard: string | undefined): string {
    const matching =
      shard === undefined
        ? [...this.readers.failedChildren(), ...this.readers.externalChildren()]
        : this.#names().filter((name) => name === shard || placeOf(name).shard === shard);
    if (matching.length === 0) return shard === undefined ? 'none has failed' : `${shard}: no open shard`;
    const answers = matching.map((name) => {
      const answer = this.readers.retry(name);
      if (answer === 'retrying') this.#failedAt.delete(name);
      return `${placeOf(name).shard}: ${answer}`;
    });
    return `${answers.join('; ')}${this.#paused === undefined ? '' : ', once it is resumed'}`;
  }

  /** @param paused as an earlier execution was when it was terminated or cancelled */
  begin(paused: FollowProgress['paused']): void {
    this.#paused ??= paused;
  }

  pause(reason: string, nowMs: number): string {
    if (this.#paused !== undefined) return `it was paused at ${this.#paused.at}: ${this.#paused.reason}`;
    this.#paused = { reason, at: iso(nowMs) };
    for (const name of [...this.readers.runningChildren(), ...this.readers.externalChildren()])
      this.#stopping.add(name);
    return this.newest?.log.kind === 'exports'
      ? 'paused: later windows have what happens meanwhile'
      : 'paused: the stream keeps changes for 24 hours';
  }

  resume(): string {
    if (this.#paused === undefined) return 'it is not paused';
    this.#paused = undefined;
    for (const name of this.readers.failedChildren()) this.retry(name);
    return 'resumed';
  }

  /** Readers to start now. */
  startable(): string[] {
    return this.#paused === undefined ? this.readers.takeStartable() : [];
  }

  progress(pipeline: string): FollowProgress {
    const { failed, running, external, notStarted, unfinished } = this.readers.progress();
    const gaps = this.#epochs.flatMap((epoch) => epoch.gaps);
    const trouble = this.#trouble();
    const state =
      this.#paused !== undefined
        ? 'paused'
        : failed > 0 || trouble !== undefined || this.#epochs.length === 0
          ? 'waiting'
          : gaps.length > 0
            ? 'gap'
            : 'following';
    return {
      ...{ pipeline, epoch: this.newest?.log.epoch ?? '', state },
      ...(this.newest?.log.kind === undefined ? {} : { kind: this.newest.log.kind }),
      ...(this.#paused === undefined ? {} : { paused: this.#paused }),
      ...(trouble === undefined ? {} : { trouble }),
      ...{ open: running + external + notStarted, failed, ended: this.newest?.ended ?? 0 },
      shards: unfinished.map(
        ({ child, workflowId, state: own, code, error }): ShardProgress => ({
          ...placeOf(child),
          workflowId,
          state: own === 'running' ? 'reading' : own,
          ...(code === undefined ? {} : { code }),
          ...(error === undefined ? {} : { error }),
        }),
      ),
      gaps: gaps.map(({ reason, message, at, shard }) => ({
        ...{ reason, message, at },
        ...(shard === undefined ? {} : { shard }),
      })),
    };
  }

  /** Since when a shard has had no reader, or the stream could not be watched. ISO 8601; undefined: nothing is unread. */
  unreadSince(): string | undefined {
    const times = [...this.#failedAt.values(), this.#trouble()?.at ?? '', this.#paused?.at ?? ''];
    return times.filter((at) => at !== '').toSorted((a, b) => (a < b ? -1 : 1))[0];
  }

  #trouble(): FollowProgress['trouble'] {
    return [...this.#troubles.values()][0];
  }

  #names(): string[] {
    return this.readers.unsettledChildren();
  }

  #notedFailure(name: string, nowMs: number): boolean {
    if (!this.readers.failedChildren().includes(name)) return false;
    if (this.#stopping.delete(name) && this.#paused === undefined) {
      this.readers.retry(name);
      return false;
    }
    this.#failedAt.set(name, this.#failedAt.get(name) ?? iso(nowMs));
    return true;
  }
}
