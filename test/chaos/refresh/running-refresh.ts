import { setTimeout } from 'node:timers/promises';
import { DeleteTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import { accessDenied, type Service } from '../../../local/fault-proxy/services.ts';
import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { createMarker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { statementName } from '../statement-name.ts';
import { waitAtMost, withTimeLimit } from '../waiting.ts';
import { WarehouseFaults } from '../warehouse-faults.ts';
import { crashesOf, WorkerHost } from '../worker-host.ts';
import { startWorkflow } from '../workflow-actions.ts';
import { type Change, itemsBefore, keepChanging } from './changing-table.ts';
import { HeldWrite, type LateWrite, RIVAL_LOADS } from './late-write.ts';
import { Operator } from './operator.ts';
import { brokenPromises } from './promises.ts';
import { type Incident, type Schedule, scheduleOf } from './schedule.ts';
import { type Step, scannedSegment, stepOf } from './steps.ts';

const SERVICES: readonly Service[] = ['dynamodb', 's3', 'redshift-data'];
/** Writes by others, including those of a worker declared dead. */
const WRITES: readonly Step[] = ['checkpoint', 'load', 'replace'];
const LONGEST_SLEEP_MS = 8_000;
/** Time limit for loads if one never ends; far longer than a load takes here. */
const LOAD_LIMIT_SECONDS = 6;
const RUN = 'chaos';
const PREFIX = 'chaos';
let schedules = 0;

/** Refreshes of a changing table. */
export const refresh: System = {
  scheduleOf,
  begin: (seed, options) => new RunningRefresh(scheduleOf(seed), options),
};

class RunningRefresh implements Running {
  readonly #schedule: Schedule;
  readonly #options: RunOptions;
  readonly #faults: ServiceFaults;
  readonly #hosts: WorkerHost[] = [];
  readonly #incidents = new Map<string, number>();
  readonly #moments: Moments<Step, Incident>;
  readonly #sleepers: { host: WorkerHost; wake: () => void; writesLeft: number; sinceMs: number }[] = [];
  readonly #warehouse: WarehouseFaults;
  readonly #held: HeldWrite;
  readonly #under: Promise<unknown>[] = [];
  readonly #beganMs = Date.now();
  readonly #name: string;
  readonly #schema: string;
  readonly #definition: PipelineDefinition;
  client!: Client;
  #operator!: Operator;
  #changing = true;
  #fixed = false;
  #ended = false;

  constructor(schedule: Schedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_${++schedules}`;
    this.#schema = this.#name;
    this.#faults = new ServiceFaults(SERVICES, schedule);
    this.#moments = new Moments(schedule.incidents);
    const { s3, redshiftData } = options.stack.addresses;
    this.#warehouse = new WarehouseFaults(redshiftData.endpoint, this.#schema);
    const { lateWrite, warehouse } = schedule;
    const lateTable = lateWrite.what === 'load' ? this.#tableOf(lateWrite.tableOrdinal) : '';
    this.#held = new HeldWrite(lateWrite, lateTable, (host) => this.#bringRival(host));
    const endless = warehouse.some(({ kind }) => kind === 'never-ends');
    this.#definition = PipelineDefinition.parse({
      source: { kind: 'dynamodb', table: this.#name, segments: schedule.segments },
      staging: { bucket: s3.bucket, prefix: PREFIX, ...schedule.cut },
      warehouse: {
        kind: 'redshift',
        workgroup: redshiftData.workgroup,
        database: redshiftData.database,
        schema: this.#schema,
        iamRole: 'arn:aws:iam::123456789012:role/copy',
        ...(endless ? { timeLimits: { loadSeconds: LOAD_LIMIT_SECONDS } } : {}),
      },
    });
  }

  /** A schema of views that read live. */
  get #readers(): string {
    return `bi_${this.#schema}`;
  }

  get directoryInS3(): string {
    return `${runDirectory({ prefix: PREFIX, pipeline: this.#name, run: RUN })}/`;
  }

  injected(): Record<string, number> {
    return injectedFaults(
      { faults: this.#faults, warehouse: this.#warehouse, hosts: this.#hosts },
      ...this.#incidents,
      [nameOf(this.#schedule.lateWrite, this.#held.state), 1],
    );
  }

  /** Fills the table, and creates the namespace and the schema that is live before the run. */
  async prepare(): Promise<void> {
    const { stack } = this.#options;
    this.client = await stack.clientOf(this.#name);
    await createTable(stack.dynamodb, this.#name);
    await loadItems(stack.dynamodb, this.#name, itemsBefore(this.#schedule.table) as never);
    if (this.#schedule.liveBefore) {
      const marker = {
        pipeline: this.#name,
        run: 'earlier',
        extractedFrom: '2020-01-01T00:00:00.000Z',
        tables: ['old', this.#name],
      };
      const live = `"${this.#schema}"."${this.#name}"`;
      await stack.sql(
        `CREATE SCHEMA "${this.#schema}"`,
        `CREATE TABLE "${this.#schema}"."old" ("a" INTEGER)`,
        `CREATE TABLE ${live} ("pk" VARCHAR(64))`,
        `INSERT INTO ${live} VALUES ('of an earlier run')`,
        `CREATE SCHEMA "${this.#readers}"`,
        `CREATE VIEW "${this.#readers}"."bound" AS SELECT "pk" FROM ${live}`,
        `CREATE VIEW "${this.#readers}"."on_bound" AS SELECT "pk" FROM "${this.#readers}"."bound"`,
        `GRANT SELECT ON "${this.#readers}"."bound" TO PUBLIC`,
        `CREATE VIEW "${this.#schema}"."late" AS SELECT "pk" FROM ${live} WITH NO SCHEMA BINDING`,
        createMarker(this.#schema),
        ...writeMarker(this.#schema, marker),
      );
    }
  }

  async run(): Promise<string[]> {
    const { table, workers, liveBefore } = this.#schedule;
    const { stack } = this.#options;
    await this.#warehouse.ask(this.#schedule.warehouse);
    const workflowId = `refresh-${this.#name}`;
    this.#operator = new Operator({
      client: this.client,
      workflowId,
      pipeline: this.#name,
      run: RUN,
      definition: this.#definition,
    });
    await startWorkflow(this.client, 'refreshWarehouse', workflowId, {
      ...{ pipeline: this.#name, definition: this.#definition, run: RUN },
    });
    // Without a run id, because the run may be reset.
    const handle = this.client.workflow.getHandle(workflowId);
    for (let i = 0; i < workers; i++) await this.#startHost();
    const changing = this.#change();
    const problem = await this.#untilEnded(handle);
    this.#changing = false;
    const changes = await changing;
    if (problem !== undefined) return [problem];
    await this.#settleDown();
    const crashes = crashesOf(this.#hosts);
    if (crashes.length > 0) return crashes;
    return await brokenPromises(stack, {
      shape: table,
      table: this.#name,
      schema: this.#schema,
      location: { prefix: PREFIX, pipeline: this.#name, run: RUN },
      changes,
      backups: liveBefore ? [`${this.#schema}__earlier_backup`] : [],
      views: liveBefore
        ? [
            { schema: this.#readers, name: 'bound', isPublic: true },
            { schema: this.#readers, name: 'on_bound' },
            { schema: this.#schema, name: 'late' },
          ]
        : [],
    });
  }

  /** Ends every process and proxy, whatever happened. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#changing = false;
    for (const sleeper of this.#sleepers.splice(0)) sleeper.wake();
    this.#held.giveUp();
    await this.#warehouse.takeBack();
    await Promise.allSettled(this.#under);
    await Promise.all(this.#hosts.map((host) => host.kill()));
  }

  /** Frees space for the next schedules. */
  async forget(): Promise<void> {
    const { stack } = this.#options;
    await stack.dynamodb.send(new DeleteTableCommand({ TableName: this.#name }));
    const schemas = [
      this.#readers,
      this.#schema,
      ...(this.#schedule.liveBefore ? [`${this.#schema}__earlier_backup`] : []),
    ];
    await stack.sql(...schemas.map((schema) => `DROP SCHEMA IF EXISTS "${schema}" CASCADE`));
  }

  async #change(): Promise<Change[]> {
    const { dynamodb } = this.#options.stack;
    const TableName = this.#name;
    return keepChanging(
      this.#schedule.table,
      {
        put: async (Item) =>
          void (await dynamodb.send(new PutItemCommand({ TableName, Item: Item as never }))),
      },
      () => !this.#changing,
      (milliseconds) => setTimeout(milliseconds),
    );
  }

  async #startHost(): Promise<void> {
    if (this.#ended) return;
    const { seed, temporal, cold } = this.#schedule;
    const { stack, unguarded } = this.#options;
    const ordinal = this.#hosts.length;
    this.#hosts.push(
      await WorkerHost.start({
        stack,
        namespace: this.#name,
        order: { pageItems: this.#pageItems, cold, unguarded, hasThread: true },
        temporal: { ...temporal, seed: seed * 100 + ordinal },
        faultFor: (service, call) => this.#faultFor(service, call),
        watch: async (host, service, call, moment) => {
          await this.#watch(host, service, call, moment);
          await this.#held[moment](service, call, host);
        },
      }),
    );
  }

  get #pageItems(): number {
    return this.#schedule.pageItems[this.#held.state === 'not met' ? 0 : 1];
  }

  #faultFor(service: Service, call: Call): Fault {
    if (this.#isRefused(service, call)) return { kind: 'refused', refusal: accessDenied(service) };
    if (this.#held.claims(service, call)) return { kind: 'none' };
    const fault = this.#faults.next(service, call);
    const { pageItems, pageMilliseconds: milliseconds } = this.#schedule;
    const slow = fault.kind === 'none' && milliseconds > 0 && call.operation === 'Scan';
    return slow && scannedSegment(call, pageItems) !== undefined ? { kind: 'latency', milliseconds } : fault;
  }

  /** From now on, scans cut at other keys than the writer whose write is held. */
  async #bringRival(host: WorkerHost): Promise<unknown> {
    const { lateWrite } = this.#schedule;
    const operator = this.#operator;
    if (lateWrite.what === 'load') {
      return operator.loadSegments(this.#tableOf(lateWrite.tableOrdinal), [RIVAL_LOADS]);
    }
    const others = this.#hosts.filter((other) => other !== host && other.alive);
    await Promise.all(others.map((other) => other.scanPagesOf(this.#pageItems)));
    switch (lateWrite.rival) {
      case 'kill':
        await Promise.all([host.kill(), this.#startHost()]);
        return;
      case 'freeze':
        host.freeze();
        void this.#held.arrived.then(() => host.thaw());
        return this.#startHost();
      case 'cut off':
        host.temporal.silence();
        void this.#held.arrived.then(() => host.temporal.speak());
        return this.#startHost();
      case 'reset':
        await host.scanPagesOf(this.#pageItems);
        return operator.resetSegment(lateWrite.segment);
      case 'second workflow':
        await host.scanPagesOf(this.#pageItems);
        return operator.secondSegment(lateWrite.segment);
    }
  }

  #isRefused(service: Service, call: Call): boolean {
    const { refused, pageItems } = this.#schedule;
    if (refused === undefined || this.#fixed) return false;
    if ('segment' in refused.what) {
      return (
        service === 'dynamodb' &&
        call.operation === 'Scan' &&
        scannedSegment(call, pageItems) === refused.what.segment
      );
    }
    return (
      service === 'redshift-data' &&
      call.operation === 'BatchExecuteStatement' &&
      statementName(call).startsWith(`tributary load ${this.#tableOf(refused.what.tableOrdinal)} `)
    );
  }

  #tableOf(ordinal: number): string {
    return `${this.#name}${['', '__lines', '__tags'][ordinal]}`;
  }

  async #watch(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    if (process.env.TRIBUTARY_CHAOS_LOG)
      this.#options.log?.(
        `   +${Date.now() - this.#beganMs} ms: worker ${this.#hosts.indexOf(host)} ${service} ${call.operation} ${when}`,
      );
    const step = stepOf(service, call);
    if (step === undefined) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count(step, call);
      this.#options.log?.(
        `seed ${this.#schedule.seed} +${Date.now() - this.#beganMs} ms: worker ${this.#hosts.indexOf(host)} ${step} ${ordinal}`,
      );
      if (step === 'manifest') this.#changing = false;
      if (WRITES.includes(step)) this.#wroteBeside(host);
    }
    for (const what of this.#moments.incidentsAt(step, call, when)) await this.#happen(what, host);
  }

  /** Performs an incident. The call that triggered it waits only until a frozen worker resumes. */
  async #happen(what: Incident, host: WorkerHost): Promise<void> {
    if (this.#ended) return;
    this.#incidents.set(what.kind, (this.#incidents.get(what.kind) ?? 0) + 1);
    this.#options.log?.(
      `seed ${this.#schedule.seed} +${Date.now() - this.#beganMs} ms: ${JSON.stringify(what)}`,
    );
    const operator = this.#operator;
    const act = (doing: Promise<unknown>) => void this.#under.push(doing.catch(() => {}));
    switch (what.kind) {
      case 'kill':
        // Its connections stay open until its last request is done: a host's death does not undo a request.
        act(host.kill());
        act(this.#startHost());
        return;
      case 'freeze':
        host.freeze();
        act(this.#startHost());
        return this.#asleep(host, what.untilWrites, () => host.thaw());
      case 'cut off':
        host.temporal.silence();
        act(this.#startHost());
        return this.#asleep(host, what.untilWrites, () => host.temporal.speak());
      case 'reset segment':
        return act(operator.resetSegment(what.segment));
      case 'ask for retry':
        return act(operator.askForRetry(what.by));
      case 'second segment':
        return act(operator.secondSegment(what.segment));
      case 'reset run':
        return act(operator.resetRun(what.fraction));
      case 'second replace':
        return act(operator.secondReplace());
    }
  }

  /** @returns once it resumes. */
  #asleep(host: WorkerHost, writesLeft: number, wake: () => void): Promise<void> {
    const awake = Promise.withResolvers<void>();
    const wakeUp = () => {
      wake();
      awake.resolve();
    };
    this.#sleepers.push({ host, wake: wakeUp, writesLeft, sinceMs: Date.now() });
    return awake.promise;
  }

  #wroteBeside(writer: WorkerHost): void {
    for (const sleeper of this.#sleepers) {
      if (sleeper.host !== writer && --sleeper.writesLeft === 0) sleeper.wake();
    }
  }

  /** Waits for the run and fixes what is refused. @returns what is wrong, if it does not complete. */
  async #untilEnded(handle: WorkflowHandle): Promise<string | undefined> {
    const deadline = Date.now() + this.#options.timeLimitSeconds * 1000;
    while (Date.now() < deadline) {
      const { status, memo } = await handle.describe();
      if (status.name !== 'RUNNING') {
        return status.name === 'COMPLETED'
          ? undefined
          : `the run ended ${status.name}: ${await failureOf(handle)}`;
      }
      for (const sleeper of this.#sleepers) {
        if (sleeper.writesLeft > 0 && Date.now() - sleeper.sinceMs > LONGEST_SLEEP_MS) {
          sleeper.writesLeft = 0;
          sleeper.wake();
        }
      }
      const crashes = crashesOf(this.#hosts);
      if (crashes.length > 0) return crashes.join('; ');
      if (JSON.stringify(memo ?? {}).includes('waiting for you')) {
        const problem = await this.#parked(handle);
        if (problem !== undefined) return problem;
      }
      await setTimeout(100);
    }
    return `the run did not end within ${this.#options.timeLimitSeconds} s: ${JSON.stringify(await progressOf(handle))}`;
  }

  /** The run waits for an operator, who fixes what was refused on purpose; anything else is a bug of ours. */
  async #parked(handle: WorkflowHandle): Promise<string | undefined> {
    const progress = await progressOf(handle);
    if (progress?.state !== 'waiting') return undefined;
    const { refused } = this.#schedule;
    const failed = [...(progress.extract?.unfinished ?? []), ...(progress.load?.unfinished ?? [])];
    const planned = failed.every(({ error = '' }) => /AccessDenied|not authorized/.test(error));
    if (refused === undefined || !planned) {
      return `parked, although nothing was refused permanently: ${JSON.stringify(failed)}`;
    }
    if (this.#fixed) return undefined;
    this.#fixed = true;
    const way = `parked, recovered by ${refused.recovery}`;
    this.#incidents.set(way, (this.#incidents.get(way) ?? 0) + 1);
    const table = 'segment' in refused.what ? '' : this.#tableOf(refused.what.tableOrdinal);
    await this.#operator.bringHome(refused.what, table, refused.recovery);
    return undefined;
  }

  /** Workers declared dead resume and do what they can. Then all workers and their statements end. */
  async #settleDown(): Promise<void> {
    this.#faults.stop();
    await this.#warehouse.takeBack();
    await Promise.allSettled(this.#under);
    for (const sleeper of this.#sleepers.splice(0)) {
      if (!sleeper.host.alive || sleeper.writesLeft <= 0) continue;
      const { calls } = sleeper.host;
      sleeper.wake();
      await waitAtMost(1_500, () => Promise.resolve(sleeper.host.calls > calls + 3));
    }
    await withTimeLimit(this.#operator.secondsEnded(), 60_000, 'a second workflow');
    await Promise.all(this.#hosts.map((host) => host.kill()));
    const { stack } = this.#options;
    await waitAtMost(60_000, async () => (await stack.openStatements(this.#schema)).length === 0);
  }
}

/** How a late write is counted: what arrived late and after what, or that it did not arrive. */
function nameOf(late: LateWrite, state: HeldWrite['state']): string {
  if (state !== 'arrived') return `late ${late.what} that did not happen`;
  return late.what === 'load' ? 'late load' : `late checkpoint after ${late.rival}`;
}

async function progressOf(handle: WorkflowHandle): Promise<Progress | undefined> {
  // A query needs a healthy worker.
  return withTimeLimit(handle.query<Progress>(QUERY_PROGRESS), 5_000, 'the query').catch(() => undefined);
}

async function failureOf(handle: WorkflowHandle): Promise<string> {
  try {
    await handle.result();
    return 'without a failure';
  } catch (error) {
    let cause: unknown = error;
    while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
    return cause instanceof WorkflowFailedError || !(cause instanceof Error) ? String(cause) : cause.message;
  }
}
