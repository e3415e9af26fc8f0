import type { LoaderProgress, OpenBatch, ParkedBatch } from '../../contract/loader/loader.ts';
import type { WatchProgress } from '../../contract/loader/watch.ts';
import { tablePath } from '../../pipeline/loader/loader-directory.ts';
import { addressOf } from '../../pipeline/loader/source-file.ts';
import { watchedText } from '../../pipeline/loader/watched.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import type { LoaderObservation, SeenWatcher } from './observe-loader.ts';
import type { StoredInbox } from './stored-loader.ts';

/** How the loaders of one table are doing: what `loader status` shows, and prints with `--json`. */
export interface LoaderView {
  readonly loaders: readonly string[];
  /** `<workgroup or cluster>/<database>/<schema>/<table>` */
  readonly table: string;
  readonly workflowId: string;
  /** `unknown`: it runs, but no worker answers. `not started` and `stopped`: files wait in S3, and nothing loads them. */
  readonly state: 'loading' | 'idle' | 'paused' | 'unknown' | 'not started' | 'stopped' | 'failed';
  /** Of one that is paused, or will be once its batch is loaded, or failed; and how one was stopped. */
  readonly why?: string;
  /** ISO 8601: since when it is paused, or when it ended. */
  readonly since?: string;
  readonly waiting?: StoredInbox;
  readonly current?: OpenBatch;
  /** Batches that are loaded next. */
  readonly next: readonly number[];
  /** At most 50, or 100 if the loader does not answer; the oldest first. */
  readonly parked: readonly ViewedBatch[];
  readonly parkedTotal: number;
  /** Absent if the loader does not answer. */
  readonly totals?: LoaderProgress['totals'];
  /** ISO 8601: since when the totals count. */
  readonly totalsSince?: string;
  readonly last?: NonNullable<LoaderProgress['last']>;
  /** What it cannot do by itself: its inbox or S3 cannot be read. It is tried again. */
  readonly troubles: readonly string[];
  readonly watchers: readonly WatcherView[];
}

export type ViewedBatch = Pick<ParkedBatch, 'batch' | 'files' | 'code' | 'error' | 'at'>;

export interface WatcherView {
  /** `queue https://…` or `s3://landing/quakes/` */
  readonly watches: string;
  readonly workflowId: string;
  readonly loaders: readonly string[];
  readonly state: 'running' | 'unknown' | 'not started' | 'stopped' | 'failed';
  readonly why?: string;
  readonly queue?: NonNullable<WatchProgress['queue']>;
  readonly totals?: WatchProgress['totals'];
  /** ISO 8601: since when the totals count. */
  readonly totalsSince?: string;
  /** ISO 8601: since when no loader of the worker's configuration uses what it watches, so that it will end. */
  readonly unusedSince?: string;
  readonly listings: WatchProgress['listings'];
  readonly problems: WatchProgress['problems'];
  /** Examples of files that no loader matches. */
  readonly unmatched: readonly string[];
}

export function loaderView(seen: LoaderObservation): LoaderView {
  const { table, workflow, stored, notRead } = seen;
  const { progress } = workflow;
  const { inbox } = progress ?? {};
  return {
    loaders: table.loaders.map(({ name }) => name),
    table: tablePath(table.table),
    workflowId: table.workflowId,
    ...stateOf(seen),
    ...waitingOf(stored?.waiting ?? (inbox?.at === undefined ? undefined : inbox)),
    ...(progress?.current === undefined ? {} : { current: progress.current }),
    next: progress?.next ?? stored?.open.map(({ batch }) => batch) ?? [],
    parked: progress?.parked ?? stored?.parked ?? [],
    parkedTotal: progress?.parkedTotal ?? stored?.parked.length ?? 0,
    ...(progress === undefined ? {} : { totals: progress.totals }),
    ...(progress?.since === undefined ? {} : { totalsSince: progress.since }),
    ...(progress?.last === undefined ? {} : { last: progress.last }),
    troubles: [
      ...(progress?.trouble === undefined
        ? []
        : [`its inbox cannot be read since ${progress.trouble.at}: ${progress.trouble.error}`]),
      ...(stored?.paused === undefined || workflow.state === 'running'
        ? []
        : [`it was paused at ${stored.paused.at}, and still is when it is started: ${stored.paused.reason}`]),
      ...(notRead === undefined ? [] : [`S3 cannot be read here: ${notRead}`]),
    ],
    watchers: seen.watchers.map(watcherView),
  };
}

