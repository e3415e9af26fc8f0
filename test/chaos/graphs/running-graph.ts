import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { createGlueCatalogue, glueClient } from '../../../src/clients/glue/glue-catalogue.ts';
import type { RefreshGraphResult } from '../../../src/contract/datasets/graph.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { perform, type RunIncident } from '../datasets/run-incidents.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { withTimeLimit } from '../waiting.ts';
import { WarehouseFaults } from '../warehouse-faults.ts';
import { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import { GraphOperator } from './graph-operator.ts';
import { brokenGraphPromises } from './graph-promises.ts';
import { ArrivingLedger, NOW, type Report, writeLedgerGraph } from './ledger-graph.ts';
import { GroupReader } from './published-reports.ts';
import { deathScheduleOf, type GraphSchedule, graphScheduleOf } from './schedule.ts';
import { isWrite } from './writes.ts';

let schedules = 0;

/** When a transaction of a partition is cancelled, on a quiet machine: a COPY may never end. */
const STEP_SECONDS = 20;

/** A ledger and its reports. */
export const graphs: System = {
  scheduleOf: graphScheduleOf,
  begin: (seed, options) => new RunningGraph(graphScheduleOf(seed), options),
};

/** The same, with a death at one write after the other. */
export const deaths: System = {
  scheduleOf: deathScheduleOf,
  begin: (seed, options) => new RunningGraph(deathScheduleOf(seed), options),
};

class RunningGraph implements Running {
  readonly #schedule: GraphSchedule;
  readonly #options: RunOptions;
  readonly #faults: ServiceFaults;
  readonly #fleet: WorkerFleet;
  readonly #moments: Moments<'write', RunIncident>;
  readonly #name: string;
  readonly #ledger: ArrivingLedger;
  readonly #reader: GroupReader;
  readonly #warehouse: WarehouseFaults | undefined;
  #writes = 0;
  #operator!: GraphOperator;
  client!: Client;

  constructor(schedule: GraphSchedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_g${++schedules}`;
    this.#ledger = new ArrivingLedger(schedule.ledger);
    this.#reader = new GroupReader((report) => this.#filesOf(report), this.#ledger.states);
    const { isInRedshift } = schedule;
    this.#faults = new ServiceFaults(
      ['s3', 'glue', ...(isInRedshift ? (['redshift-data'] as const) : [])],
      schedule,
    );
    const copies = `/${this.directoryInS3}daily_stats/_tributary/copy/`;
    this.#warehouse = isInRedshift
      ? new WarehouseFaults(options.stack.addresses.redshiftData.endpoint, this.#name, copies)
      : undefined;
    this.#moments = new Moments(schedule.incidents);
    this.#fleet = new WorkerFleet({
      ...{ namespace: this.#name, conditions: schedule, run: options },
      faultFor: (service, call) => this.#faults.next(service, call),
      watch: (host, service, call, when) => this.#meets(host, service, call, when),
    });
  }

  get #source(): string {
    return `${this.#name}-raw/`;
  }

  get directoryInS3(): string {
    return `${this.#name}-tables/`;
  }

  #filesOf(dataset: Report | 'transactions'): DatasetFiles {
    return { store: this.#options.stack.store, at: { prefix: `${this.directoryInS3}${dataset}` } };
  }

  injected(): Record<string, number> {
    return injectedFaults(
      {
        ...{ faults: this.#faults, hosts: this.#fleet.hosts },
        ...(this.#warehouse === undefined ? {} : { warehouse: this.#warehouse }),
      },
      ...this.#fleet.incidents,
      ['writes', this.#writes],
      ['publications read', this.#reader.reads],
    );
  }

  /** Creates the namespace and the configuration with its modules. */
  async prepare(): Promise<void> {
    const { stack } = this.#options;
    this.client = await stack.clientOf(this.#name);
    this.#operator = new GraphOperator(this.client, this.#name, { now: NOW });
    const { workgroup, database } = stack.addresses.redshiftData;
    this.#fleet.config = writeLedgerGraph(
      mkdtempSync(join(stack.directory, 'graph-')),
      {
        bucket: stack.addresses.s3.bucket,
        source: this.#source,
        prefix: this.directoryInS3.slice(0, -1),
        database: this.#name,
      },
      this.#warehouse === undefined
        ? undefined
        : { workgroup, database, schema: this.#name, stepSeconds: STEP_SECONDS * stack.patience },
    );
    await this.#warehouse?.ask(this.#schedule.warehouse);
  }

  async run(): Promise<string[]> {
    for (let i = 0; i < this.#schedule.workers; i++) await this.#fleet.start();
    let isOver = false;
    const reading = this.#reader.until(() => isOver || this.#fleet.isEnded);
    const { timeLimitSeconds, stack } = this.#options;
    const problems: string[] = [];
    try {
      await withTimeLimit(this.#runUntilDone(), timeLimitSeconds * 1000, 'the runs');
    } catch (error) {
      problems.push(inspect(error));
    }
    isOver = true;
    await reading;
    const { glue, s3 } = stack.addresses;
    const client = glueClient({ endpoint: glue.endpoint });
    const places = {
      filesOf: (dataset: Report | 'transactions') => this.#filesOf(dataset),
      ...{ catalogue: createGlueCatalogue({ client }), database: this.#name, bucket: s3.bucket },
      ...(this.#warehouse === undefined ? {} : { warehouse: this.#tables }),
    };
    const broken = await brokenGraphPromises(places, this.#ledger.states);
    client.destroy();
    return [...problems, ...this.#fleet.crashes, ...broken, ...this.#reader.problems.slice(0, 3)];
  }

  get #tables() {
    const { stack } = this.#options;
    return {
      schema: this.#name,
      sql: async (statement: string) => (await stack.sql(statement))[0] ?? [],
      openStatements: () => stack.openStatements(this.#name),
    };
  }

  /** Ends every process and proxy, whatever happened. */
  async end(): Promise<void> {
    await this.#fleet.end();
    await this.#warehouse?.takeBack();
  }

  async forget(): Promise<void> {
    if (this.#warehouse !== undefined)
      await this.#options.stack.sql(`DROP SCHEMA IF EXISTS "${this.#name}" CASCADE`);
  }

  /** One run after the other: before each of the first ones files arrive, the last one finds nothing more to do. */
  async #runUntilDone(): Promise<void> {
    let n = 0;
    for (const group of this.#ledger.groups()) {
      for (const arrives of group) {
        const { name, body } = arrives();
        await this.#options.stack.store.put(`${this.#source}${name}`, Buffer.from(body));
      }
      await this.#run(++n);
    }
    // Whatever is still under way ends, and later runs look once more.
    this.#faults.stop();
    await this.#warehouse?.takeBack();
    await this.#fleet.settle();
    while (!isNothing(await this.#run(++n)));
  }

  async #run(n: number): Promise<RefreshGraphResult> {
    const result = await this.#operator.run(`t${n}`);
    this.#fleet.say(JSON.stringify(result));
    return result;
  }

  async #meets(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    if (!isWrite(service, call)) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count('write', call);
      this.#writes = ordinal;
      this.#fleet.say(`write ${ordinal}: ${call.operation} ${service === 's3' ? call.url : ''}`);
    }
    for (const what of this.#moments.incidentsAt('write', call, when))
      await perform(what, host, { fleet: this.#fleet, operator: this.#operator });
  }
}

/** Nothing was built, and everything is complete. What a run fetches again is unchanged. */
const isNothing = ({ built, unfinished }: RefreshGraphResult) => built === 0 && unfinished.length === 0;
