import { count, counted, duration } from '../text/measures.ts';
import type { PendingStep } from './pending-step.ts';

/** What a run, or an inference, is doing at the moment, seen from outside: by Temporal's list of what has not ended. */
export interface WorkNow {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly working: number;
  /** Waiting for a worker with a free slot. */
  readonly waitingForSlot: number;
  /** Waiting for `readUnitsPerSecond`. */
  readonly waitingForRate: number;
  /** Blocked, or waiting for the next attempt after a failure. */
  readonly delayed: number;
  /**
   * Totals of the segments or tables that had ended by then. Added by a workflow, because by the time this is shown,
   * others have ended, which are counted below as well. Absent in what was seen just now.
   */
  readonly settled?: { readonly items: number; readonly bytes: number };
  /** Totals of the segments or tables under way, since each of them began. */
  readonly items: number;
  readonly bytes: number;
  readonly readUnits: number;
  readonly itemsPerSecond: number;
  readonly readUnitsPerSecond: number;
  /** What is retried or blocked, and why: at most 10, those of the run itself first. */
  readonly delays: readonly Delay[];
  /** How many are not listed. */
  readonly moreDelays: number;
}

interface Delay {
  /** `segment 3`, `table laureates`, `seal`. */
  readonly step: string;
  readonly why: string;
}

const MAX_DELAYS = 10;
/** A worker sends a heartbeat every 5 s; Temporal gives it up after 30 s. */
const SILENT_MS = 15_000;
/** How long after its failure a step that works again is named, so that no one misses it. */
const RETRY_SHOWN_MS = 60_000;

export function workNow(steps: readonly PendingStep[], nowMs: number): WorkNow {
  const sums = { items: 0, bytes: 0, readUnits: 0, itemsPerSecond: 0, readUnitsPerSecond: 0 };
  const counts = { working: 0, waitingForSlot: 0, waitingForRate: 0, delayed: 0 };
  const delays: Delay[] = [];
  for (const step of steps) {
    const { items = 0, bytes = 0, readUnits = 0, perSecond, waiting } = step.heartbeat;
    sums.items += items;
    sums.bytes += bytes;
    sums.readUnits += readUnits;
    const blocked = delayOf(step, nowMs);
    const why = blocked ?? retriedOf(step, nowMs);
    if (why !== undefined) delays.push({ step: step.step, why });
    if (blocked !== undefined) counts.delayed++;
    else if (!step.isRunning) counts.waitingForSlot++;
    else if (waiting?.for === 'read rate') counts.waitingForRate++;
    else counts.working++;
    if (blocked !== undefined || !step.isRunning) continue;
    sums.itemsPerSecond += perSecond?.items ?? 0;
    sums.readUnitsPerSecond += perSecond?.readUnits ?? 0;
  }
  return {
    at: new Date(nowMs).toISOString(),
    ...counts,
    ...sums,
    delays: delays.slice(0, MAX_DELAYS),
    moreDelays: Math.max(0, delays.length - MAX_DELAYS),
  };
}

/** Why a step does not get on; undefined if it does, or only waits for its turn. */
function delayOf(step: PendingStep, nowMs: number): string | undefined {
  const { attempt, isRunning, heartbeat, heartbeatMs, startedMs, nextAttemptMs } = step;
  if (isRunning) {
    const { waiting } = heartbeat;
    const silentMs = nowMs - Math.max(heartbeatMs ?? 0, startedMs ?? 0);
    if (heartbeatMs !== undefined && silentMs >= SILENT_MS)
      return `its worker has not reported for ${duration(silentMs / 1000)}`;
    return waiting === undefined || waiting.for === 'read rate' ? undefined : waiting.why;
  }
  if (attempt === 1) return undefined;
  const waitMs = (nextAttemptMs ?? 0) - nowMs;
  const then = waitMs > 0 ? `in ${duration(waitMs / 1000)}` : 'as soon as a worker is free';
  return `${failureOf(step)}. Attempt ${count(attempt)} begins ${then}`;
}

/** Why a step that works again was retried; undefined if that was a while ago. */
function retriedOf(step: PendingStep, nowMs: number): string | undefined {
  const { attempt, isRunning, startedMs = 0 } = step;
  if (!isRunning || attempt === 1 || nowMs - startedMs > RETRY_SHOWN_MS) return undefined;
  return `${failureOf(step)}. Attempt ${count(attempt)} is running`;
}

