import { type Item, sameContent } from '../item.ts';
import { type KeyNames, keyText } from '../item-key.ts';
import type { StreamedTable } from '../streams/stream.ts';
import type { Change } from '../streams/stream-record.ts';
import type { AdjustableClock, TableClocks } from '../table-clocks.ts';
import type { NetChange } from './export-files.ts';

/** The tables with point-in-time recovery: what changed in them since it was enabled, in memory. */
export class Recovery {
  readonly #clocks: Pick<TableClocks, 'of'>;
  readonly #tables = new Map<string, RecoveredTable>();

  constructor(clocks: Pick<TableClocks, 'of'>) {
    this.#clocks = clocks;
  }

  get hasEnabled(): boolean {
    return this.#tables.size > 0;
  }

  /** @param table its name or ARN */
  enabledOf(table: string): RecoveredTable | undefined {
    return this.#tables.get(table.slice(table.lastIndexOf('/') + 1));
  }

  /** If it is enabled already, nothing changes. */
  enable(table: StreamedTable, tableId: string): void {
    if (this.#tables.has(table.name)) return;
    this.#tables.set(table.name, new RecoveredTable(table, tableId, this.#clocks.of(table.name)));
  }

  /** Also when the table is deleted. What was recorded is lost, as on AWS. */
  disable(table: string): void {
    this.#tables.delete(table);
  }
}

interface TimedChange extends Change {
  readonly atMs: number;
  readonly text: string;
}

/** A table from when recovery was enabled for it. */
export class RecoveredTable {
  readonly table: StreamedTable;
  readonly tableId: string;
  readonly keyNames: KeyNames;
  /** Nothing is exported as of an earlier time. */
  enabledAtMs: number;
  /** The table's. */
  readonly clock: AdjustableClock;
  #changes: TimedChange[] = [];

  constructor(table: StreamedTable, tableId: string, clock: AdjustableClock) {
    this.table = table;
    this.tableId = tableId;
    this.keyNames = ['HASH', 'RANGE'].flatMap((type) =>
      table.keySchema.flatMap((each) => (each.KeyType === type ? each.AttributeName : [])),
    );
    this.clock = clock;
    this.enabledAtMs = clock.nowMs();
  }

  /** Recovery begins again: no export is made of what is not known. */
  lose(): void {
    this.#changes = [];
    this.enabledAtMs = this.clock.nowMs();
  }

  record(change: Change): void {
    if (sameContent(change.before, change.after)) return;
    const text = keyText(this.keyNames, change.key)!;
    this.#changes.push({ ...change, text, atMs: this.clock.nowMs() });
  }

  /**
   * The items just before a time.
   * @param later the items at some time after it, between which and now all changes are recorded
   */
  itemsAt(timeMs: number, later: readonly Item[]): Item[] {
    const items = new Map(later.map((item) => [keyText(this.keyNames, item)!, item]));
    const undone = new Set<string>();
    for (const { text, before, atMs } of this.#changes) {
      if (atMs < timeMs || undone.has(text)) continue;
      undone.add(text);
      if (before === undefined) items.delete(text);
      else items.set(text, before);
    }
    return [...items.values()];
  }

  /** What changed from one time, inclusive, to another, exclusive: each item once, unless it is the same at both. */
  netChanges(fromMs: number, toMs: number): NetChange[] {
    const net = new Map<string, NetChange>();
    for (const { key, text, before, after, atMs } of this.#changes) {
      if (atMs < fromMs || atMs >= toMs) continue;
      const earlier = net.get(text);
      net.set(text, {
        key,
        before: earlier === undefined ? before : earlier.before,
        after,
        writtenAtMs: atMs,
      });
    }
    return [...net.values()].filter(({ before, after }) => !sameContent(before, after));
  }
}