const waitingOf = (waiting: StoredInbox | undefined): Pick<LoaderView, 'waiting'> => {
  if (waiting === undefined) return {};
  const { files, bytes, oldest, estimated, more, at } = waiting;
  return {
    waiting: {
      ...{ files, bytes },
      ...(oldest === undefined ? {} : { oldest }),
      ...(estimated === undefined ? {} : { estimated }),
      ...(more === undefined ? {} : { more }),
      ...(at === undefined ? {} : { at }),
    },
  };
};

type State = Pick<LoaderView, 'state' | 'why' | 'since'>;

function stateOf({ workflow }: LoaderObservation): State {
  const { progress, state } = workflow;
  if (state !== 'running') return endedState(workflow);
  if (progress === undefined)
    return { state: 'unknown', ...(workflow.summary === undefined ? {} : { why: workflow.summary }) };
  const { paused, current } = progress;
  if (paused === undefined) return { state: current === undefined ? 'idle' : 'loading' };
  return { state: current === undefined ? 'paused' : 'loading', why: paused.reason, since: paused.at };
}

function endedState({
  state,
  ended,
  closedAt,
  failure,
}: Pick<LoaderObservation['workflow'], 'state' | 'ended' | 'closedAt' | 'failure'>) {
  if (state === 'absent') return { state: 'not started' } as const;
  const since = closedAt === undefined ? {} : { since: closedAt };
  return failure === undefined
    ? ({ state: 'stopped', ...(ended === undefined ? {} : { why: ended }), ...since } as const)
    : ({ state: 'failed', why: failure, ...since } as const);
}

function watcherView(seen: SeenWatcher): WatcherView {
  const { source, progress, workflowId, unmatched = [] } = seen;
  return {
    watches: watchedText(source.watched),
    workflowId,
    loaders: source.loaders.map(({ name }) => name),
    ...(seen.state === 'running'
      ? ({ state: progress === undefined ? 'unknown' : 'running' } as const)
      : endedState(seen)),
    ...(progress?.queue === undefined ? {} : { queue: progress.queue }),
    ...(progress === undefined ? {} : { totals: progress.totals }),
    ...(progress?.since === undefined ? {} : { totalsSince: progress.since }),
    ...(progress?.unusedSince === undefined ? {} : { unusedSince: progress.unusedSince }),
    listings: progress?.listings ?? [],
    problems: progress?.problems ?? [],
    unmatched: unmatched.map(addressOf),
  };
}

const isDown = (state: LoaderView['state'] | WatcherView['state']) =>
  state === 'not started' || state === 'stopped' || state === 'failed';

/** Whether the loader, or a watcher that it needs, must be started. */
export const needsStart = ({ state, watchers }: LoaderView): boolean =>
  isDown(state) || watchers.some((watcher) => isDown(watcher.state));

/** Whether it cannot read its inbox, or a watcher cannot receive or list. Both are tried again by themselves. */
const hasTrouble = ({ troubles, watchers }: LoaderView): boolean =>
  troubles.length > 0 || watchers.some(({ problems }) => problems.length > 0);

/** 1: it must be started, or cannot do its work; 3: it waits for an operator. */
export function exitCodeOf(view: LoaderView): ExitCode {
  if (needsStart(view) || hasTrouble(view)) return ExitCode.failed;
  return view.state === 'paused' || view.parkedTotal > 0 ? ExitCode.waiting : ExitCode.done;
}
