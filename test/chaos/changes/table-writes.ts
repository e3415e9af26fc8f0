import { setTimeout } from 'node:timers/promises';
import type { HeldCall } from '../held-call.ts';
import { waitAtMost, withTimeLimit } from '../waiting.ts';
import type { WarehouseFaults } from '../warehouse-faults.ts';
import type { WorkerFleet } from '../worker-fleet.ts';
import type { ChangesOperator } from './changes-operator.ts';
import { type Followed, isAllApplied, isAllRecorded } from './changes-promises.ts';
import { SECOND } from './destinations.ts';
import type { Outage } from './outage.ts';
import type { PositionWatch } from './position-watch.ts';
import type { ChangesSchedule, Event } from './schedule.ts';

/** Until the late write is over, its rival must have something to do, but not too much. */
const HELD_PAUSE_MS = 1_000;
/** Writes that do not wait for it. */
const EAGER_WRITES = 20;
const OTHERS_LIMIT_MS = 60_000;

interface Parts {
  readonly schedule: ChangesSchedule;
  readonly followed: Followed;
  readonly operator: ChangesOperator;
  readonly fleet: WorkerFleet;
  readonly held: HeldCall;
  readonly outage: Outage;
  readonly warehouse: WarehouseFaults;
  /** Watches the schema of the first destination. */
  readonly watch: PositionWatch;
  /** The schema of the second one. */
  readonly secondSchema: string;
  readonly timeLimitSeconds: number;
  /** Removes a destination from the configuration. */
  readonly unconfigure: (destination: string) => void;
}

/** The writes of a schedule, and what happens between them. */
export class TableWrites {
  readonly #parts: Parts;
  /** Events whose number has come, and that wait until the late write is over. */
  readonly #waiting: Event[] = [];
  readonly broken: string[] = [];
  isSecondRemoved = false;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Writes until all is written and the late write is over. */
  async run(): Promise<void> {
    const { schedule, followed, fleet, held, warehouse, timeLimitSeconds } = this.#parts;
    const { writes, events, pauseMs } = schedule;
    const deadline = Date.now() + timeLimitSeconds * 1000;
    let areAsked = false;
    for (let number = 1; number <= writes || !held.isOver || this.#waiting.length > 0; number++) {
      if (fleet.isEnded || Date.now() > deadline) break;
      this.#waiting.push(...(events.get(number) ?? []));
      if (held.isOver && !areAsked) {
        areAsked = true;
        await warehouse.ask(schedule.warehouse);
      }
      await this.#performDue();
      const isEager = held.isOver || number < EAGER_WRITES;
      // A refresh that is to be held would only have more to catch up with.
      const isAwaited = schedule.lateWrite.what === 'swap' && held.state === 'not met' && !isEager;
      if (!isAwaited) await followed.table.write(number > writes / 2);
      await setTimeout(isEager ? pauseMs : HELD_PAUSE_MS);
    }
    await withTimeLimit(this.#refreshing, timeLimitSeconds * 1000, 'the refresh');
    if (held.problem !== undefined) fleet.say(`no late write: ${held.problem}`);
  }

  /** What happens to the stream must not decide whether the late write does harm, so it waits. */
  async #performDue(): Promise<void> {
    const { held, schedule, fleet } = this.#parts;
    const isDue = (event: Event) =>
      held.isOver || (event === 'refresh' && schedule.lateWrite.what === 'swap');
    for (const event of this.#waiting.filter(isDue)) {
      this.#waiting.splice(this.#waiting.indexOf(event), 1);
      fleet.count(event);
      fleet.say(event);
      await this.#perform(event);
    }
  }

  async #perform(event: Event): Promise<void> {
    const { followed, operator, outage, watch, secondSchema, unconfigure } = this.#parts;
    const { table } = followed;
    switch (event) {
      case 'expire':
        return table.expire();
      case 'split':
      case 'roll':
        return table.control(event);
      case 'throttle': {
        const error = 'ProvisionedThroughputExceededException';
        return table.control('faults', { operation: 'GetRecords', error, times: 3 });
      }
      case 'trim':
        return this.#trim();
      case 'refresh':
        this.#refreshing = operator.refresh('warehouse');
        this.#refreshing.catch(() => {});
        return;
      case 'rollback':
        await this.#refreshing;
        return watch.whileRestoring(() => operator.rollback());
      case 'second down':
        return outage.begin(secondSchema);
      case 'second up':
        await this.#untilFirstIsServed();
        return outage.end(secondSchema);
      case 'second removed':
        this.isSecondRemoved = true;
        await operator.remove(SECOND);
        return unconfigure(SECOND);
    }
  }

  /** Records that the log has are gone, but for the last of each shard: a reader resumes after it. */
  async #trim(): Promise<void> {
    const { followed } = this.#parts;
    const { table } = followed;
    await waitAtMost(5_000, () => isAllRecorded(followed));
    if (await isAllRecorded(followed)) await table.control('trim', { table: table.name, keep: 1 });
  }

  /** A destination that is down delays no other. */
  async #untilFirstIsServed(): Promise<void> {
    const { followed, watch } = this.#parts;
    const isServed = () => isAllApplied(followed, [() => watch.positions()]).catch(() => false);
    await waitAtMost(OTHERS_LIMIT_MS * followed.stack.patience, isServed);
    if (!(await isServed())) this.broken.push('a destination that was down delayed another one');
  }
}
