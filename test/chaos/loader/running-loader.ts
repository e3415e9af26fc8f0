import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';
import { loaderWorkflowId, watchWorkflowId } from '../../../src/contract/loader/loader.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { loaderDirectory } from '../../../src/pipeline/loader/loader-directory.ts';
import { watchedBy } from '../../../src/pipeline/loader/watched.ts';
import type { ChaosStack } from '../chaos-stack.ts';
import { HeldCall } from '../held-call.ts';
import { injectedFaults } from '../injected-faults.ts';
import { Moments } from '../moments.ts';
import type { Running, RunOptions, System } from '../outcome.ts';
import { ServiceFaults } from '../service-faults.ts';
import { statementName } from '../statement-name.ts';
import { waitAtMost, withTimeLimit } from '../waiting.ts';
import { WarehouseFaults } from '../warehouse-faults.ts';
import { type Fate, WorkerFleet } from '../worker-fleet.ts';
import type { WorkerHost } from '../worker-host.ts';
import { Announcements } from './announcements.ts';
import { Directory } from './directory.ts';
import { bodyOf, COLUMNS, MERGE, nameOf } from './generated-files.ts';
import { HELD_BATCH, LateLoaderWrite, type Scene } from './late-write.ts';
import { LoaderOperator } from './loader-operator.ts';
import { brokenLoaderPromises, type Put } from './loader-promises.ts';
import { ParkedBatches } from './parked-batches.ts';
import { Reader } from './reader.ts';
import { type FilePut, type LoaderIncident, type LoaderSchedule, loaderScheduleOf } from './schedule.ts';
import { type LoaderStep, loaderStepOf } from './steps.ts';
import { TargetLocks } from './target-locks.ts';

const SERVICES: readonly Service[] = ['s3', 'sqs', 'redshift-data'];
const WORKERS = 2;
const TABLE = 'quakes';
const STAGING = 'chaos';
/** Time limit of a transaction if one never ends; far longer than a batch takes here. */
const LOAD_LIMIT_SECONDS = 6;
const EXPIRE_EVERY_MS = 2_000;
/** Nothing was left to do for so long, although some file is not loaded: it never will be. */
const FORGOTTEN_AFTER_MS = 15_000;
let schedules = 0;

/** A loader of files that arrive. */
export const loader: System = {
  scheduleOf: loaderScheduleOf,
  begin: (seed, options) => new RunningLoader(loaderScheduleOf(seed), options),
};

class RunningLoader implements Running, Scene {
  readonly #schedule: LoaderSchedule;
  readonly #options: RunOptions;
  readonly #faults: ServiceFaults;
  readonly #fleet: WorkerFleet;
  readonly #moments: Moments<LoaderStep, LoaderIncident>;
  readonly #name: string;
  readonly #warehouse: WarehouseFaults;
  readonly #locks: TargetLocks;
  readonly #held: HeldCall;
  readonly #puts: Put[] = [];
  readonly #versions = new Map<number, number>();
  #queue!: Announcements;
  #definition!: LoaderDefinition;
  #directory!: Directory;
  #operator!: LoaderOperator;
  #parked!: ParkedBatches;
  client!: Client;
  #waitingPuts: FilePut[] = [];
  #putting: Promise<void> = Promise.resolve();

