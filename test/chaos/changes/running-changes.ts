import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import { type Service, serverError } from '../../../local/fault-proxy/services.ts';
import { changesDirectory } from '../../../src/pipeline/changes/change-directory.ts';
import { HeldCall } from '../held-call.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Reader } from '../loader/reader.ts';
import { TargetLocks } from '../loader/target-locks.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { waitAtMost, withTimeLimit } from '../waiting.ts';
import { WarehouseFaults } from '../warehouse-faults.ts';
import { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import { ChangesOperator } from './changes-operator.ts';
import {
  type Followed,
  isAllApplied,
  leftBehind,
  wrongHistory,
  wrongItems,
  wrongLog,
} from './changes-promises.ts';
import { Destinations, type SchemaDestination, SECOND } from './destinations.ts';
import { findLog } from './find-log.ts';
import { perform } from './incidents.ts';
import { LateChange } from './late-write.ts';
import { Outage } from './outage.ts';
import { PositionWatch } from './position-watch.ts';
import { RivalScene } from './rival-scene.ts';
import { type ChangesIncident, type ChangesSchedule, changesScheduleOf } from './schedule.ts';
import { type ChangesStep, changesStepOf } from './steps.ts';
import { TableWrites } from './table-writes.ts';
import { WrittenTable } from './written-table.ts';

const SERVICES: readonly Service[] = ['dynamodb', 's3', 'redshift-data'];
const WORKERS = 2;
/** Without guards, what was lost never arrives. */
const UNGUARDED_WAIT_SECONDS = 25;
/** Each query may replay a workflow from its beginning. */
const CARE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 2_000;
/** How long a look at the positions may take, on a quiet machine. */
const LOOK_SECONDS = 15;
let schedules = 0;

/** The changes of a table, followed and applied. */
export const changes: System = {
  scheduleOf: (seed) => {
    const { events, ...schedule } = changesScheduleOf(seed);
    return { ...schedule, events: Object.fromEntries(events) };
  },
  begin: (seed, options) => new RunningChanges(changesScheduleOf(seed), options),
};

class RunningChanges implements Running {
  readonly #schedule: ChangesSchedule;
  readonly #options: RunOptions;
  readonly #faults: ServiceFaults;
  readonly #fleet: WorkerFleet;
  readonly #moments: Moments<ChangesStep, ChangesIncident>;
  readonly #name: string;
  readonly #warehouse: WarehouseFaults;
  readonly #locks: TargetLocks;
  readonly #table: WrittenTable;
  readonly #destinations: Destinations;
  readonly #watches: readonly PositionWatch[];
  readonly #scene: RivalScene;
  readonly #held: HeldCall;
  readonly #outage = new Outage();
  #operator!: ChangesOperator;
  #followed!: Followed;
  #writes!: TableWrites;
  client!: Client;

  constructor(schedule: ChangesSchedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    const { stack } = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_c${++schedules}`;
    const { redshiftData, postgres } = stack.addresses;
    this.#faults = new ServiceFaults(SERVICES, schedule);
    this.#moments = new Moments(schedule.incidents);
    const copies = `/${this.#pipeline}/changes/_apply/`;
    this.#warehouse = new WarehouseFaults(redshiftData.endpoint, this.#name, copies);
    this.#locks = new TargetLocks(postgres.url, this.#name);
    this.#table = new WrittenTable(stack, this.#name, schedule);
    this.#destinations = new Destinations(stack, this.#name, schedule);
    this.#watches = this.#destinations.schemas.map(({ schema }) => new PositionWatch(stack, schema));
    this.#fleet = new WorkerFleet({
      ...{ namespace: this.#name, conditions: schedule, run: options },
      faultFor: (service, call) => this.#faultFor(service, call),
      watch: async (host, service, call, when) => {
        await this.#meets(host, service, call, when);
        await this.#held[when](service, call, host);
      },
    });
    this.#scene = new RivalScene({
      ...{ stack, table: this.#table, fleet: this.#fleet, watch: this.#watches[0]!, locks: this.#locks },
      operator: () => this.#operator,
      over: () => this.#held.over,
    });
    this.#held = new HeldCall(new LateChange(schedule.lateWrite, this.#scene), stack.patience);
  }

  get #pipeline(): string {
    return this.#name.replaceAll('_', '-');
  }

  get directoryInS3(): string {
    return changesDirectory({ prefix: this.#destinations.staging, pipeline: this.#pipeline });
  }

  injected(): Record<string, number> {
    const { what, by } = this.#schedule.lateWrite;
    const late = `late ${what} by ${by}`;
    return injectedFaults(
      { faults: this.#faults, warehouse: this.#warehouse, hosts: this.#fleet.hosts },
      ...this.#fleet.incidents,
      ['changes', this.#table.changes],
      [this.#held.state === 'arrived' ? late : `${late} that did not happen`, 1],
    );
  }

  /** Creates the namespace, the table and the configuration. */
  async prepare(): Promise<void> {
    const { stack } = this.#options;
    this.client = await stack.clientOf(this.#name);
    this.#operator = new ChangesOperator(this.client, this.#pipeline, this.#destinations.names);
    this.#fleet.config = join(stack.directory, `${this.#name}.yaml`);
    this.#configure();
    await this.#table.create(this.#schedule.partitions);
    for (let i = 0; i < this.#schedule.items; i++) await this.#table.write(false);
  }

  #configure(without?: string): void {
    const { config } = this.#fleet;
    writeFileSync(config, stringify(this.#destinations.configuration(this.#pipeline, without)));
  }

  async run(): Promise<string[]> {
    const { stack, timeLimitSeconds } = this.#options;
    for (let i = 0; i < WORKERS; i++) await this.#fleet.start();
    await this.#operator.startAll();
    const copies = this.#destinations.schemas.map(({ name }) => this.#operator.refresh(name));
    await withTimeLimit(Promise.all(copies), timeLimitSeconds * 1000, 'the first refresh');
    this.#fleet.say('live');
    const log = await findLog(stack.store, { prefix: this.#destinations.staging, pipeline: this.#pipeline });
    this.#followed = { stack, pipeline: this.#pipeline, table: this.#table, log };
    this.#writes = new TableWrites({
      ...{ schedule: this.#schedule, followed: this.#followed, operator: this.#operator },
      ...{ fleet: this.#fleet, held: this.#held, outage: this.#outage, warehouse: this.#warehouse },
      ...{ watch: this.#watches[0]!, secondSchema: `second_${this.#name}`, timeLimitSeconds },
      unconfigure: (destination) => this.#configure(destination),
    });
    this.#scene.isSet = true;
    const reader = this.#isQuietForReaders()
      ? new Reader(this.#locks, `"${this.#name}"."${this.#name}"`)
      : undefined;
    const isOver = () => this.#fleet.isEnded;
    const watching = this.#watches.map((watch) => watch.until(isOver));
    const caring = this.#care();
    const problem = await this.#writes.run().then(
      () => {
        this.#fleet.say('all is written');
        return this.#untilApplied();
      },
      (error: unknown) => `the writes failed: ${String(error)}`,
    );
    this.#fleet.say(problem ?? 'all is applied');
    if (problem === undefined) await this.#settleDown();
    this.#fleet.isEnded = true;
    this.#fleet.say('ended');
    await Promise.all([...watching, caring]);
    await reader?.end();
    this.#fleet.count('queries of a reader', reader?.queries ?? 0);
    return [
      ...(problem === undefined ? [] : [problem]),
      ...this.#fleet.crashes,
      ...(reader?.failures.slice(0, 3) ?? []),
      ...this.#backwards.slice(0, 3),
      ...this.#writes.broken,
      ...(await this.#brokenPromises().catch((error: unknown) => [String(error)])),
    ];
  }

  get #backwards(): string[] {
    return this.#watches.flatMap(({ backwards }) => backwards);
  }

  /** Those that have not been removed. */
  get #schemas(): SchemaDestination[] {
    return this.#destinations.schemas.filter(({ name }) => name !== SECOND || !this.#writes.isSecondRemoved);
  }

  async #brokenPromises(): Promise<string[]> {
    const { history } = this.#destinations;
    const broken = [await wrongLog(this.#followed)];
    for (const schema of this.#schemas) broken.push(await wrongItems(this.#followed, schema));
    if (history !== undefined) broken.push(await wrongHistory(this.#followed, history));
    for (const { schema } of this.#destinations.schemas)
      broken.push(await leftBehind(this.#options.stack, schema));
    return broken.flat();
  }

  /** A swap and a new column lock the table: only without them does a reader never wait. */
  #isQuietForReaders(): boolean {
    const { grows, events, lateWrite } = this.#schedule;
    const isSwapped = [...events.values()].flat().includes('refresh');
    return !grows && !isSwapped && !(lateWrite.what === 'apply' && lateWrite.isSwapped);
  }

  /** Ends every process, proxy and session, whatever happened. */
  async end(): Promise<void> {
    this.#outage.end();
    this.#outage.end(`second_${this.#name}`);
    this.#held.giveUp();
    await this.#warehouse.takeBack();
    await this.#fleet.end();
    await this.#locks.close();
  }

  /** Frees space for the next schedules. */
  async forget(): Promise<void> {
    for (const { schema } of this.#destinations.schemas)
      await this.#options.stack.sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  }

  // What happens to the workers

  #faultFor(service: Service, call: Call): Fault {
    if (this.#outage.hits(service, call)) return { kind: 'refused', refusal: serverError(service) };
    // A rival that repeats its write after a lost response would undo what the late write did.
    const isRival = this.#held.isUnderWay && changesStepOf(service, call) !== undefined;
    if (isRival || this.#held.claims(service, call)) return { kind: 'none' };
    return this.#faults.next(service, call);
  }

  async #meets(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    const step = changesStepOf(service, call);
    if (step === undefined) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count(step, call);
      if (step !== 'describe' && step !== 'read')
        this.#fleet.say(`worker ${this.#fleet.hosts.indexOf(host)} ${step} ${ordinal}`);
    }
    if (this.#held.isUnderWay || this.#held.claims(service, call)) return;
    for (const what of this.#moments.incidentsAt(step, call, when)) {
      const parts = { fleet: this.#fleet, operator: this.#operator, outage: this.#outage };
      await perform(what, host, parts);
    }
  }

  // Until the end

  /** Does what operators do about readers that were terminated, and about pauses. */
  async #care(): Promise<void> {
    for (; !this.#fleet.isEnded; await setTimeout(CARE_EVERY_MS)) {
      if (!this.#wasTerminated() && !this.#fleet.hasCounted(/^pause$/)) continue;
      const [follow, applies] = await Promise.all([this.#operator.follow(), this.#operator.applies()]);
      if (follow !== undefined && follow.failed > 0 && this.#wasTerminated())
        await this.#operator.retryShards().catch(() => {});
      if ([follow, ...applies].some((each) => each?.state === 'paused'))
        await this.#operator.resume().catch(() => {});
    }
  }

  /** Waits until every change is everywhere. @returns what is wrong, if not */
  async #untilApplied(): Promise<string | undefined> {
    const { stack, unguarded, timeLimitSeconds } = this.#options;
    const seconds = unguarded ? UNGUARDED_WAIT_SECONDS * stack.patience : timeLimitSeconds;
    const deadline = Date.now() + seconds * 1000;
    for (let lookAtMs = 0; Date.now() < deadline; await setTimeout(300)) {
      if (this.#fleet.crashes.length > 0 || this.#backwards.length > 0)
        return 'it was not waited for the end';
      if (await this.#isDone()) return undefined;
      if (Date.now() < lookAtMs) continue;
      lookAtMs = Date.now() + LOOK_EVERY_MS;
      const [follow, applies] = await Promise.all([this.#operator.follow(), this.#operator.applies()]);
      for (const { destination, blocked, needsRefresh } of applies) {
        if (blocked !== undefined) return `applying to ${destination} is blocked: ${JSON.stringify(blocked)}`;
        // It was started before the first refresh had replaced anything, and looks again.
        if (needsRefresh !== undefined && needsRefresh.code !== 'NothingLive')
          return `changes wait for a refresh of ${destination}: ${JSON.stringify(needsRefresh)}`;
      }
      if (follow !== undefined && follow.failed > 0 && !this.#wasTerminated()) {
        const failed = follow.shards.filter(({ state }) => state === 'failed');
        return `readers failed: ${JSON.stringify(failed)}`;
      }
    }
    const progress = [await this.#operator.follow(), ...(await this.#operator.applies())];
    return `not everything was applied within ${seconds} s: ${JSON.stringify(progress)}`;
  }

  /** Every change is in the log, in every schema and in the files. */
  async #isDone(): Promise<boolean> {
    const left = new Set(this.#schemas.map(({ schema }) => schema));
    const watches = this.#watches.filter(({ schema }) => left.has(schema));
    // A query that waits for a lock must not outlast the schedule's time limit.
    const isApplied = await withTimeLimit(
      isAllApplied(
        this.#followed,
        watches.map((watch) => () => watch.positions()),
      ),
      LOOK_SECONDS * 1000 * this.#options.stack.patience,
      'a look at the positions',
    ).catch(() => false);
    const { history } = this.#destinations;
    return isApplied && (history === undefined || (await wrongHistory(this.#followed, history)).length === 0);
  }

  #wasTerminated(): boolean {
    return this.#fleet.hasCounted(/^(?:restart|reset) /) || / shard$/.test(this.#schedule.lateWrite.by);
  }

  /** Workers declared dead resume and do what they can. Then the workflows, all workers and their statements end. */
  async #settleDown(): Promise<void> {
    this.#faults.stop();
    await this.#warehouse.takeBack();
    await this.#fleet.settle();
    await waitAtMost(20_000, () => this.#isDone());
    await this.#operator.stop();
    await this.#fleet.release();
    await waitAtMost(60_000, async () => {
      const open = await this.#options.stack.openStatements(this.#name);
      return open.length === 0;
    });
  }
}
