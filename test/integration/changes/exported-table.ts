import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import type { ChangeRecord } from '../../../src/pipeline/changes/change-record.ts';
import { epochId } from '../../../src/pipeline/changes/epoch-id.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { setRecovery } from '../exports/table.ts';
import type { Harness, Overrides } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { FollowedTable, type RecordedShard } from './followed-table.ts';

/** Longer than the shortest window and the five minutes within which nothing can be exported. */
const PAST_A_WINDOW = 21 * 60;

/** A table with point-in-time recovery, and a pipeline that follows it by exports. Tests move the table's clock. */
export class ExportedTable extends FollowedTable {
  readonly model = new Map<string, number>();
  #offsetSeconds = 0;
  #n = 0;

  constructor(harness: Harness, changes: Record<string, unknown> = {}, overrides: Overrides = {}) {
    super(
      harness,
      {},
      {
        ...overrides,
        source: { changes: { kind: 'exports', settleSeconds: 1, ...changes }, ...overrides.source },
        warehouse: { applySeconds: 1, ...overrides.warehouse },
      },
    );
  }

  async begin(): Promise<this> {
    await this.create(1, 'none');
    await this.setRecovery(true);
    return this;
  }

  async setRecovery(isEnabled: boolean): Promise<void> {
    await setRecovery(this.harness.dynamodb, this.table, isEnabled);
  }

  /** The table's clock is moved ahead, by a window and what cannot be exported yet. */
  async pass(seconds = PAST_A_WINDOW): Promise<void> {
    this.#offsetSeconds += seconds;
    await this.control('clock', { offsetSeconds: this.#offsetSeconds });
  }

  /** Writes an item with a number greater than all before. */
  async write(id: string, more: Record<string, unknown> = {}): Promise<void> {
    const n = ++this.#n;
    await this.put(id, { n: { N: String(n) }, ...more });
    this.model.set(id, n);
  }

  async erase(id: string): Promise<void> {
    await this.remove(id);
    this.model.delete(id);
  }

  async tableId(): Promise<string> {
    return (await this.harness.dependencies.source.describe(this.table)).tableId as string;
  }

  /** @param generation how often the pipeline has followed exports */
  override async log(generation = 1): Promise<ChangeLog> {
    return this.logOf(epochId({ tableId: await this.tableId(), generation }));
  }

  /** Waits until so many windows are in the log to their end. */
  untilWindows(count: number, log?: ChangeLog): Promise<RecordedShard[]> {
    return until(
      () => this.recorded(log),
      (shards) => shards.filter(({ checkpoints }) => checkpoints.at(-1)?.ended === true).length >= count,
    );
  }

  /** Refreshes the pipeline. A run that scans waits until the log has what happened up to the end of its scan. */
  async refresh(): Promise<void> {
    const handle = await this.harness.start({ pipeline: this.pipeline });
    await until(
      async () => ({
        progress: await handle.query<Progress, []>(QUERY_PROGRESS),
        // If the log had it already, the run did not wait.
        status: (await handle.describe()).status.name,
      }),
      ({ progress, status }) => progress.catchUp !== undefined || status !== 'RUNNING',
    );
    await this.pass();
    const { status } = await handle.result();
    if (status !== 'replaced') throw new Error(`the run is ${status}`);
  }

  /** What live holds: each item's number. */
  async live(): Promise<Map<string, number>> {
    const rows = await this.harness.sql(`SELECT "id", "n" FROM "${this.known.schema}"."${this.table}"`);
    return new Map(rows.map(({ id, n }) => [String(id), Number(n)]));
  }

  /** Waits until live equals the table. */
  async untilEqual(): Promise<void> {
    const wanted = JSON.stringify(sorted(this.model));
    await until(
      async () => JSON.stringify(sorted(await this.live())),
      (rows) => rows === wanted,
    );
  }
}

const sorted = (rows: Map<string, number>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

/** `INSERT a`, for each record of some windows. */
export const kindsOf = (records: readonly ChangeRecord[]): string[] =>
  records.map(({ kind, key }) => `${kind} ${(key.id as { S: string }).S}`).sort();
