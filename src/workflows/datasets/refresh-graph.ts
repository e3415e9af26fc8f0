import { TemporalFailure } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type BuildPartitionResult,
  buildPartitionWorkflowId,
  datasetWorkflowId,
  type FailedChild,
  type RefreshDatasetResult,
} from '../../contract/datasets/datasets.ts';
import type {
  AcceptedMember,
  GraphControlActivities,
  GraphProgress,
  PlannedRound,
  PublishGroupResult,
  ReadyPartition,
  RefreshGraphInput,
  RefreshGraphResult,
} from '../../contract/datasets/graph.ts';
import { graphDetails, graphLine } from '../../contract/datasets/graph-details.ts';
import { rootCause } from '../../contract/failure.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { nameOfRun } from '../../pipeline/datasets/graph/run-name.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { memoOfChild, showDetails } from '../as-typed.ts';
import { dueTime } from '../due-time.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { cancellingEarlierChildren } from '../fan-out/earlier-children.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { AcceptedMembers } from './accepted-members.ts';
import { bringCatalogue } from './bring-catalogue.ts';
import { buildPartition } from './build-partition.ts';
import { type CarriedFailures, type Failed, FailedPartitions } from './failed-partitions.ts';
import { GraphAlerts } from './graph-alerts.ts';
import { refreshDataset } from './refresh-dataset.ts';
import { type ChildOutcome, runChildren } from './run-children.ts';

const { alertsOfGraph, sourcesOfGraph, planRound, cataloguesOfGraph, groupsOf, publishGroup, pruneGraph } =
  proxyActivities<GraphControlActivities>(profiles.short);

const progressQuery = defineQuery<GraphProgress>(QUERY_PROGRESS);
/** Builds failed partitions again, now. */
const retryUpdate = defineUpdate<void, []>('retry');
const retrySignal = defineSignal('retry');
/** Ends a run that waits, with what it has built. */
const finishUpdate = defineUpdate<void, []>('finish');
const finishSignal = defineSignal('finish');

/** Partitions built before the plan is made again. */
const PARTITIONS_AT_ONCE = 200;
/** Of a reason: its workflow has the whole. */
const MOST_CHARACTERS = 500;
/** Events of a history that another round may follow: it has at most 1,200 more, and Temporal suggests an end at 4,096. */
const MOST_EVENTS = 2500;
/** When partitions that failed are built again. */
const FIRST_PAUSE_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 600;

/**
 * Takes new files of the sources, and builds all partitions that are stale.
 *
 * 1. files: one child per source. One that fails costs the others nothing.
 * 2. build: plan what is ready, and build it, one child per partition; then plan again, because results that did not change make
 *    nothing else stale. Nothing is carried from plan to plan but what failed.
 * 3. catalogue: the tables of derived datasets get what was built. One that fails costs the others nothing.
 * 4. waiting: if partitions failed, they are tried again for `retryFor`, then wait for an operator: `retry`, `finish`, or `accept`.
 * 5. publications: each group with a member that it may have built, if all of its members are complete. Then, once a day, delete what
 *    nothing needs: if that fails, the next run tries again.
 */
export async function refreshGraph(input: RefreshGraphInput): Promise<RefreshGraphResult> {
  refuseUnknownInput(input, {
    ...{
      datasets: true,
      only: true,
      from: true,
      to: true,
      reverse: true,
      now: true,
      force: true,
      limit: true,
    },
    ...{ withoutFiles: true, everything: true, late: true, carried: true },
  });
  return explainingFailure(
    () => 'Failed: the run of derived datasets',
    () => ({ fix: 'Fix the cause', commands: ['tributary dataset run'], resumes: false }),
    () => cancellingEarlierChildren(() => new GraphRun(input).run()),
  );
}

interface Carried {
  readonly now: string;
  readonly takenSources: readonly string[];
  readonly built: number;
  readonly unchanged: number;
  readonly since?: string;
  readonly plan?: string;
  readonly failures?: CarriedFailures;
  readonly accepted?: readonly AcceptedMember[];
  readonly warnings: readonly string[];
}