/** How the attempt before ended. A lost worker is counted when the next attempt begins. */
function failureOf({ lostWorker, failure, heartbeat: { worker }, isRunning, attempt }: PendingStep): string {
  if (!lostWorker) return (failure ?? 'It failed').replace(/[.\s]+$/, '');
  const isCounted = isRunning && worker?.attempt === attempt;
  const lost = (worker?.lost ?? 0) + (isCounted ? 0 : 1);
  return `its worker died or froze${lost > 1 ? ` (${count(lost)} in a row)` : ''}`;
}

/** What changed if this changes: the reasons, regardless of the seconds they have lasted. */
export function delaysKey({ delays, moreDelays }: Pick<WorkNow, 'delays' | 'moreDelays'>): string {
  const words = delays.map(
    ({ step, why }) => `${step}: ${why.replace(/\d[\d.,]*( (s|min|h|d)\b)?( \d+ (s|min|h)\b)?/g, '#')}`,
  );
  return [...words, moreDelays > 0 ? 'more' : ''].join('\n');
}

/** How many items, or rows, are done, and how long the rest may take. */
export interface ItemsDone {
  readonly done: number;
  /** Of the items that DynamoDB estimates: an estimate can be exceeded, so at most 0.99. */
  readonly share: number | undefined;
  readonly perSecond: number;
  readonly secondsLeft: number | undefined;
}

/**
 * @param settled items of the segments that have ended
 * @param known DynamoDB's count of the table's items, up to six hours old; undefined if not known
 */
export function itemsDone(settled: number, now: WorkNow | undefined, known: number | undefined): ItemsDone {
  const done = settled + (now?.items ?? 0);
  const perSecond = now?.itemsPerSecond ?? 0;
  const left = known === undefined ? 0 : known - done;
  return {
    done,
    share: known === undefined || known === 0 ? undefined : Math.min(0.99, done / known),
    perSecond,
    secondsLeft: left > 0 && perSecond > 0 ? left / perSecond : undefined,
  };
}

/** `1,234 of about 5,000 items (24%), 100 items/s, 40 read units/s, about 38 s left` */
export function itemsText(
  settled: number,
  now: WorkNow,
  known: number | undefined,
  unit: 'items' | 'rows' = 'items',
): string {
  const { done, share, perSecond, secondsLeft } = itemsDone(settled, now, known);
  // Rows are known exactly, from the manifest.
  const of = share === undefined ? '' : ` of ${unit === 'items' ? 'about ' : ''}${count(known ?? 0)}`;
  const percent = share === undefined ? '' : ` (${Math.floor(share * 100)}%)`;
  return [
    `${count(done)}${of} ${unit}${percent}`,
    ...(perSecond > 0 ? [`${count(perSecond)} ${unit}/s`] : []),
    ...(now.readUnitsPerSecond > 0 ? [`${count(now.readUnitsPerSecond)} read units/s`] : []),
    ...(secondsLeft === undefined ? [] : [`about ${duration(secondsLeft)} left`]),
  ].join(', ');
}

/**
 * `5 segments working, 2 waiting for a slot, 1 waiting for the read rate, 1 delayed`; only what there is.
 * @param one what is counted: `segment`, `table` or, default, `step`
 */
export function stepsText(
  { working, waitingForSlot, waitingForRate, delayed }: WorkNow,
  one = 'step',
): string {
  const parts = [
    [working, 'working'],
    [waitingForSlot, 'waiting for a slot'],
    [waitingForRate, 'waiting for the read rate'],
    [delayed, 'delayed'],
  ] as const;
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what], i) => `${i === 0 ? counted(n, one) : count(n)} ${what}`)
    .join(', ');
}

/** One line for each delay: `segment 3: S3 has not answered for 40 s (write s3://…)`. */
export function delayLines({ delays, moreDelays }: WorkNow): string[] {
  return [
    ...delays.map(({ step, why }) => `${step}: ${why}`),
    ...(moreDelays > 0 ? [`and ${count(moreDelays)} more`] : []),
  ];
}
