import { setTimeout } from 'node:timers/promises';
import { positionsOf, positionsQuery } from '../../../src/pipeline/load/positions.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import type { TargetLocks } from '../loader/target-locks.ts';
import type { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import type { ChangesOperator } from './changes-operator.ts';
import type { Scene, ShardPlace } from './late-write.ts';
import type { PositionWatch } from './position-watch.ts';
import type { LateWrite } from './schedule.ts';
import type { WrittenTable } from './written-table.ts';

const LONGEST_WAIT_MS = 230_000;

interface Parts {
  readonly stack: ChaosStack;
  readonly table: WrittenTable;
  readonly fleet: WorkerFleet;
  /** Watches the schema that is disturbed. */
  readonly watch: PositionWatch;
  readonly locks: TargetLocks;
  readonly operator: () => ChangesOperator;
  /** When the late write was done, or given up. */
  readonly over: () => Promise<void>;
}

/** A schedule of changes as its late write sees it. */
export class RivalScene implements Scene {
  readonly #parts: Parts;
  isSet = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get schema(): string {
    return this.#parts.watch.schema;
  }

  untilRecords = (shard: string, moreThan: number) =>
    this.#until(async () => ((await this.#parts.table.recordsByShard()).get(shard) ?? 0) > moreThan);

  async bringRival(by: LateWrite['by'], host: WorkerHost, place?: ShardPlace): Promise<void> {
    const { fleet, over } = this.#parts;
    const operator = this.#parts.operator();
    switch (by) {
      case 'reset shard':
        return operator.resetShard(operator.shardId(place!));
      case 'restart shard':
        return operator.restartShard(operator.shardId(place!));
      case 'reset apply':
        return operator.reset('apply', 0);
      case 'restart apply':
        return operator.restart('apply');
      case 'kill':
      case 'freeze':
      case 'cut off':
        return fleet.meet(by, host, over());
    }
  }

  untilLiveIsAhead = (of: ReadonlyMap<string, number>) =>
    this.#until(async () => {
      const positions = await this.#parts.watch.positions();
      return positions.some(
        ({ shard, checkpoint }) => checkpoint > (of.get(shard) ?? Number.POSITIVE_INFINITY),
      );
    });

  async positionsOf(schema: string): Promise<ReadonlyMap<string, number>> {
    const [rows = []] = await this.#parts.stack.sql(positionsQuery(schema));
    return new Map(positionsOf(rows).map(({ shard, checkpoint }) => [shard, checkpoint]));
  }

  refresh = () => this.#parts.operator().refresh('warehouse');

  async lookAtPositions(): Promise<void> {
    const { stack, watch, locks } = this.#parts;
    const writes = [`tributary apply changes to ${this.schema}`, `tributary replace ${this.schema}`];
    await this.#until(async () => {
      const open = await stack.openStatements(this.schema);
      return !open.some((name) => writes.includes(name)) && !(await locks.isLocked('_tributary_positions'));
    });
    await watch.look();
  }

  async #until(condition: () => Promise<boolean>): Promise<void> {
    for (
      const endMs = Date.now() + LONGEST_WAIT_MS * this.#parts.stack.patience;
      !(await condition());
      await setTimeout(100)
    )
      if (this.#parts.fleet.isEnded || Date.now() > endMs) throw new Error('the rival did not arrive');
  }
}