  constructor(schedule: LoaderSchedule, options: RunOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#name = `chaos_${schedule.seed}_${process.pid}_l${++schedules}`;
    const { redshiftData, postgres } = options.stack.addresses;
    this.#faults = new ServiceFaults(SERVICES, schedule);
    this.#moments = new Moments(schedule.incidents);
    // Each COPY reads the table's directory. A query of the ledger names the files as they arrived.
    this.#warehouse = new WarehouseFaults(redshiftData.endpoint, this.#name, `/${this.#name}/${TABLE}/`);
    this.#locks = new TargetLocks(postgres.url, this.#name);
    this.#held = new HeldCall(new LateLoaderWrite(schedule.lateWrite, this));
    this.#fleet = new WorkerFleet({
      ...{ namespace: this.#name, conditions: schedule, run: options },
      faultFor: (service, call) => this.#faultFor(service, call),
      watch: async (host, service, call, when) => {
        await this.#watch(host, service, call, when);
        await this.#held[when](service, call, host);
      },
    });
  }

  get #stack(): ChaosStack {
    return this.#options.stack;
  }

  get #prefix(): string {
    return `landing/${this.#name}/`;
  }

  get directoryInS3(): string {
    return loaderDirectory({ prefix: STAGING, table: this.#definition.target });
  }

  injected(): Record<string, number> {
    const late = `late ${this.#schedule.lateWrite.what}`;
    return injectedFaults(
      { faults: this.#faults, warehouse: this.#warehouse, hosts: this.#fleet.hosts },
      ...this.#fleet.incidents,
      ['messages expired', this.#queue?.expired ?? 0],
      ['file overwritten', this.#puts.filter(({ version }) => version > 1).length],
      ['file not announced', this.#puts.filter(({ announced }) => !announced).length],
      [this.#held.state === 'arrived' ? late : `${late} that did not happen`, 1],
    );
  }

  /** Creates the namespace, the queue, the table and the configuration. */
  async prepare(): Promise<void> {
    const { shape, queue, maxFiles, lists } = this.#schedule;
    const stack = this.#stack;
    const { s3, redshiftData } = stack.addresses;
    this.client = await stack.clientOf(this.#name);
    this.#queue = await Announcements.create(stack, this.#name, `${this.#prefix}announced/`, {
      ...queue,
      seed: shape.seed,
    });
    const written = {
      source: {
        ...{ bucket: s3.bucket, prefix: this.#prefix, match: '**/*.csv', queue: this.#queue.url },
        ...(lists ? { listSeconds: 2 } : {}),
      },
      format: { kind: 'csv' },
      target: {
        ...{ workgroup: redshiftData.workgroup, database: redshiftData.database },
        ...{ schema: this.#name, table: TABLE, loadSeconds: LOAD_LIMIT_SECONDS },
        iamRole: 'arn:aws:iam::123456789012:role/copy',
      },
      ...(shape.merges ? { merge: MERGE } : {}),
      batch: { maxFiles, maxSeconds: 1 },
      staging: { bucket: s3.bucket, prefix: STAGING },
    };
    this.#definition = LoaderDefinition.parse(written);
    this.#fleet.config = join(stack.directory, `${this.#name}.yaml`);
    writeFileSync(this.#fleet.config, stringify({ loaders: { [this.#loader]: written } }));
    const columns = Object.entries(COLUMNS[shape.merges ? 'merge' : 'append']);
    await stack.sql(
      `CREATE SCHEMA "${this.#name}"`,
      `CREATE TABLE "${this.#name}"."${TABLE}" (${columns.map(([name, type]) => `"${name}" ${type}`).join(', ')})`,
    );
    this.#directory = new Directory(stack.store, { prefix: STAGING, table: this.#definition.target });
    this.#operator = new LoaderOperator({
      client: this.client,
      loader: this.#loader,
      loaderId: loaderWorkflowId(this.#definition.target),
      watcherId: watchWorkflowId(watchedBy(this.#definition)),
    });
    this.#parked = new ParkedBatches({
      operator: this.#operator,
      directory: this.#directory,
      badKey: shape.bad === undefined ? undefined : this.#keyOf(shape.bad, true),
      badFile: this.#schedule.badFile,
      fix: () => this.#put({ file: shape.bad!, version: 2, announced: true }),
    });
  }

  get #loader(): string {
    return this.#name.replaceAll('_', '-');
  }

  async run(): Promise<string[]> {
    const reader = new Reader(this.#locks, `"${this.#name}"."${TABLE}"`);
    await this.#operator.startWatcher();
    for (let i = 0; i < WORKERS; i++) await this.#fleet.start();
    this.#waitingPuts = [...this.#schedule.puts];
    this.#putting = this.#putAll();
    const problem = await this.#untilLoaded();
    if (problem === undefined) await this.#settleDown();
    await reader.end();
    this.#fleet.count('queries of a reader', reader.queries);
    if (problem !== undefined)
      return [problem, ...(await this.#promises().catch((error) => [String(error)]))];
    return [
      ...this.#fleet.crashes,
      ...reader.failures.slice(0, 3),
      ...(await this.#promises()),
      ...(await this.#queueProblems()),
    ];
  }

  async #queueProblems(): Promise<string[]> {
    const [left, dead] = [await this.#queue.left(), await this.#queue.dead()];
    return [
      ...(left === 0 ? [] : [`${left} messages are still in the queue`]),
      ...(dead === 0 ? [] : [`${dead} messages are in the dead-letter queue`]),
    ];
  }

  #promises(): Promise<string[]> {
    return brokenLoaderPromises(this.#stack, {
      ...{ shape: this.#schedule.shape, schema: this.#name, table: TABLE, directory: this.#directory },
      ...{ bucket: this.#stack.addresses.s3.bucket, puts: this.#puts },
    });
  }

  /** Ends every process, proxy and session, whatever happened. */
  async end(): Promise<void> {
    this.#fleet.isEnded = true;
    this.#held.giveUp();
    await this.#warehouse.takeBack();
    await this.#putting.catch(() => {});
    await this.#fleet.end();
    await this.#locks.close();
    await this.#queue?.remove();
  }

  /** Frees space for the next schedules. */
  async forget(): Promise<void> {
    await this.#stack.sql(`DROP SCHEMA IF EXISTS "${this.#name}" CASCADE`);
  }

  // The files

  #keyOf = (file: number, announced: boolean) =>
    `${this.#prefix}${announced ? 'announced' : 'quiet'}/${nameOf(file)}.csv`;

  async #put({ file, version, announced }: Omit<FilePut, 'pauseMs'>): Promise<void> {
    const key = this.#keyOf(file, announced);
    const etag = await this.#stack.store.put(key, bodyOf(this.#schedule.shape, { file, version }));
    this.#versions.set(file, version);
    this.#puts.push({ file, version, announced, key, etag });
  }

  /** The first files; then, once the late write is under way or over, the others. */
  async #putAll(): Promise<void> {
    const { firstPuts } = this.#schedule;
    for (const each of this.#waitingPuts.splice(0, firstPuts)) await this.#put(each);
    if (this.#schedule.lateWrite.what === 'claim') await this.#held.over;
    for (let next = this.#waitingPuts.shift(); next !== undefined; next = this.#waitingPuts.shift()) {
      if (this.#fleet.isEnded) return;
      // A copy that was held may have needed a newer version of its own.
      const version = Math.max(next.version, (this.#versions.get(next.file) ?? 0) + 1);
      await this.#put({ ...next, version });
      await setTimeout(next.pauseMs);
    }
  }

  // The scene of the late write

  isOurs = (call: Call): boolean => statementName(call).endsWith(` into ${this.#name}.${TABLE}`);

  async moreFilesWait(): Promise<void> {
    const more = this.#waitingPuts.splice(0, 2);
    for (const each of more) await this.#put(each);
    const keys = more.map(({ file, announced }) => this.#keyOf(file, announced));
    await this.#until(async () => {
      await this.#queue.expire();
      const waiting = new Set((await this.#directory.waiting()).map(({ key }) => key));
      return keys.every((key) => waiting.has(key));
    });
  }

  async overwrite(key: string): Promise<void> {
    const last = this.#puts.findLast((put) => put.key === key);
    if (last === undefined) throw new Error(`${key} was not put by this schedule`);
    await this.#put({ ...last, version: last.version + 1 });
  }

  async bringRival(host: WorkerHost): Promise<void> {
    const { lateWrite } = this.#schedule;
    const operator = this.#operator;
    if (lateWrite.what === 'copy') return;
    switch (lateWrite.by) {
      case 'reset batch':
        await operator.resetBatch(HELD_BATCH);
        break;
      case 'second batch':
        await operator.secondBatch(HELD_BATCH);
        break;
      case 'restart loader':
        await operator.restartLoader(lateWrite.what === 'claim' ? undefined : HELD_BATCH);
        break;
      case 'reset loader':
        await operator.resetLoader(0);
        break;
      case 'kill':
      case 'freeze':
      case 'cut off':
        break;
    }
    const fate = lateWrite.what === 'claim' ? lateWrite.by : lateWrite.fate;
    if (fate !== 'restart loader' && fate !== 'reset loader')
      await this.#fleet.meet(fate satisfies Fate, host, this.#held.over);
  }

  rivalCommitted = () =>
    this.#until(async () => {
      const [rows = []] = await this.#stack.sql(
        `SELECT "batch" FROM "${this.#name}"."_tributary_batches__${TABLE}" WHERE "batch" = ${HELD_BATCH}`,
      );
      return rows.length > 0;
    });

  holdLedger = () => this.#locks.holdWrites(`_tributary_files__${TABLE}`);
  untilWaiting = (transactions: number) => this.#locks.untilWaiting(transactions);

  loadsEnded = () =>
    this.#until(async () => {
      const open = await this.#stack.openStatements(`${this.#name}.${TABLE}`);
      return !open.some((name) => name.startsWith(`tributary batch ${HELD_BATCH} into `));
    });

  async #until(condition: () => Promise<boolean>): Promise<void> {
    for (const endMs = Date.now() + 230_000; !(await condition()); await setTimeout(50)) {
      if (this.#fleet.isEnded || Date.now() > endMs) throw new Error('the rival did not arrive');
    }
  }

  // What happens to the workers

  #faultFor(service: Service, call: Call): Fault {
    // A rival that repeats its write after a lost response would undo what the late write did.
    const isRival = this.#held.isUnderWay && loaderStepOf(service, call) !== undefined;
    if (isRival || this.#held.claims(service, call)) return { kind: 'none' };
    return this.#faults.next(service, call);
  }

  async #watch(host: WorkerHost, service: Service, call: Call, when: 'asked' | 'answered'): Promise<void> {
    const step = loaderStepOf(service, call);
    if (step === undefined) return;
    if (when === 'asked') {
      const ordinal = this.#moments.count(step, call);
      if (step !== 'describe')
        this.#fleet.say(`worker ${this.#fleet.hosts.indexOf(host)} ${step} ${ordinal}`);
    }
    if (this.#held.isUnderWay || this.#held.claims(service, call)) return;
    for (const what of this.#moments.incidentsAt(step, call, when)) await this.#happen(what, host);
  }

  /** Performs an incident. The call that triggered it waits only until a frozen worker resumes. */
  async #happen(what: LoaderIncident, host: WorkerHost): Promise<void> {
    if (this.#fleet.isEnded) return;
    const fleet = this.#fleet;
    fleet.count(what.kind);
    fleet.say(JSON.stringify(what));
    const operator = this.#operator;
    const act = (doing: Promise<unknown>) => fleet.act(doing);
    const newest = () => this.#directory.newest();
    switch (what.kind) {
      case 'kill':
      case 'freeze':
      case 'cut off':
        return fleet.harm(what, host);
      case 'restart loader':
        return act(newest().then((batch) => operator.restartLoader(batch === 0 ? undefined : batch)));
      case 'reset loader':
        return act(operator.resetLoader(what.fraction));
      case 'reset watcher':
        return act(operator.resetWatcher(what.fraction));
      case 'reset batch':
        return act(newest().then((batch) => operator.resetBatch(batch)));
      case 'second batch':
        return act(newest().then((batch) => (batch === 0 ? undefined : operator.secondBatch(batch))));
      case 'ask for retry':
        return act(operator.askForRetry(what.by));
      case 'pause':
        return act(operator.pauseAndResume());
    }
  }

  // Until the end

  /** Waits until every file is loaded, and does what operators do about parked batches. @returns what is wrong, if not */
  async #untilLoaded(): Promise<string | undefined> {
    const deadline = Date.now() + this.#options.timeLimitSeconds * 1000;
    let quietSinceMs: number | undefined;
    let expireMs = Date.now() + EXPIRE_EVERY_MS;
    let areAsked = false;
    while (Date.now() < deadline) {
      const { crashes } = this.#fleet;
      if (crashes.length > 0) return crashes.join('; ');
      if (!areAsked && this.#held.isOver) {
        areAsked = true;
        await this.#warehouse.ask(this.#schedule.warehouse);
      }
      if (Date.now() > expireMs) {
        expireMs = Date.now() + EXPIRE_EVERY_MS;
        if (!this.#held.isUnderWay) await this.#queue.expire();
        await this.#operator.hint().catch(() => {});
      }
      const problem = await this.#parked.look();
      if (problem !== undefined) return problem;
      if (await this.#isQuiet()) {
        quietSinceMs ??= Date.now();
        const isForgotten = Date.now() - quietSinceMs > FORGOTTEN_AFTER_MS;
        if (isForgotten || (await this.#areAllKnown())) return undefined;
      } else quietSinceMs = undefined;
      await setTimeout(150);
    }
    const progress = await this.#operator.progress();
    return `not everything was loaded within ${this.#options.timeLimitSeconds} s: ${JSON.stringify(progress)}`;
  }

  async #isQuiet(): Promise<boolean> {
    if (!this.#held.isOver || this.#waitingPuts.length > 0) return false;
    return (await this.#queue.left()) === 0 && (await this.#directory.isDone());
  }

  /** The last version of each file is in the ledger. */
  async #areAllKnown(): Promise<boolean> {
    await this.#putting;
    const [rows = []] = await this.#stack.sql(
      `SELECT "file_key", "etag" FROM "${this.#name}"."_tributary_files__${TABLE}"`,
    );
    const known = new Set(rows.map(({ file_key, etag }) => `${file_key} "${etag}"`));
    return [...new Map(this.#puts.map((put) => [put.key, put])).values()].every(({ key, etag }) =>
      known.has(`${key} ${etag}`),
    );
  }

  /** Workers declared dead resume and do what they can. Then the loader, all workers and their statements end. */
  async #settleDown(): Promise<void> {
    this.#faults.stop();
    await this.#warehouse.takeBack();
    await this.#fleet.settle();
    await withTimeLimit(this.#operator.secondsEnded(), 60_000, 'a second workflow');
    await waitAtMost(40_000, async () => {
      await this.#operator.hint().catch(() => {});
      await this.#queue.expire();
      const progress = await this.#operator.progress();
      return progress?.state === 'idle' && progress.parkedTotal === 0 && (await this.#isQuiet());
    });
    await this.#operator.stop();
    await this.#fleet.release();
    await waitAtMost(60_000, async () => (await this.#stack.openStatements(this.#name)).length === 0);
  }
}
