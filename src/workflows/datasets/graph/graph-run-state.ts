import { upsertMemo } from '@temporalio/workflow';
import type {
  AcceptedMember,
  GraphProgress,
  PlannedRound,
  ReadyPartition,
  RefreshGraphInput,
  RefreshGraphResult,
} from '../../../contract/datasets/graph.ts';
import { graphDetails, graphLine } from '../../../contract/datasets/graph-details.ts';
import { cut } from '../../../pipeline/text/sentences.ts';
import { showDetails } from '../../as-typed.ts';
import type { CarriedLineage } from '../../lineage/dataset-lineage.ts';
import type { Acceptable } from './accepted-members.ts';
import type { BuildOutcome } from './build-ready.ts';
import { type CarriedFailures, type Failed, FailedPartitions } from './failed-partitions.ts';
import type { TakenFiles } from './take-files.ts';

/** Of a reason: its workflow has the whole. */
const MOST_CHARACTERS = 500;
const MOST_WARNINGS = 50;
const NONE = { complete: 0, ready: 0, waits: 0, blocked: 0, held: 0, failed: 0 };

/** What an execution of a run carries over to the next one. */
export interface CarriedRun {
  readonly now: string;
  readonly takenSources: readonly string[];
  readonly built: number;
  readonly unchanged: number;
  readonly since?: string;
  readonly plan?: string;
  readonly failures?: CarriedFailures;
  readonly failedSources?: readonly Failed[];
  readonly accepted?: readonly AcceptedMember[];
  readonly warnings: readonly string[];
  readonly lineage?: CarriedLineage;
}

/** What a run of datasets has done so far, as operators see it: by the query, the current details, the memo and the result. */
export class GraphRunState {
  readonly failed: FailedPartitions;
  readonly #memo: { readonly does?: string };
  readonly #takenSources: string[];
  readonly #warnings: string[];
  readonly #failedSources: Failed[];
  readonly #failedAfterwards: Failed[] = [];
  #phase: GraphProgress['phase'] = 'files';
  #waitsFor: GraphProgress['waitsFor'];
  #built: number;
  #unchanged: number;
  #running = 0;
  #since: string | undefined;
  #plan: string | undefined;
  #round: PlannedRound | undefined;

  constructor(input: RefreshGraphInput, carried: CarriedRun | undefined) {
    this.#memo = doesOf(input);
    this.failed = new FailedPartitions(carried?.failures);
    this.#takenSources = [...(carried?.takenSources ?? [])];
    this.#failedSources = [...(carried?.failedSources ?? [])];
    this.#warnings = [...(carried?.warnings ?? [])];
    this.#built = carried?.built ?? 0;
    this.#unchanged = carried?.unchanged ?? 0;
    this.#since = carried?.since;
    this.#plan = carried?.plan;
  }

  get phase(): GraphProgress['phase'] {
    return this.#phase;
  }

  /** The last plan. */
  get round(): PlannedRound | undefined {
    return this.#round;
  }

  /** When the run began, by S3's clock. Absent before the first plan. */
  get since(): string | undefined {
    return this.#since;
  }

  get takenSources(): readonly string[] {
    return this.#takenSources;
  }

  /** How many partitions were built, with other rows or the same. */
  get builds(): number {
    return this.#built + this.#unchanged;
  }

