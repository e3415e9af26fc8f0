import { setTimeout } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { type ApplyProgress, applyWorkflowId } from '../../../src/contract/changes/changes.ts';
import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import type { Harness } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { FollowedTable } from './followed-table.ts';
import type { HeldStatements } from './held-statements.ts';

/** A followed table, and what a model of it says that live has to hold. */
export class RefreshedTable extends FollowedTable {
  readonly model = new Map<string, number>();
  readonly #held: HeldStatements;
  #n = 0;

  constructor(harness: Harness, held: HeldStatements) {
    super(harness, { settleSeconds: 1 }, { source: { segments: 2 }, warehouse: { applySeconds: 1 } });
    this.#held = held;
  }

  /** Creates it with these items. */
  async with(ids: readonly string[], partitions = 1): Promise<this> {
    await this.create(partitions);
    for (const id of ids) await this.write(id);
    return this;
  }

  get schema(): string {
    return this.known.schema;
  }

  /** Writes an item with a number greater than all before. */
  async write(id: string): Promise<void> {
    const n = ++this.#n;
    await this.put(id, { n: { N: String(n) } });
    this.model.set(id, n);
  }

  async delete(id: string): Promise<void> {
    await this.remove(id);
    this.model.delete(id);
  }

  /** What live holds: each item's number. */
  async live(schema = this.schema): Promise<Map<string, number>> {
    const rows = await this.harness.sql(`SELECT "id", "n" FROM "${schema}"."${this.table}"`);
    return new Map(rows.map(({ id, n }) => [String(id), Number(n)]));
  }

  /** Waits until live equals the table. */
  async untilEqual(): Promise<void> {
    await until(
      async () => sorted(await this.live()),
      (rows) => JSON.stringify(rows) === JSON.stringify(sorted(this.model)),
    );
  }

  refresh(more: object = {}): Promise<WorkflowHandle> {
    return this.harness.start({ pipeline: this.pipeline, ...more });
  }

  /** Keeps writing until it is stopped. @returns what stops it */
  writing(ids: readonly string[]): () => Promise<void> {
    let stopped = false;
    const work = (async () => {
      for (let i = 0; !stopped; i++) {
        await this.write(ids[i % ids.length] as string);
        await setTimeout(20);
      }
    })();
    return async () => {
      stopped = true;
      await work;
    };
  }

  get destination() {
    return this.harness.client.workflow.getHandle(applyWorkflowId(this.pipeline, 'warehouse'));
  }

  applied(): Promise<ApplyProgress> {
    return this.destination.query<ApplyProgress>(QUERY_PROGRESS);
  }

  /** A run that has begun to catch up, and is held there: an apply to its staging schema is not submitted. */
  async catchingUp() {
    const release = this.#held.hold(`tributary apply changes to ${this.schema}__`);
    await this.write('changed');
    const before = this.#held.count(`tributary apply changes to ${this.schema}__`);
    const handle = await this.refresh();
    // The scan sees it or not; the log has it after the positions that the run begins with.
    const stop = this.writing(['changed']);
    await until(
      async () => this.#held.count(`tributary apply changes to ${this.schema}__`),
      (count) => count > before,
    );
    await stop();
    return { handle, release };
  }
}

export const sorted = (rows: Map<string, number>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
export const numbered = (count: number) => Array.from({ length: count }, (_, n) => `i${n}`);
export const progressOf = (handle: WorkflowHandle) => handle.query<Progress>(QUERY_PROGRESS);
