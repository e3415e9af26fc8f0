import { counted, duration } from '../../pipeline/text/measures.ts';
import type { ApplyProgress, FollowProgress } from './changes.ts';

/** What an operator should know about changes: from what workflows show, so that no step raises alerts of its own. */
export interface ChangesCondition {
  /** What identifies it; another failure of the same thing is another condition. */
  readonly key: readonly string[];
  readonly what: string;
  readonly cause: string;
  readonly code: string;
  /** What an operator does, and the command. */
  readonly next: readonly [what: string, command: string];
  /** The key has no time: each time that it begins to hold is another occurrence. */
  readonly recurs?: true;
  /** It happened, and does not end: a later run clears it. */
  readonly isPast?: true;
}

/** Half of the time for which a stream keeps changes. */
export const HALF_DAY_MS = 12 * 3600 * 1000;
/** The key of a destination that is late. */
export const LATE = ['lag'] as const;
/** Live was never loaded with changes: the operator has just started them. */
const EXPECTED = new Set(['NothingLive', 'NoPositions']);

/** @param unreadSince since when a shard has no reader. ISO 8601 */
export function followConditions(
  { pipeline, kind, shards, gaps, trouble }: FollowProgress,
  unreadSince: string | undefined,
  nowMs: number,
): ChangesCondition[] {
  const retry = ['Fix the cause, then', `tributary changes retry ${pipeline}`] as const;
  return [
    ...gaps.map(
      ({ reason, message, at, shard = '' }): ChangesCondition => ({
        key: ['gap', reason, shard, at],
        what: `Changes of ${pipeline} were lost (${reason}): nothing behind them is applied until it is refreshed.`,
        ...{ cause: message, code: 'ChangesLost', isPast: true },
        next: ['Refresh it:', `tributary run ${pipeline}`],
      }),
    ),
    ...shards
      .filter(({ state }) => state === 'failed')
      .map(
        ({ shard, epoch, code = 'Error', error = '' }): ChangesCondition => ({
          key: ['shard', epoch, shard, code],
          what:
            kind === 'exports'
              ? `Window ${shard} of ${pipeline} is not exported. Later changes wait for it.`
              : `Shard ${shard} of the stream of ${pipeline} is not read. The stream keeps its changes for 24 hours.`,
          ...{ cause: error, code, next: retry },
        }),
      ),
    ...(trouble === undefined
      ? []
      : [
          {
            key: ['trouble', trouble.code, trouble.at],
            what:
              kind === 'exports'
                ? `The changes of ${pipeline} cannot be exported.`
                : `The stream of ${pipeline} cannot be watched.`,
            ...{ cause: trouble.error, code: trouble.code, next: retry },
          },
        ]),
    ...(unreadSince === undefined || nowMs - Date.parse(unreadSince) < HALF_DAY_MS
      ? []
      : [
          {
            key: ['unread', unreadSince],
            what: `For ${duration((nowMs - Date.parse(unreadSince)) / 1000)}, not all changes of ${pipeline} have been read.${kind === 'exports' ? '' : ' After 24 hours they are lost.'}`,
            ...{
              cause: `Since ${unreadSince}, a ${kind === 'exports' ? 'window' : 'shard'} has no reader.`,
              code: 'ChangesUnread',
            },
            next: ['See why:', `tributary changes status ${pipeline}`] as const,
          },
        ]),
  ];
}

/** @param alertAtLagSeconds the lag from which a destination is late */
export function applyConditions(
  { pipeline, destination, blocked, needsRefresh, lag }: ApplyProgress,
  alertAtLagSeconds: number = HALF_DAY_MS / 1000,
): ChangesCondition[] {
  const to = `${pipeline} to ${destination}`;
  const option = `--destination ${destination}`;
  return [
    ...(blocked === undefined
      ? []
      : [
          {
            key: ['blocked', blocked.code, blocked.at],
            what: `Changes of ${to} are not applied: an apply failed. They wait in the log.`,
            ...{ cause: blocked.error, code: blocked.code },
            next: ['Fix the cause, then', `tributary changes retry ${pipeline} ${option}`] as const,
          },
        ]),
    ...(needsRefresh === undefined || EXPECTED.has(needsRefresh.code)
      ? []
      : [
          {
            key: ['refresh', needsRefresh.code, needsRefresh.at],
            what: `Changes of ${to} wait for a refresh.`,
            ...{ cause: needsRefresh.message, code: needsRefresh.code },
            next: ['Refresh it:', `tributary run ${pipeline} ${option}`] as const,
          },
        ]),
    ...(lag.seconds < alertAtLagSeconds
      ? []
      : [
          {
            key: LATE,
            recurs: true as const,
            what:
              lag.count === 0
                ? `For ${duration(lag.seconds)}, changes of ${to} have not been looked for.`
                : `${counted(lag.count, 'change')} of ${to} ${lag.count === 1 ? 'is' : 'are'} not applied, the oldest for ${duration(lag.seconds)}.`,
            ...{
              cause:
                'The destination is slower than the changes, does not answer, is paused or blocked, or has no worker.',
              code: 'ChangesLate',
            },
            next: ['See why:', `tributary changes status ${pipeline} ${option}`] as const,
          },
        ]),
  ];
}