  get allFailed(): Failed[] {
    return [...this.failed.all, ...this.#failedSources, ...this.#failedAfterwards];
  }

  get acceptable(): Acceptable {
    return { failed: this.failed.all, neverBuilt: this.#round?.neverBuilt ?? [] };
  }

  /** An operator accepts what failed as it was built last. */
  accepted({ dataset, partition, reason }: AcceptedMember): void {
    const name = partition === undefined ? dataset : `${dataset} ${partition}`;
    this.#warn(`${name}: accepted as it was built last: ${reason}`);
    this.show();
  }

  enter(phase: GraphProgress['phase'], waitsFor?: GraphProgress['waitsFor']): void {
    this.#phase = phase;
    this.#waitsFor = waitsFor;
    this.show();
    upsertMemo({ tributary: graphLine(this.progress()), ...this.#memo });
  }

  /** It waits no longer. */
  resume(): void {
    this.#waitsFor = undefined;
  }

  show(): void {
    showDetails(graphDetails(this.progress()));
  }

  /** What the source lacks, no file has, only if all of its files were taken. */
  took(source: string, { failure, warnings }: TakenFiles): void {
    for (const warning of warnings) this.#warn(`${source} ${warning}`);
    if (failure === undefined) this.#takenSources.push(source);
    else this.#failedSources.push({ dataset: source, partition: 'files', reason: failure });
  }

  planned(round: PlannedRound): void {
    this.#round = round;
    this.#since = round.since;
    this.#plan ??= round.plan;
    if (round.ready.length === 0) return;
    this.#running = round.ready.length;
    this.show();
  }

  /** The build of a partition ended. */
  ended({ dataset, partition }: ReadyPartition, outcome: BuildOutcome): void {
    this.#running--;
    if (outcome.kind === 'failed') {
      const { code, error } = outcome;
      const reason = cut(`${code}: ${error}`, MOST_CHARACTERS);
      this.failed.add({ dataset, partition, code, reason }, Date.now());
    } else {
      const { warnings = [], isUnchanged } = outcome.output;
      this.failed.built({ dataset, partition });
      for (const warning of warnings) this.#warn(`${dataset} ${partition}: ${warning}`);
      if (isUnchanged) this.#unchanged++;
      else this.#built++;
    }
    this.show();
  }

  /** Catalogues are brought up to date again: what failed before counts no longer. */
  bringsCatalogues(): void {
    this.#failedAfterwards.length = 0;
  }

  /** A catalogue, or pruning: what follows the builds. */
  failedAfterwards(failed: Failed): void {
    this.#failedAfterwards.push(failed);
  }

  /** By dataset: why the earliest of its partitions that failed did. */
  get failures(): ReadonlyMap<string, string> {
    const latestFirst = this.failed.all.toSorted((a, b) => (a.partition < b.partition ? 1 : -1));
    return new Map(latestFirst.map(({ dataset, partition, reason }) => [dataset, `${partition}: ${reason}`]));
  }

  carried(now: string, accepted: readonly AcceptedMember[]): Omit<CarriedRun, 'lineage'> {
    return {
      ...{ now, takenSources: this.#takenSources, built: this.#built, unchanged: this.#unchanged },
      ...(this.#since === undefined ? {} : { since: this.#since }),
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
      failures: this.failed.carried,
      ...(this.#failedSources.length === 0 ? {} : { failedSources: this.#failedSources }),
      ...{ warnings: this.#warnings, accepted },
    };
  }

  progress(): GraphProgress {
    const failed = [...this.#failedSources, ...this.#failedAfterwards].map((each) => ({
      ...each,
      state: 'failed' as const,
    }));
    return {
      ...{ phase: this.#phase, built: this.#built, unchanged: this.#unchanged, running: this.#running },
      warnings: this.#warnings,
      ...(this.#waitsFor === undefined ? {} : { waitsFor: this.#waitsFor }),
      ...(this.#round === undefined ? {} : { totals: this.#round.totals }),
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
      unfinished: [...failed, ...(this.#round?.unfinished ?? [])],
    };
  }

  result(publications: RefreshGraphResult['publications']): RefreshGraphResult {
    const { built, unchanged, warnings, unfinished, totals = NONE, plan } = this.progress();
    return {
      ...(plan === undefined ? {} : { plan }),
      ...{ built, unchanged, warnings, unfinished, totals, publications },
    };
  }

  #warn(warning: string): void {
    if (this.#warnings.length < MOST_WARNINGS) this.#warnings.push(warning);
  }
}

/** What a watch of a schedule looks for: the datasets of a run that leaves nothing out. */
function doesOf({ datasets, only, from, to, limit, withoutFiles }: RefreshGraphInput): {
  readonly does?: string;
} {
  const isPart = [only, from, to, limit, withoutFiles].some((each) => each !== undefined && each !== false);
  return isPart ? {} : { does: datasets?.join(' ') ?? 'all' };
}
