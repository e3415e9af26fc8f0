import { TemporalFailure } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  GraphControlActivities,
  GraphProgress,
  GraphSelection,
  PublishGroupResult,
  RefreshGraphInput,
  RefreshGraphResult,
} from '../../../contract/datasets/graph.ts';
import { rootCause } from '../../../contract/failure.ts';
import { QUERY_PROGRESS } from '../../../contract/refresh.ts';
import { nameOfRun } from '../../../pipeline/datasets/graph/run-name.ts';
import { dueTime } from '../../due-time.ts';
import { explainingFailure } from '../../explaining-failure.ts';
import { cancellingEarlierChildren } from '../../fan-out/earlier-children.ts';
import { refuseUnknownInput } from '../../known-input.ts';
import { DatasetLineage } from '../../lineage/dataset-lineage.ts';
import { profiles } from '../../profiles.ts';
import { bringCatalogue } from '../bring-catalogue.ts';
import { buildReady } from './build-ready.ts';
import { GraphAlerts } from './graph-alerts.ts';
import { type CarriedRun, GraphRunState } from './graph-run-state.ts';
import { OperatorOrders } from './operator-orders.ts';
import { takeFiles } from './take-files.ts';

const { alertsOfGraph, sourcesOfGraph, cataloguesOfGraph, groupsOf } =
  proxyActivities<GraphControlActivities>(profiles.short);
const { planRound, publishGroup, pruneGraph } = proxyActivities<GraphControlActivities>(profiles.listing);

const progressQuery = defineQuery<GraphProgress>(QUERY_PROGRESS);

/** Partitions built before the plan is made again. */
const PARTITIONS_AT_ONCE = 200;
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
 * 4. waiting: if partitions failed, they are tried again for `retryFor`, then wait for an operator: `retry`, `finish`, or `accept`, after
 *    which what depends on them is built.
 * 5. publications: each group with a member that it may have built, if all of its members are complete. Then, once a day, delete what
 *    nothing needs: if that fails, the next run tries again.
 */
export async function refreshGraph(input: RefreshGraphInput): Promise<RefreshGraphResult> {
  refuseUnknownInput(input, {
    ...{ datasets: true, only: true, from: true, to: true, reverse: true, now: true },
    ...{ force: true, limit: true, withoutFiles: true, everything: true, late: true, carried: true },
  });
  return explainingFailure(
    () => 'Failed: the run of derived datasets',
    () => ({ fix: 'Fix the cause', commands: ['tributary dataset run'], resumes: false }),
    () => cancellingEarlierChildren(() => new GraphRun(input).run()),
  );
}

class GraphRun {
  readonly #input: RefreshGraphInput;
  readonly #selection: GraphSelection;
  readonly #isContinued: boolean;
  /** The time for which partitions are built. */
  readonly #now: string;
  readonly #state: GraphRunState;
  readonly #orders: OperatorOrders;
  readonly #alerts: GraphAlerts;
  readonly #lineage: DatasetLineage;

