import type { ApplyRoundInput, ApplyRoundResult } from '../../../contract/changes/apply-activities.ts';
import type { HistoryLines } from '../../../pipeline/history/history-lines.ts';
import { counted } from '../../../pipeline/text/measures.ts';
import { HistoryWriter, moveHistoryCursor, writeHistoryGap } from '../../../store/changes/history-files.ts';
import { listEpochs, readGaps, readLogCheckpoint } from '../../../store/changes/log-files.ts';
import { readRecords } from '../../../store/changes/record-files.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import { ActivityRecord } from '../../runtime/activity-record.ts';
import type { ApplyTurns } from '../../runtime/apply-turns.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { whileHeartbeating } from '../../runtime/heartbeat.ts';
import { wait } from '../../runtime/wait.ts';
import type { HistoryDestination } from './open-history.ts';
import { lagOf, type WaitingShard, waitingShards } from './waiting-log.ts';

/** How often a quiet log is looked at. */
const LOOK_EVERY_MS = 5_000;
/** Shards whose checkpoints are written at once. A checkpoint has at most `changes.cutBytes`, so this bounds memory. */
const SHARDS_AT_ONCE = 4;
/** A round ends after so many bytes of the log, or this time, so that the workflow sees progress. */
const ROUND_BYTES = 64 * 1024 * 1024;
const ROUND_MS = 30_000;

type Input = Pick<ApplyRoundInput, 'pipeline' | 'destination' | 'atMostSeconds' | 'dueInSeconds'>;

/**
 * Writes what the log has to a history: one file per checkpoint and day. Waits until there is something.
 *
 * The files of a checkpoint are written first, each only if it does not exist, then the shard's cursor. Whatever is
 * interrupted is written again under the same keys, so every change is there once. Changes that were lost are noted in a
 * file, and the history continues behind them: no refresh can bring them back.
 * @throws Terminal `FileMissing`, `DamagedFile`, `HashKeyMissing`; Transient `WorkerStopping`
 */
export function historyRound(
  deps: Dependencies,
  turns: ApplyTurns,
  destination: HistoryDestination,
  { pipeline, atMostSeconds, dueInSeconds = 0 }: Input,
): Promise<ApplyRoundResult> {
  let doing = `waiting for changes of ${pipeline}`;
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const startedMs = deps.nowMs();
      const untilMs = startedMs + atMostSeconds * 1000;
      const pause = (ms: number) => wait(ms, deps, 'waits for changes', signal);
      if (dueInSeconds > 0) await pause(dueInSeconds * 1000);
      for (;;) {
        const waiting = await waitingShards(destination, signal);
        if (waiting.length > 0) {
          const round = new HistoryRound(deps, destination, signal);
          doing = `writing changes of ${counted(waiting.length, 'shard')}`;
          const endTurn = await turns.take(signal);
          try {
            return await round.run(waiting);
          } finally {
            endTurn();
          }
        }
        const leftMs = untilMs - deps.nowMs();
        if (leftMs <= 0) return { lag: { seconds: 0, bytes: 0, count: 0 } };
        await pause(Math.min(leftMs, LOOK_EVERY_MS));
      }
    },
  );
}

class HistoryRound {
  readonly #deps: Dependencies;
  readonly #of: HistoryDestination;
  readonly #signal: AbortSignal;
  readonly #startedMs: number;
  readonly #record = ActivityRecord.current();
  readonly #linesOf = new Map<string, HistoryLines>();
  #bytes = 0;
  #changes = 0;
  #lines = 0;

  constructor(deps: Dependencies, destination: HistoryDestination, signal: AbortSignal) {
    this.#deps = deps;
    this.#of = destination;
    this.#signal = signal;
    this.#startedMs = deps.nowMs();
  }

  async run(waiting: readonly WaitingShard[]): Promise<ApplyRoundResult> {
    await this.#noteGaps();
    const left: WaitingShard[] = [];
    await forEachLimited(waiting, SHARDS_AT_ONCE, async (shard) => {
      const written = await this.#write(shard);
      if (written < shard.numbers.length) left.push({ ...shard, numbers: shard.numbers.slice(written) });
    });
    const nowMs = this.#deps.nowMs();
    return {
      applied: {
        ...{ at: new Date(nowMs).toISOString(), seconds: (nowMs - this.#startedMs) / 1000 },
        ...{ changes: this.#changes, keys: 0, rows: this.#lines, setAside: 0 },
      },
      lag: await lagOf(left, nowMs, this.#signal),
    };
  }

  get #isFull(): boolean {
    return this.#bytes >= ROUND_BYTES || this.#deps.nowMs() - this.#startedMs >= ROUND_MS;
  }

  /** @returns how many checkpoints were written; the cursor is behind them */
  async #write({ log, epoch, shard, cursor, numbers }: WaitingShard): Promise<number> {
    let written = 0;
    let ended = false;
    let failure: { readonly error: unknown } | undefined;
    for (const number of numbers) {
      if (this.#isFull) break;
      try {
        ended = await this.#checkpoint({ log, epoch, shard }, number);
      } catch (error) {
        // What was written before it counts.
        failure = { error };
        break;
      }
      written++;
      this.#record.advance();
    }
    if (written > 0 && !this.#signal.aborted) {
      const to = { epoch: epoch.epoch, shard, number: numbers[written - 1] as number, ended };
      await moveHistoryCursor(this.#of.history, to, cursor, this.#signal);
    }
    if (failure !== undefined) throw failure.error;
    return written;
  }

  /** @returns whether it ends the shard */
  async #checkpoint(
    { log, epoch, shard }: Pick<WaitingShard, 'log' | 'epoch' | 'shard'>,
    number: number,
  ): Promise<boolean> {
    const signal = this.#signal;
    const checkpoint = await readLogCheckpoint(log, shard, number, signal);
    const writer = new HistoryWriter(this.#linesFor(epoch));
    try {
      for await (const records of readRecords(log, checkpoint, signal)) await writer.take(records, shard);
      const { lines } = writer;
      await writer.write(this.#of.history, { epoch: epoch.epoch, shard, number }, signal);
      this.#lines += lines;
    } finally {
      writer.discard();
    }
    this.#changes += checkpoint.file?.records ?? 0;
    this.#bytes += checkpoint.file?.bytes ?? 0;
    return checkpoint.ended;
  }

  /** Before the changes behind them. */
  async #noteGaps(): Promise<void> {
    const { log, pipeline, history } = this.#of;
    const at = { prefix: log.prefix, pipeline };
    for (const epoch of await listEpochs(log.store, at, this.#signal))
      for (const gap of await readGaps({ store: log.store, at: { ...at, epoch } }, undefined, this.#signal))
        await writeHistoryGap(history, epoch, gap, this.#signal);
  }

  #linesFor({ epoch, key }: WaitingShard['epoch']): HistoryLines {
    const lines = this.#linesOf.get(epoch) ?? this.#of.lines(key);
    this.#linesOf.set(epoch, lines);
    return lines;
  }
}
