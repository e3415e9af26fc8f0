import type { ObjectStore } from '../../clients/object-store.ts';
import type { ChangeRecord } from '../../pipeline/changes/change-record.ts';
import type { Gap } from '../../pipeline/changes/log-documents.ts';
import {
  allCursorsDirectory,
  cursorKey,
  cursorOf,
  cursorsDirectory,
  dayOf,
  type HistoryCursor,
  type HistoryLocation,
  historyGapKey,
  historyKey,
} from '../../pipeline/history/history-directory.ts';
import type { HistoryLines } from '../../pipeline/history/history-lines.ts';
import { JSON_FILE } from '../document.ts';
import { PartBuffer } from '../part-buffer.ts';

/** A destination that keeps every change, in one bucket. */
export interface History {
  readonly store: ObjectStore;
  readonly at: HistoryLocation;
}

const GZIP = { contentType: 'application/gzip' } as const;

/** The lines of one checkpoint while they are gathered, by day. */
export class HistoryWriter {
  readonly #lines: HistoryLines;
  readonly #days = new Map<string, PartBuffer>();

  constructor(lines: HistoryLines) {
    this.#lines = lines;
  }

  get lines(): number {
    return [...this.#days.values()].reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Takes some changes of a shard, in order. */
  async take(records: readonly ChangeRecord[], shard: string): Promise<void> {
    for (const record of records) {
      const line = this.#lines.of(record, shard);
      if (line === undefined) continue;
      const day = dayOf(record.at);
      const buffer = this.#days.get(day) ?? new PartBuffer('gzip');
      this.#days.set(day, buffer);
      buffer.append(`${JSON.stringify(line)}\n`, 1);
    }
    for (const buffer of this.#days.values()) await buffer.drain();
  }

  /**
   * Writes the files of one checkpoint. A file that exists is left alone: it has the same changes, whichever attempt wrote it. So it does
   * not matter where an earlier attempt stopped.
   */
  async write(
    { store, at }: History,
    place: Omit<HistoryCursor, 'ended'>,
    signal: AbortSignal,
  ): Promise<void> {
    for (const [day, buffer] of this.#days)
      await store.putNew(historyKey(at, day, place), await buffer.finish(), { signal, ...GZIP });
  }

  /** Releases what it holds. */
  discard(): void {
    for (const buffer of this.#days.values()) buffer.discard();
  }
}

/** Notes in a history that changes were lost. */
export async function writeHistoryGap(
  { store, at }: History,
  epoch: string,
  gap: Gap,
  signal: AbortSignal,
): Promise<void> {
  await store.putNew(historyGapKey(at, epoch, gap.id), JSON.stringify(gap), { signal, ...JSON_FILE });
}

/**
 * How far each shard of an epoch is written, by shard: its highest cursor. A writer that was presumed dead may add a lower
 * one, which changes nothing.
 */
export async function historyCursors(
  { store, at }: History,
  epoch: string,
  signal?: AbortSignal,
): Promise<Map<string, HistoryCursor>> {
  const highest = new Map<string, HistoryCursor>();
  for await (const { key } of store.list(cursorsDirectory(at, epoch), { signal })) {
    const cursor = cursorOf(key);
    if (cursor !== undefined && cursor.number > (highest.get(cursor.shard)?.number ?? 0))
      highest.set(cursor.shard, cursor);
  }
  return highest;
}

/** The keys of old cursors of shards that have left the log. @param logged the shards that it has */
export async function leftCursors(
  { store, at }: History,
  epoch: string,
  { logged, olderThanMs }: { readonly logged: ReadonlySet<string>; readonly olderThanMs: number },
  signal: AbortSignal,
): Promise<string[]> {
  const left: string[] = [];
  for await (const { key, modifiedMs = Number.POSITIVE_INFINITY } of store.list(cursorsDirectory(at, epoch), {
    signal,
  })) {
    const cursor = cursorOf(key);
    if (cursor !== undefined && !logged.has(cursor.shard) && modifiedMs < olderThanMs) left.push(key);
  }
  return left;
}

/** Deletes all cursors: the history begins again, with what the log has. What it has written already is not written again. */
export async function removeCursors({ store, at }: History, signal: AbortSignal): Promise<void> {
  for await (const { key } of store.list(allCursorsDirectory(at), { signal }))
    await store.delete([key], { signal });
}

/** Moves a shard's cursor, once all files up to it are written. */
export async function moveHistoryCursor(
  { store, at }: History,
  to: HistoryCursor,
  from: HistoryCursor | undefined,
  signal: AbortSignal,
): Promise<void> {
  await store.put(cursorKey(at, to), '', { signal });
  if (from !== undefined && from.number < to.number) await store.delete([cursorKey(at, from)], { signal });
}
