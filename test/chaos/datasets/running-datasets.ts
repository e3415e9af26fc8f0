import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import type { RefreshDatasetResult } from '../../../src/contract/datasets/datasets.ts';
import type { Generation } from '../../../src/pipeline/datasets/documents.ts';
import { bareEtag } from '../../../src/pipeline/loader/source-file.ts';
import type { DatasetFiles } from '../../../src/store/datasets/dataset-documents.ts';
import { findIntakes } from '../../../src/store/datasets/intakes.ts';
import { findTaken } from '../../../src/store/datasets/taken-files.ts';
import { HeldCall } from '../held-call.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { withTimeLimit } from '../waiting.ts';
import { WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import { DatasetOperator } from './dataset-operator.ts';
import { brokenDatasetPromises, type Put } from './dataset-promises.ts';
import { bodyOf, type FileVersion, MODULE, nameOf, rowsOf } from './generated-records.ts';
import { LatePointer, type PointerScene } from './late-pointer.ts';
import { PointerReader } from './published-rows.ts';
import { perform, type RunIncident } from './run-incidents.ts';
import { type DatasetSchedule, datasetScheduleOf } from './schedule.ts';
import { type DatasetStep, datasetStepOf } from './steps.ts';

const WORKERS = 2;
const RIVAL: FileVersion = { file: 900, version: 1, isRival: true };
let schedules = 0;

/** A dataset of files that arrive. */
export const datasets: System = {
  scheduleOf: datasetScheduleOf,
  begin: (seed, options) => new RunningDataset(datasetScheduleOf(seed), options),
};

class RunningDataset implements Running, PointerScene {
  readonly #schedule: DatasetSchedule;
  readonly #options: RunOptions;
  readonly #faults: ServiceFaults;
  readonly #fleet: WorkerFleet;
  readonly #moments: Moments<DatasetStep, RunIncident>;
  readonly #name: string;
  readonly #held: HeldCall;
  readonly #puts: Put[] = [];
  readonly #files: DatasetFiles;
  readonly #reader: PointerReader;
  #operator!: DatasetOperator;
  client!: Client;

  constructor(schedule: DatasetSchedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_d${++schedules}`;
    this.#files = { store: options.stack.store, at: { prefix: `${this.#name}-table` } };
    this.#reader = new PointerReader(this.#files, (generation) => this.#rowsOfInputs(generation));
    this.#faults = new ServiceFaults(['s3'], schedule);
    this.#moments = new Moments(schedule.incidents);
    this.#held = new HeldCall(new LatePointer(this));
    this.#fleet = new WorkerFleet({
      ...{ namespace: this.#name, conditions: schedule, run: options },
      faultFor: (service, call) => this.#faultFor(service, call),
      watch: async (host, service, call, when) => {
        await this.#meets(host, service, call, when);
        await this.#held[when](service, call, host);
      },
    });
  }

  get #dataset(): string {
    return this.#name.replaceAll('_', '-');
  }

  get #source(): string {
    return `${this.#name}-raw/`;
  }

  get directoryInS3(): string {
    return `${this.#files.at.prefix}/_tributary/`;
  }

  injected(): Record<string, number> {
    const late = `late pointer after ${this.#schedule.lateWrite}`;
    return injectedFaults(
      { faults: this.#faults, hosts: this.#fleet.hosts },
      ...this.#fleet.incidents,
      ['file overwritten', this.#puts.filter(({ version }) => version > 1).length],
      ['pointers read', this.#reader.reads],
      [this.#held.state === 'arrived' ? late : `${late} that did not happen`, 1],
    );
  }

  /** Creates the namespace, the record module and the configuration. */
  async prepare(): Promise<void> {
    const { stack } = this.#options;
    const { shape, maxFiles } = this.#schedule;
    this.client = await stack.clientOf(this.#name);
    this.#operator = new DatasetOperator(this.client, this.#dataset);
    this.#fleet.config = join(stack.directory, `${this.#name}.yaml`);
    writeFileSync(join(stack.directory, 'chaos-records.ts'), MODULE);
    const { bucket } = stack.addresses.s3;
    const definition = {
      source: { bucket, prefix: this.#source },
      records: './chaos-records.ts',
      partition: { column: 'day' },
      store: { bucket, prefix: this.#files.at.prefix },
      bounds: { until: '2099-12-31' },
      batch: { maxFiles },
      ...(shape.deduplicates ? { deduplicate: { key: ['id', 'day'] } } : {}),
      ...(shape.hasLate ? { late: { after: '3d', every: '1d' } } : {}),
    };
    writeFileSync(this.#fleet.config, stringify({ datasets: { [this.#dataset]: definition } }));
  }

  async run(): Promise<string[]> {
    for (let i = 0; i < WORKERS; i++) await this.#fleet.start();
    let isOver = false;
    const reading = this.#reader.until(() => isOver || this.#fleet.isEnded);
    const { timeLimitSeconds } = this.#options;
    const problems: string[] = [];
    try {
      await withTimeLimit(this.#runUntilDone(), timeLimitSeconds * 1000, 'the runs');
    } catch (error) {
      problems.push(inspect(error));
    }
    isOver = true;
    await reading;
    const broken = await brokenDatasetPromises(this.#files, this.#schedule.shape, this.#puts);
    return [...problems, ...this.#fleet.crashes, ...broken, ...this.#reader.problems.slice(0, 3)];
  }

  /** Ends every process and proxy, whatever happened. */
  async end(): Promise<void> {
    this.#held.giveUp();
    await this.#fleet.end();
  }

  async forget(): Promise<void> {}

  // The files and the runs

  #keyOf = (of: FileVersion) => `${this.#source}${nameOf(of)}`;

  async #put(of: FileVersion): Promise<void> {
    const key = this.#keyOf(of);
    const etag = await this.#files.store.put(key, bodyOf(this.#schedule.shape, of));
    this.#puts.push({ ...of, key, etag: bareEtag(etag) });
  }

  /** One run after the other: before each of the first ones files arrive, the last ones find nothing more to do. */
  async #runUntilDone(): Promise<void> {
    const groups = [...this.#schedule.arrivals];
    for (const each of groups.shift() ?? []) await this.#put(each);
    for (let n = 1; ; n++) {
      const isLast = groups.length === 0 && this.#held.isOver;
      const result = await this.#operator.run(`t${n}`, isLast ? { late: true, everything: true } : {});
      this.#fleet.say(JSON.stringify(result));
      if (isLast && isNothing(result)) {
        if (this.#faults.isStopped) return;
        // Whatever is still under way ends, and a last run looks once more.
        this.#faults.stop();
        await this.#fleet.settle();
        continue;
      }
      if (this.#held.isOver) for (const each of groups.shift() ?? []) await this.#put(each);
    }
  }

  /** What the rows of a generation should be, by the inputs that it names. */
  #rowsOfInputs({ partition, inputs }: Generation): string[] | undefined {
    const versions = inputs.map(({ key, etag }) =>
      this.#puts.find((put) => put.key === key && put.etag === etag),
    );
    if (versions.includes(undefined)) return undefined;
    const day = partition.replace('day=', '');
    const rows = rowsOf(this.#schedule.shape, versions as Put[]);
    return rows.filter((row) => row.startsWith(`${day} `));
  }

  // The scene of the late pointer

  moreArrives(): Promise<void> {
    return this.#put(RIVAL);
  }

  async rivalPublishes(partition: string, host: WorkerHost): Promise<void> {
    const { lateWrite } = this.#schedule;
    const operator = this.#operator;
    switch (lateWrite) {
      case 'kill':
      case 'freeze':
      case 'cut off':
        await this.#fleet.meet(lateWrite, host, this.#held.over);
        break;
      case 'terminated build':
        await operator.terminateBuild(partition);
        break;
      case 'reset build':
        await operator.resetBuild(partition);
        break;
      case 'second build':
        // The held build has the partition's id: the run waits for it.
        this.#fleet.act(operator.run('rival-0'));
        await DatasetOperator.until(() => this.#isRivalRead());
        await operator.secondBuild(partition);
        break;
    }
    for (let n = 1; !(await this.#isRivalTaken()); n++) await operator.run(`rival-${n}`);
  }

  async #isRivalRead(): Promise<boolean> {
    const { open } = await findIntakes(this.#files, new AbortController().signal);
    return open.some(({ results }) =>
      [...results.values()].some(({ partitions }) =>
        partitions.some(({ inputs }) => inputs.some(({ key }) => key === this.#keyOf(RIVAL))),
      ),
    );
  }

  /** In the index: no later run looks at it again. */
  async #isRivalTaken(): Promise<boolean> {
    const file = { key: this.#keyOf(RIVAL), etag: '', bytes: 0, modified: '' };
    return (await findTaken(this.#files, this.#source, [file], new AbortController().signal)).has(file.key);
  }

  // What happens to the workers

  #faultFor(service: Service, call: Call): Fault {
    // A rival that repeats its write after a lost response would undo what the late write did.
    const isRival = this.#held.isUnderWay && datasetStepOf(service, call) !== undefined;
    if (isRival || this.#held.claims(service, call)) return { kind: 'none' };
    return this.#faults.next(service, call);
  }

  async #meets(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    const step = datasetStepOf(service, call);
    if (step === undefined) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count(step, call);
      this.#fleet.say(`worker ${this.#fleet.hosts.indexOf(host)} ${step} ${ordinal}`);
    }
    if (this.#held.isUnderWay || this.#held.claims(service, call)) return;
    for (const what of this.#moments.incidentsAt(step, call, when))
      await perform(what, host, { fleet: this.#fleet, operator: this.#operator });
  }
}

const isNothing = ({ files, partitions, failed }: RefreshDatasetResult) =>
  files === 0 && partitions === 0 && failed.length === 0;
