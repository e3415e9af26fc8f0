import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import { type Service, serverError } from '../../../local/fault-proxy/services.ts';
import type { RefreshResult } from '../../../src/contract/refresh.ts';
import { changesDirectory } from '../../../src/pipeline/changes/change-directory.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Reader } from '../loader/reader.ts';
import { TargetLocks } from '../loader/target-locks.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { waitAtMost, withTimeLimit } from '../waiting.ts';
import { WarehouseFaults } from '../warehouse-faults.ts';
import { crashesOf, WorkerHost } from '../worker-host.ts';
import { startWorkflow } from '../workflow-actions.ts';
import { ChangesOperator } from './changes-operator.ts';
import { type Applied, brokenChangesPromises, isAllApplied, positionsIn } from './changes-promises.ts';
import { type ChangesIncident, type ChangesSchedule, changesScheduleOf, type Event } from './schedule.ts';
import { type ChangesStep, changesStepOf } from './steps.ts';
import { WrittenTable } from './written-table.ts';

const SERVICES: readonly Service[] = ['dynamodb', 's3', 'redshift-data'];
const WORKERS = 2;
const STAGING = 'chaos';
/** Time limit of a statement if one never ends; far longer than an apply takes here. */
const LOAD_LIMIT_SECONDS = 6;
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
  readonly #hosts: WorkerHost[] = [];
  readonly #incidents = new Map<string, number>();
  readonly #moments: Moments<ChangesStep, ChangesIncident>;
  readonly #sleepers = new Set<() => void>();
  readonly #under: Promise<unknown>[] = [];
  readonly #beganMs = Date.now();
  readonly #name: string;
  readonly #warehouse: WarehouseFaults;
  readonly #locks: TargetLocks;
  readonly #table: WrittenTable;
  /** The greatest checkpoint of each shard that live was seen at, and what was seen after it. */
  readonly #seen = new Map<string, number>();
  readonly #backwards: string[] = [];
  #definition!: PipelineDefinition;
  #operator!: ChangesOperator;
  #config = '';
  #log: ChangeLog | undefined;
  #isDown = false;
  #ended = false;
  client!: Client;

  constructor(schedule: ChangesSchedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_c${++schedules}`;
    const { redshiftData, postgres } = options.stack.addresses;
    this.#faults = new ServiceFaults(SERVICES, schedule);
    this.#moments = new Moments(schedule.incidents);
    this.#warehouse = new WarehouseFaults(
      redshiftData.endpoint,
      this.#name,
      `/${this.#pipeline}/changes/_apply/`,
    );
    this.#locks = new TargetLocks(postgres.url, this.#name);
    this.#table = new WrittenTable(options.stack, this.#name, schedule);
  }

  get #stack(): ChaosStack {
    return this.#options.stack;
  }

  get #pipeline(): string {
    return this.#name.replaceAll('_', '-');
  }

  get directoryInS3(): string {
    return changesDirectory({ prefix: STAGING, pipeline: this.#pipeline });
  }

  injected(): Record<string, number> {
    return injectedFaults(
      { faults: this.#faults, warehouse: this.#warehouse, hosts: this.#hosts },
      ...this.#incidents,
      ['changes', this.#table.changes],
    );
  }

  /** Creates the namespace, the table and the configuration. */
  async prepare(): Promise<void> {
    const stack = this.#stack;
    const { s3, redshiftData } = stack.addresses;
    this.client = await stack.clientOf(this.#name);
    this.#operator = new ChangesOperator(this.client, this.#pipeline);
    const written = {
      source: {
        ...{ kind: 'dynamodb', table: this.#name, segments: 2 },
        changes: { kind: 'streams', cutSeconds: 0.3, settleSeconds: 1 },
      },
      staging: { bucket: s3.bucket, prefix: STAGING },
      warehouse: {
        ...{ kind: 'redshift', workgroup: redshiftData.workgroup, database: redshiftData.database },
        ...{ schema: this.#name, iamRole: 'arn:aws:iam::123456789012:role/copy', applySeconds: 1 },
        timeLimits: { loadSeconds: LOAD_LIMIT_SECONDS },
      },
    };
    this.#definition = PipelineDefinition.parse(written);
    this.#config = join(stack.directory, `${this.#name}.yaml`);
    writeFileSync(this.#config, stringify({ pipelines: { [this.#pipeline]: written } }));
    await this.#table.create(this.#schedule.partitions);
    for (let i = 0; i < this.#schedule.items; i++) await this.#table.write(false);
  }

  async run(): Promise<string[]> {
    const { timeLimitSeconds } = this.#options;
    for (let i = 0; i < WORKERS; i++) await this.#startHost();
    await withTimeLimit(this.#refresh(), timeLimitSeconds * 1000, 'the first refresh');
    this.#log = await this.#findLog();
    await this.#warehouse.ask(this.#schedule.warehouse);
    const reader = this.#isQuietForReaders()
      ? new Reader(this.#locks, `"${this.#name}"."${this.#name}"`)
      : undefined;
    const watching = this.#watchPositions();
    const problem = await this.#writeAll().then(
      () => this.#untilApplied(),
      (error: unknown) => `the writes failed: ${String(error)}`,
    );
    if (problem === undefined) await this.#settleDown();
    this.#ended = true;
    await watching;
    await reader?.end();
    if (reader !== undefined) this.#incidents.set('queries of a reader', reader.queries);
    return [
      ...(problem === undefined ? [] : [problem]),
      ...crashesOf(this.#hosts),
      ...(reader?.failures.slice(0, 3) ?? []),
      ...this.#backwards.slice(0, 3),
      ...(await brokenChangesPromises(this.#applied).catch((error: unknown) => [String(error)])),
    ];
  }

  /** A swap and a new column lock the table: only without them does a reader never wait. */
  #isQuietForReaders(): boolean {
    const { grows, events } = this.#schedule;
    return !grows && ![...events.values()].flat().includes('refresh');
  }

  get #applied(): Applied {
    return {
      ...{ stack: this.#stack, pipeline: this.#pipeline, schema: this.#name, definition: this.#definition },
      ...{ table: this.#table, log: this.#log! },
    };
  }

  /** Ends every process, proxy and session, whatever happened. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#isDown = false;
    for (const wake of this.#sleepers) wake();
    await this.#warehouse.takeBack();
    await Promise.allSettled(this.#under);
    await Promise.all(this.#hosts.map((host) => host.kill()));
    await this.#locks.close();
  }

  /** Frees space for the next schedules. */
  async forget(): Promise<void> {
    await this.#stack.sql(`DROP SCHEMA IF EXISTS "${this.#name}" CASCADE`);
  }

  // The table, and what happens to its stream

  async #refresh(): Promise<void> {
    const id = `refresh-${this.#name}-${Date.now()}`;
    const handle = await startWorkflow(this.client, 'refreshWarehouse', id, { pipeline: this.#pipeline });
    const result = (await handle.result()) as RefreshResult;
    if (result.status !== 'replaced') throw new Error(`the run is ${result.status}`);
  }

  async #findLog(): Promise<ChangeLog> {
    const { store } = this.#stack;
    for await (const { key } of store.list(this.directoryInS3)) {
      const epoch = /\/changes\/([0-9a-f]{16})\/epoch\.json$/.exec(key)?.[1];
      if (epoch !== undefined) return { store, at: { prefix: STAGING, pipeline: this.#pipeline, epoch } };
    }
    throw new Error('there is no log');
  }

  async #writeAll(): Promise<void> {
    const { writes, events, pauseMs } = this.#schedule;
    let refreshing: Promise<void> = Promise.resolve();
    for (let number = 1; number <= writes && !this.#ended; number++) {
      for (const event of events.get(number) ?? []) {
        this.#count(event);
        this.#say(event);
        if (event === 'refresh') {
          refreshing = this.#refresh();
          refreshing.catch(() => {});
        } else await this.#event(event);
      }
      await this.#table.write(number > writes / 2);
      await setTimeout(pauseMs);
    }
    await withTimeLimit(refreshing, this.#options.timeLimitSeconds * 1000, 'the refresh');
  }

  async #event(event: Exclude<Event, 'refresh'>): Promise<void> {
    if (event === 'expire') return this.#table.expire();
    if (event !== 'throttle') return this.#table.control(event);
    const error = 'ProvisionedThroughputExceededException';
    return this.#table.control('faults', { operation: 'GetRecords', error, times: 10 });
  }

  // What happens to the workers

  async #startHost(): Promise<void> {
    if (this.#ended) return;
    const { seed, temporal, cold } = this.#schedule;
    const ordinal = this.#hosts.length;
    this.#hosts.push(
      await WorkerHost.start({
        stack: this.#stack,
        namespace: this.#name,
        environment: { TRIBUTARY_CONFIG: this.#config },
        order: { pageItems: 1000, cold, unguarded: this.#options.unguarded },
        temporal: { ...temporal, seed: seed * 100 + ordinal },
        faultFor: (service, call) => this.#faultFor(service, call),
        watch: (host, service, call, moment) => this.#watch(host, service, call, moment),
      }),
    );
  }

  #faultFor(service: Service, call: Call): Fault {
    if (this.#isDown && service === 'redshift-data')
      return { kind: 'refused', refusal: serverError(service) };
    return this.#faults.next(service, call);
  }

  async #watch(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    const step = changesStepOf(service, call);
    if (step === undefined) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count(step, call);
      if (step !== 'describe' && step !== 'read')
        this.#say(`worker ${this.#hosts.indexOf(host)} ${step} ${ordinal}`);
    }
    for (const what of this.#moments.incidentsAt(step, call, when)) await this.#happen(what, host);
  }

  #say(what: string): void {
    this.#options.log?.(`seed ${this.#schedule.seed} +${Date.now() - this.#beganMs} ms: ${what}`);
  }

  #count(kind: string): void {
    this.#incidents.set(kind, (this.#incidents.get(kind) ?? 0) + 1);
  }

  /** Performs an incident. The call that triggered it waits only until a frozen worker resumes. */
  async #happen(what: ChangesIncident, host: WorkerHost): Promise<void> {
    if (this.#ended) return;
    this.#count('what' in what ? `${what.kind} ${what.what}` : what.kind);
    this.#say(JSON.stringify(what));
    const operator = this.#operator;
    const act = (doing: Promise<unknown>) => void this.#under.push(doing.catch(() => {}));
    switch (what.kind) {
      case 'kill':
        // Its connections stay open until its last request is done: a host's death does not undo a request.
        act(host.kill());
        return this.#startHost();
      case 'freeze': {
        host.freeze();
        await this.#asleep(what.milliseconds);
        return host.thaw();
      }
      case 'cut off': {
        host.temporal.silence();
        await this.#asleep(what.milliseconds);
        return host.temporal.speak();
      }
      case 'destination down':
        this.#isDown = true;
        return act(
          this.#asleep(what.milliseconds).then(() => {
            this.#isDown = false;
          }),
        );
      case 'restart':
        return act(operator.restart(what.what));
      case 'reset':
        return act(operator.reset(what.what, what.fraction));
      case 'ask for retry':
        return act(operator.askForRetry());
      case 'pause':
        return act(operator.pauseAndResume());
    }
  }

  #asleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.add(resolve);
    void setTimeout(milliseconds, undefined, { ref: false }).then(resolve);
    return promise.finally(() => this.#sleepers.delete(resolve));
  }

  // Until the end

  /** No position of live ever decreases, through applies and swaps. */
  async #watchPositions(): Promise<void> {
    while (!this.#ended) {
      const positions = await positionsIn(this.#applied).catch(() => []);
      for (const { shard, checkpoint } of positions) {
        const before = this.#seen.get(shard) ?? 0;
        if (checkpoint < before)
          this.#backwards.push(`live went back from checkpoint ${before} of ${shard} to ${checkpoint}`);
        this.#seen.set(shard, Math.max(before, checkpoint));
      }
      await setTimeout(200);
    }
  }

  /** Waits until every change is live, and does what operators do about readers that were terminated. @returns what is wrong, if not */
  async #untilApplied(): Promise<string | undefined> {
    const deadline = Date.now() + this.#options.timeLimitSeconds * 1000;
    while (Date.now() < deadline) {
      const crashes = crashesOf(this.#hosts);
      if (crashes.length > 0) return crashes.join('; ');
      const [follow, apply] = await Promise.all([this.#operator.follow(), this.#operator.apply()]);
      if (apply?.blocked !== undefined) return `applying is blocked: ${JSON.stringify(apply.blocked)}`;
      // It was started before the first refresh had replaced anything, and looks again.
      if (apply?.needsRefresh !== undefined && apply.needsRefresh.code !== 'NothingLive')
        return `changes wait for a refresh: ${JSON.stringify(apply.needsRefresh)}`;
      if (follow !== undefined && follow.failed > 0) {
        const failed = follow.shards.filter(({ state }) => state === 'failed');
        if (!this.#wasTerminated()) return `readers failed: ${JSON.stringify(failed)}`;
        await this.#operator.retryShards().catch(() => {});
      }
      if (follow?.state === 'paused' || apply?.state === 'paused')
        await this.#operator.resume().catch(() => {});
      if (await isAllApplied(this.#applied)) return undefined;
      await setTimeout(300);
    }
    const progress = [await this.#operator.follow(), await this.#operator.apply()];
    return `not everything was applied within ${this.#options.timeLimitSeconds} s: ${JSON.stringify(progress)}`;
  }

  #wasTerminated(): boolean {
    return [...this.#incidents.keys()].some((kind) => /^(restart|reset) /.test(kind));
  }

  /** Workers declared dead resume and do what they can. Then the workflows, all workers and their statements end. */
  async #settleDown(): Promise<void> {
    this.#faults.stop();
    await this.#warehouse.takeBack();
    for (const wake of this.#sleepers) wake();
    await Promise.allSettled(this.#under);
    await waitAtMost(20_000, async () => isAllApplied(this.#applied));
    await this.#operator.stop();
    await Promise.all(this.#hosts.map((host) => host.kill()));
    await waitAtMost(60_000, async () => (await this.#stack.openStatements(this.#name)).length === 0);
  }
}