class GraphRun {
  readonly #input: RefreshGraphInput;
  readonly #now: string;
  readonly #failed: FailedPartitions;
  readonly #failedSources: Failed[] = [];
  /** Catalogues, and pruning. */
  readonly #failedAfterwards: Failed[] = [];
  readonly #warnings: string[];
  readonly #publications: PublishGroupResult[] = [];
  readonly #alerts: GraphAlerts;
  readonly #isContinued: boolean;
  #takenSources: string[];
  #isTaken: boolean;
  #built: number;
  #unchanged: number;
  #since: string | undefined;
  #plan: string | undefined;
  #phase: GraphProgress['phase'] = 'files';
  #running = 0;
  #round: PlannedRound | undefined;
  #waitsFor: GraphProgress['waitsFor'];
  readonly #accepted: AcceptedMembers;
  #isRetried = false;
  #isFinished = false;

  constructor(input: RefreshGraphInput) {
    this.#input = input;
    const carried = input.carried as Carried | undefined;
    this.#now = carried?.now ?? input.now ?? dueTime().toISOString();
    this.#warnings = [...(carried?.warnings ?? [])];
    this.#takenSources = [...(carried?.takenSources ?? [])];
    this.#isTaken = carried !== undefined || input.withoutFiles === true;
    this.#built = carried?.built ?? 0;
    this.#unchanged = carried?.unchanged ?? 0;
    this.#since = carried?.since;
    this.#plan = carried?.plan;
    this.#isContinued = carried !== undefined;
    this.#alerts = new GraphAlerts(nameOfRun(input.datasets), () => this.#phase);
    this.#accepted = new AcceptedMembers(carried?.accepted ?? [], () => this.#show());
    this.#failed = new FailedPartitions(carried?.failures);
    setHandler(progressQuery, () => this.#progress(), {
      description: 'Progress of the run, and the partitions that are not complete',
    });
    const retry = () => {
      this.#isRetried = true;
    };
    const finish = () => {
      this.#isFinished = true;
    };
    setHandler(retryUpdate, retry, { description: 'Builds failed partitions again, now' });
    setHandler(retrySignal, retry, { description: 'Builds failed partitions again, now' });
    setHandler(finishUpdate, finish, { description: 'Ends a run that waits, with what it has built' });
    setHandler(finishSignal, finish, { description: 'Ends a run that waits, with what it has built' });
  }

  async run(): Promise<RefreshGraphResult> {
    this.#alerts.reportTo(await alertsOfGraph(this.#selection()));
    if (!this.#isContinued) await this.#alerts.started(this.#now);
    try {
      const result = await this.#steps();
      this.#alerts.reportTo(await alertsOfGraph(this.#selection()));
      const { troubles = [], seen = [] } = this.#round ?? {};
      await this.#alerts.ended(result, { troubles, seen, failed: this.#allFailed() });
      return result;
    } catch (error) {
      if (error instanceof TemporalFailure && !isCancellation(error)) {
        const { type: code, message } = rootCause(error);
        await this.#alerts.failed({ code, error: message });
      }
      throw error;
    }
  }

  /** Nothing failed but what an operator accepts as it was built last. */
  #isAllAccepted(): boolean {
    return this.#failed.all.every((failed) => this.#accepted.has(failed));
  }

  #allFailed(): Failed[] {
    return [...this.#failed.all, ...this.#failedSources, ...this.#failedAfterwards];
  }

  async #steps(): Promise<RefreshGraphResult> {
    if (!this.#isTaken) await this.#takeFiles();
    let pauseSeconds = FIRST_PAUSE_SECONDS;
    for (;;) {
      this.#enter('build');
      const progressed = await this.#buildReady();
      if (progressed) continue;
      await this.#updateCatalogues();
      if (this.#isFinished || this.#isAllAccepted()) break;
      await this.#alerts.waiting([...this.#failed.all]);
      const next = await this.#waitForRetry(pauseSeconds);
      if (this.#isFinished || next === 'accepted') break;
      pauseSeconds =
        next === 'asked' ? FIRST_PAUSE_SECONDS : Math.min(pauseSeconds * 2, LONGEST_PAUSE_SECONDS);
    }
    await this.#publish();
    await this.#prune();
    this.#enter('done');
    return this.#result();
  }

  /** What the source lacks, no file has, only if all of its files were taken. */
  async #takeFiles(): Promise<void> {
    this.#enter('files');
    const time = workflowInfo().workflowId.split('/').at(-1) ?? '';
    const { everything, late } = this.#input;
    const ofSources = {
      ...(everything === undefined ? {} : { everything }),
      ...(late === undefined ? {} : { late }),
    };
    const sources = await sourcesOfGraph(this.#selection());
    await runChildren<string, RefreshDatasetResult>(
      sources,
      (dataset) =>
        startChild(refreshDataset, {
          workflowId: datasetWorkflowId(dataset, time),
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          staticSummary: `new files of ${dataset}`,
          args: [{ dataset, ...ofSources }],
          ...memoOfChild(),
        }),
      (dataset, outcome) => {
        if (outcome.kind === 'done')
          for (const warning of outcome.output.warnings ?? []) this.#warn(`${dataset} ${warning}`);
        if (outcome.kind === 'done' && outcome.output.parked === 0 && !outcome.output.failed.some(isOfFiles))
          this.#takenSources.push(dataset);
        else
          this.#failedSources.push({
            dataset,
            partition: 'files',
            reason:
              outcome.kind === 'failed'
                ? `${outcome.code}: ${outcome.error}`
                : 'some of its files were not taken',
          });
      },
    );
  }

  /** A group with a member that is not complete stays as it was. */
  async #publish(): Promise<void> {
    for (const { name: publication, datasets } of await groupsOf(this.#selection())) {
      const accept = this.#accepted.of(datasets);
      this.#publications.push(
        await publishGroup({ publication, now: this.#now, ...(accept.length === 0 ? {} : { accept }) }),
      );
    }
  }

  async #prune(): Promise<void> {
    try {
      await pruneGraph(this.#selection());
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { type: code, message } = rootCause(error);
      const dataset = nameOfRun(this.#input.datasets);
      this.#failedAfterwards.push({ dataset, partition: 'pruning', code, reason: `${code}: ${message}` });
    }
  }

  /** @returns false if there was nothing to build */
  async #buildReady(): Promise<boolean> {
    const { limit = Number.POSITIVE_INFINITY, force = false } = this.#input;
    const left = limit - this.#built - this.#unchanged;
    const round = await planRound({
      ...this.#selection(),
      now: this.#now,
      most: Math.max(0, Math.min(PARTITIONS_AT_ONCE, left)),
      takenSources: this.#takenSources,
      failed: this.#failed.all.map(({ dataset, partition, reason }) => ({ dataset, partition, reason })),
      ...(force ? { force } : {}),
      ...(this.#since === undefined ? {} : { since: this.#since }),
    });
    this.#since = round.since;
    this.#plan ??= round.plan;
    this.#round = round;
    if (round.ready.length === 0) return false;
    this.#running = round.ready.length;
    this.#show();
    await runChildren<ReadyPartition, BuildPartitionResult>(
      round.ready,
      (each) => this.#start(each),
      (each, outcome) => {
        this.#running--;
        this.#note(each, outcome);
        this.#show();
      },
    );
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (this.#isFinished) return false;
    if (continueAsNewSuggested || historyLength > MOST_EVENTS) await this.#continueAsNew();
    return true;
  }

  #start({ dataset, partition, path, isEmpty, reason, reads }: ReadyPartition) {
    const { force = false } = this.#input;
    return startChild(buildPartition, {
      workflowId: buildPartitionWorkflowId(dataset, path),
      // Another run may wait for it.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${partition} of ${dataset}`,
      staticDetails: reason,
      args: [
        {
          ...{ dataset, partition: path, now: this.#now },
          ...(isEmpty ? { empty: true } : {}),
          ...(reads === undefined ? {} : { reads }),
          ...(force ? { force: true } : {}),
        },
      ],
      ...memoOfChild(),
    });
  }

  #note({ dataset, partition }: ReadyPartition, outcome: ChildOutcome<BuildPartitionResult>): void {
    if (outcome.kind === 'failed') {
      const { code, error } = outcome;
      this.#failed.add(
        { dataset, partition, code, reason: cut(`${code}: ${error}`, MOST_CHARACTERS) },
        Date.now(),
      );
    }
    if (outcome.kind !== 'done') return;
    this.#failed.built({ dataset, partition });
    for (const warning of outcome.output.warnings ?? []) this.#warn(`${dataset} ${partition}: ${warning}`);
    if (outcome.output.isUnchanged) this.#unchanged++;
    else this.#built++;
  }

  #warn(warning: string): void {
    if (this.#warnings.length < MOST_WARNINGS) this.#warnings.push(warning);
  }

  async #updateCatalogues(): Promise<void> {
    this.#enter('catalogue');
    this.#failedAfterwards.length = 0;
    for (const dataset of await cataloguesOfGraph(this.#selection())) {
      const outcome = await bringCatalogue(dataset);
      if (outcome.kind === 'failed') {
        const reason = `${outcome.code}: ${outcome.error}`;
        this.#failedAfterwards.push({ dataset, partition: 'catalogue', reason });
      }
    }
  }

  /**
   * @returns `again`: what has time left is built again; `asked` by an operator: all is, for as long as at first; `accepted`: nothing
   * failed but what an operator accepts
   */
  async #waitForRetry(seconds: number): Promise<'again' | 'asked' | 'accepted'> {
    this.#isRetried = false;
    const again = this.#failed
      .again(this.#round?.retrySeconds ?? {}, Date.now())
      .filter(({ failed }) => !this.#accepted.has(failed));
    const longestMs = again.reduce((longest, { leftMs }) => Math.max(longest, leftMs), 0);
    this.#waitsFor = again.length > 0 ? 'retry' : 'operator';
    this.#enter('waiting');
    const isAsked = () => this.#isRetried || this.#isFinished || this.#isAllAccepted();
    if (again.length > 0) await condition(isAsked, Math.min(seconds * 1000, longestMs));
    else await condition(isAsked);
    this.#waitsFor = undefined;
    if (this.#isAllAccepted()) return 'accepted';
    if (this.#isRetried) this.#failed.retryAll();
    else this.#failed.retry(again.map(({ failed }) => failed));
    return this.#isRetried ? 'asked' : 'again';
  }

  async #continueAsNew(): Promise<never> {
    const carried: Carried = {
      ...{ now: this.#now, takenSources: this.#takenSources, built: this.#built, unchanged: this.#unchanged },
      ...(this.#since === undefined ? {} : { since: this.#since }),
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
      failures: this.#failed.carried,
      ...{ warnings: this.#warnings, accepted: this.#accepted.all },
    };
    return continueAsNew<typeof refreshGraph>({ ...this.#input, carried });
  }

  #selection() {
    const { datasets, only, from, to, reverse } = this.#input;
    return {
      ...(datasets === undefined ? {} : { datasets }),
      ...(only === undefined ? {} : { only }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(reverse === undefined ? {} : { reverse }),
    };
  }

  #enter(phase: GraphProgress['phase']): void {
    this.#phase = phase;
    this.#show();
    upsertMemo({ tributary: graphLine(this.#progress()), ...this.#does() });
  }

  /** What a watch of a schedule looks for: the datasets of a run that leaves nothing out. */
  #does(): { readonly does?: string } {
    const { datasets, only, from, to, limit, withoutFiles } = this.#input;
    const isPart = [only, from, to, limit, withoutFiles].some((each) => each !== undefined && each !== false);
    return isPart ? {} : { does: datasets?.join(' ') ?? 'all' };
  }

  #show(): void {
    showDetails(graphDetails(this.#progress()));
  }

  #progress(): GraphProgress {
    const failed = [...this.#failedSources, ...this.#failedAfterwards].map((each) => ({
      ...each,
      state: 'failed' as const,
    }));
    return {
      ...{
        phase: this.#phase,
        built: this.#built,
        unchanged: this.#unchanged,
        running: this.#running,
        warnings: this.#warnings,
      },
      ...(this.#waitsFor === undefined ? {} : { waitsFor: this.#waitsFor }),
      ...(this.#round === undefined ? {} : { totals: this.#round.totals }),
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
      unfinished: [...failed, ...(this.#round?.unfinished ?? [])],
    };
  }

  #result(): RefreshGraphResult {
    const { built, unchanged, warnings, unfinished, totals, plan } = this.#progress();
    return {
      ...(plan === undefined ? {} : { plan }),
      ...{ built, unchanged, warnings, unfinished, totals: totals ?? NONE },
      publications: this.#publications,
    };
  }
}

const MOST_WARNINGS = 50;
const NONE = { complete: 0, ready: 0, waits: 0, blocked: 0, held: 0, failed: 0 };

/** Its catalogue may have failed, too: that costs no file. */
const isOfFiles = ({ child }: FailedChild) => child !== 'catalogue';