  constructor(input: RefreshGraphInput) {
    const carried = input.carried as CarriedRun | undefined;
    this.#input = input;
    this.#selection = selectionOf(input);
    this.#isContinued = carried !== undefined;
    this.#now = carried?.now ?? input.now ?? dueTime().toISOString();
    this.#state = new GraphRunState(input, carried);
    this.#orders = new OperatorOrders(
      carried?.accepted ?? [],
      () => this.#state.acceptable,
      (member) => this.#state.accepted(member),
    );
    this.#alerts = new GraphAlerts(nameOfRun(input.datasets), () => this.#state.phase);
    this.#lineage = new DatasetLineage(graphOf(input), carried?.lineage);
    setHandler(progressQuery, () => this.#state.progress(), {
      description: 'Progress of the run, and the partitions that are not complete',
    });
  }

  async run(): Promise<RefreshGraphResult> {
    this.#alerts.reportTo(await alertsOfGraph(this.#selection));
    if (!this.#isContinued) await this.#alerts.started(this.#now);
    try {
      const result = await this.#steps();
      this.#alerts.reportTo(await alertsOfGraph(this.#selection));
      const { troubles = [], seen = [] } = this.#state.round ?? {};
      await this.#alerts.ended(result, { troubles, seen, failed: this.#state.allFailed });
      await this.#lineage.ended('COMPLETE', { failed: this.#state.failures });
      return result;
    } catch (error) {
      if (isCancellation(error)) await this.#lineage.ended('ABORT');
      else if (error instanceof TemporalFailure) {
        const { type: code, message } = rootCause(error);
        await this.#alerts.failed({ code, error: message });
        await this.#lineage.ended('FAIL', { error: message });
      }
      throw error;
    }
  }

  async #steps(): Promise<RefreshGraphResult> {
    if (!this.#isContinued && this.#input.withoutFiles !== true) await this.#takeFiles();
    await this.#buildAll();
    const publications = await this.#publish();
    await this.#prune();
    this.#state.enter('done');
    return this.#state.result(publications);
  }

  async #takeFiles(): Promise<void> {
    this.#state.enter('files');
    const sources = await sourcesOfGraph(this.#selection);
    await takeFiles(sources, this.#input, (source, files) => this.#state.took(source, files));
  }

  /** Builds until nothing is ready, nothing that failed is to be tried again, and no operator is waited for. */
  async #buildAll(): Promise<void> {
    let pauseSeconds = FIRST_PAUSE_SECONDS;
    for (;;) {
      this.#state.enter('build');
      const progressed = await this.#buildRound();
      if (progressed) continue;
      await this.#updateCatalogues();
      if (this.#orders.isFinished || this.#isAllAccepted()) return;
      await this.#alerts.waiting([...this.#state.failed.all]);
      const next = await this.#waitForRetry(pauseSeconds);
      if (this.#orders.isFinished) return;
      // What depends on it can be built. Runs that began before this end here.
      if (next === 'accepted' && !patched('accepted-lets-others-build')) return;
      pauseSeconds =
        next === 'asked' ? FIRST_PAUSE_SECONDS : Math.min(pauseSeconds * 2, LONGEST_PAUSE_SECONDS);
    }
  }

  /** @returns false if there was nothing to build, or the run is to end */
  async #buildRound(): Promise<boolean> {
    const { limit = Number.POSITIVE_INFINITY, force = false } = this.#input;
    const { since, takenSources, failed, builds } = this.#state;
    const accepted = this.#orders.accepted.all;
    const round = await planRound({
      ...this.#selection,
      now: this.#now,
      most: Math.max(0, Math.min(PARTITIONS_AT_ONCE, limit - builds)),
      takenSources,
      failed: failed.all.map(({ dataset, partition, reason }) => ({ dataset, partition, reason })),
      ...(accepted.length === 0 ? {} : { accepted }),
      ...(force ? { force } : {}),
      ...(since === undefined ? {} : { since }),
    });
    this.#state.planned(round);
    this.#lineage.planned(round.lineage === true);
    if (round.ready.length === 0) return false;
    this.#lineage.began(round.ready.map(({ dataset }) => dataset));
    await buildReady(round.ready, { now: this.#now, force }, (partition, outcome) => {
      this.#state.ended(partition, outcome);
      if (outcome.kind === 'done') this.#lineage.built(partition.dataset, partition.path);
    });
    if (this.#orders.isFinished) return false;
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > MOST_EVENTS) await this.#continueAsNew();
    return true;
  }

  async #updateCatalogues(): Promise<void> {
    this.#state.enter('catalogue');
    this.#state.bringsCatalogues();
    for (const dataset of await cataloguesOfGraph(this.#selection)) {
      const outcome = await bringCatalogue(dataset);
      if (outcome.kind === 'done') continue;
      const reason = `${outcome.code}: ${outcome.error}`;
      this.#state.failedAfterwards({ dataset, partition: 'catalogue', reason });
    }
  }

  /**
   * @returns `again`: what has time left is built again; `asked` by an operator: all is, for as long as at first; `accepted`: nothing
   * failed but what an operator accepts; `finished` by an operator
   */
  async #waitForRetry(seconds: number): Promise<'again' | 'asked' | 'accepted' | 'finished'> {
    const { failed, round } = this.#state;
    // In runs that began before this, a retry that was ordered while partitions were built is forgotten.
    if (!patched('retry-while-building')) this.#orders.endRetry();
    const again = failed
      .again(round?.retrySeconds ?? {}, Date.now())
      .filter((each) => !this.#orders.accepted.has(each.failed));
    const longestMs = again.reduce((longest, { leftMs }) => Math.max(longest, leftMs), 0);
    this.#state.enter('waiting', again.length > 0 ? 'retry' : 'operator');
    const isAsked = () => this.#orders.isRetried || this.#orders.isFinished || this.#isAllAccepted();
    if (again.length > 0) await condition(isAsked, Math.min(seconds * 1000, longestMs));
    else await condition(isAsked);
    this.#state.resume();
    if (this.#isAllAccepted()) return 'accepted';
    // What failed is not built again. Runs that began before this forget it, and report it as recovered.
    if (this.#orders.isFinished && patched('finish-keeps-failures')) return 'finished';
    if (!this.#orders.isRetried) {
      failed.retry(again.map((each) => each.failed));
      return 'again';
    }
    failed.retryAll();
    this.#orders.endRetry();
    return 'asked';
  }

  /** Nothing failed but what an operator accepts as it was built last. */
  #isAllAccepted(): boolean {
    return this.#state.failed.all.every((failed) => this.#orders.accepted.has(failed));
  }

  /** A group with a member that is not complete stays as it was. */
  async #publish(): Promise<PublishGroupResult[]> {
    const published: PublishGroupResult[] = [];
    for (const { name: publication, datasets, reads = datasets } of await groupsOf(this.#selection)) {
      const accept = this.#orders.accepted.of(reads);
      published.push(
        await publishGroup({ publication, now: this.#now, ...(accept.length === 0 ? {} : { accept }) }),
      );
    }
    return published;
  }

  async #prune(): Promise<void> {
    try {
      await pruneGraph(this.#selection);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { type: code, message } = rootCause(error);
      const dataset = nameOfRun(this.#input.datasets);
      this.#state.failedAfterwards({ dataset, partition: 'pruning', code, reason: `${code}: ${message}` });
    }
  }

  #continueAsNew(): Promise<never> {
    const lineage = this.#lineage.carried;
    const carried: CarriedRun = {
      ...this.#state.carried(this.#now, this.#orders.accepted.all),
      ...(lineage === undefined ? {} : { lineage }),
    };
    return continueAsNew<typeof refreshGraph>({ ...this.#input, carried });
  }
}

/** What OpenLineage calls the graph of a run. */
const graphOf = ({ datasets = [] }: RefreshGraphInput): string =>
  datasets.length === 1 ? (datasets[0] as string) : 'all';

function selectionOf({ datasets, only, from, to, reverse }: RefreshGraphInput): GraphSelection {
  return {
    ...(datasets === undefined ? {} : { datasets }),
    ...(only === undefined ? {} : { only }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(reverse === undefined ? {} : { reverse }),
  };
}
