import type { BuildDurations } from '../../pipeline/datasets/graph/build-durations.ts';
import type { AlertsPlace } from './dataset-activities.ts';

/** Inputs and results of the workflows of derived datasets: the JSON that our CLI, the `temporal` CLI and the Web UI show. */

/** Input of `planDatasets`: what a run would build, and why. It changes nothing. */
export interface PlanDatasetsInput {
  /** The datasets; with them, all that they are built from and all that is built from them. Default: all. */
  readonly datasets?: readonly string[];
  /** Only these datasets; others are used as they are. */
  readonly only?: boolean;
  /** The first and last day: only partitions with days in between. */
  readonly from?: string;
  readonly to?: string;
  /** Newest first. */
  readonly reverse?: boolean;
  /** The time for which the partitions are built. ISO 8601. Default: the start. */
  readonly now?: string;
}

/** Which partitions a run or a plan is about. */
export type GraphSelection = PlanDatasetsInput;

/** Input of `refreshGraph`: takes new files of the sources, and builds what is stale. */
export interface RefreshGraphInput extends GraphSelection {
  /** Build partitions of the named datasets although they are complete. */
  readonly force?: boolean;
  /** Build at most this many partitions. */
  readonly limit?: number;
  /** Take no new files. */
  readonly withoutFiles?: boolean;
  /** Of the sources: list their whole prefixes, and publish rows for late days as well. */
  readonly everything?: boolean;
  readonly late?: boolean;
  /** What an earlier execution carried over. Not for operators. */
  readonly carried?: unknown;
}

/** Partitions by what is to be done about them. */
export interface GraphTotals {
  readonly complete: number;
  readonly ready: number;
  /** For inputs that are built first. */
  readonly waits: number;
  /** An input is missing or has failed. */
  readonly blocked: number;
  /** For an approval. */
  readonly held: number;
  readonly failed: number;
}

/** A partition that is not complete. */
export interface UnfinishedPartition {
  readonly dataset: string;
  /** Its day or month. */
  readonly partition: string;
  readonly state: 'ready' | 'waits' | 'blocked' | 'held' | 'failed';
  readonly reason: string;
  /** Of one that failed: what it reads, the first 20: `transactions 2026-11-01`. */
  readonly inputs?: readonly string[];
  /** The id of the run in which it failed, if that is in progress. */
  readonly run?: string;
}

/** How far a dataset is behind. */
interface DatasetProgressRow {
  readonly dataset: string;
  readonly expected: number;
  readonly complete: number;
  /** Partitions from the first that is missing to the last that is expected. */
  readonly delay: number;
}

/** A dataset of the plan. */
export interface PlannedDataset {
  readonly name: string;
  readonly kind: 'source' | 'derived' | 'fetched';
  /** Absent if its partitions are not days or months. */
  readonly unit?: 'day' | 'month';
  readonly reads: readonly {
    readonly dataset: string;
    readonly rule: string;
    readonly isReference: boolean;
  }[];
  readonly counts: GraphTotals;
  /** How long builds took; absent if none was measured. */
  readonly durations?: BuildDurations;
  /** Partitions of which its step gave other rows of the same inputs: the first 5, and how many there are. */
  readonly unstable?: { readonly partitions: readonly string[]; readonly total: number };
  /** The first and last partition that it has or is to have. */
  readonly first?: string;
  readonly last?: string;
}

export interface PlanDatasetsResult {
  /** Each after all that it reads. */
  readonly datasets: readonly PlannedDataset[];
  readonly totals: GraphTotals;
  /** At most 500, each dataset after all that it reads, oldest first. */
  readonly partitions: readonly UnfinishedPartition[];
  /** Of derived datasets whose expected partitions are known. */
  readonly progress: readonly DatasetProgressRow[];
  /** If there are more than 500: the address of the whole plan in S3. */
  readonly plan?: string;
}

export interface RefreshGraphResult {
  /** Partitions that have other rows than before. */
  readonly built: number;
  /** Partitions that were built, and have the rows that they had. */
  readonly unchanged: number;
  /** At most 50 about partitions that were published: checks that did not hold, and steps that gave other rows of the same inputs. */
  readonly warnings: readonly string[];
  readonly totals: GraphTotals;
  /** At most 50 of those that are not complete. */
  readonly unfinished: readonly UnfinishedPartition[];
  /** The address in S3 of what was to be built, and why; absent if nothing was. */
  readonly plan?: string;
  /** Groups of which it has built members: their new number, or the one that stays. */
  readonly publications: readonly PublishGroupResult[];
}

/** Input of `approveStep`: rebuilds of all partitions by the current step of a dataset. */
export interface ApproveStepInput {
  readonly dataset: string;
}

export interface ApproveStepResult {
  readonly dataset: string;
  /** The version of the step. */
  readonly code: string;
}

/** Input of `publishGroup`: a group of datasets appears together, as it is now. */
export interface PublishGroupInput {
  readonly publication: string;
  /** Members that are not complete, or what they are built from, and why they may appear as they were built last. */
  readonly accept?: readonly AcceptedMember[];
}

/** Argument of the update and signal `accept` of `refreshGraph`. */
export interface AcceptedMember {
  readonly dataset: string;
  /** Its day or month. Default: all. */
  readonly partition?: string;
  readonly reason: string;
}

/** Whether a partition is among those that an operator accepts. */
export const isAccepted = (
  member: Pick<AcceptedMember, 'dataset' | 'partition'>,
  { dataset, partition }: { readonly dataset: string; readonly partition: string },
): boolean => member.dataset === dataset && (member.partition ?? partition) === partition;

/** As commands name it: `statements/2026-03`, or `statements` for all. */
export const memberName = ({ dataset, partition }: Pick<AcceptedMember, 'dataset' | 'partition'>): string =>
  partition === undefined ? dataset : `${dataset}/${partition}`;

export interface PublishGroupResult {
  readonly publication: string;
  /** Its latest number; absent if there is none. */
  readonly number?: number;
  /** false: readers see what they saw. */
  readonly isNew: boolean;
  /** At most 50 members that are not complete, so that the group stays as it was. */
  readonly incomplete: readonly UnfinishedPartition[];
}

/** Input of `explainPartition`: what a published partition was built from. */
export interface ExplainPartitionInput {
  readonly dataset: string;
  /** Its day or month. */
  readonly partition: string;
  /** As a publication has it: `{ name, number }`. Default: the current generation. */
  readonly publication?: { readonly name: string; readonly number: number };
  /** An earlier generation: `7-<id>`, or `7` if there is only one. */
  readonly generation?: string;
}

export interface ExplainedPartition {
  readonly dataset: string;
  readonly partition: string;
  readonly generation: number;
  readonly id: string;
  readonly rows: number;
  /** Of a derived dataset. */
  readonly builtAt?: string;
  readonly code?: string;
  readonly warnings?: readonly string[];
  /** Of a source: how many files it has rows of. */
  readonly files?: number;
  /** Why it was published although it was not complete. */
  readonly accepted?: string;
  readonly inputs: readonly {
    readonly dataset: string;
    readonly partition: string;
    readonly generation: number;
    readonly id: string;
    readonly isReference: boolean;
    /** It has another generation now. */
    readonly isSuperseded: boolean;
    /** Of a table of the warehouse: what its version was. */
    readonly version?: string;
  }[];
}

/** Who is to hear of a run of datasets, and where that is noted. */
export interface AlertsOfGraph {
  /** By the names of datasets, and `datasets`, for a run of several. */
  readonly places: Readonly<Record<string, AlertsPlace>>;
  /** Those of them of which something is not resolved. */
  readonly open: readonly string[];
}

/** A dataset with partitions that a run cannot build, although nothing failed. */
export interface TroubledDataset {
  readonly dataset: string;
  /**
   * `missing`: expected, and not in the files of a source. `held`: for an approval. `invalid`: the step cannot run. `too many files`:
   * more than `store.maxFiles` allows.
   */
  readonly kind: 'missing' | 'held' | 'invalid' | 'too many files';
  /** Of the first of them. */
  readonly reason: string;
  /** The first of them, at most 5. */
  readonly partitions: readonly string[];
  readonly total: number;
}

/** A publication. */
export interface Group {
  readonly name: string;
  readonly datasets: readonly string[];
  /** Its datasets, and all that they are built from. Absent in results of earlier versions. */
  readonly reads?: readonly string[];
}

/** On the control queue. */
export interface GraphControlActivities {
  /** Undefined if the worker's configuration has no destinations of alerts. */
  alertsOfGraph(input: GraphSelection): Promise<AlertsOfGraph | undefined>;
  publishGroup(input: PublishGroupInput & { readonly now: string }): Promise<PublishGroupResult>;
  /** The groups of which a run has built members. */
  groupsOf(input: PlanDatasetsInput): Promise<readonly Group[]>;
  explainPartition(input: ExplainPartitionInput): Promise<ExplainedPartition>;
  /** Which sources a run takes files of. */
  sourcesOfGraph(input: GraphSelection): Promise<readonly string[]>;
  planRound(input: PlanRoundInput): Promise<PlannedRound>;
  /** The derived and fetched datasets of a run that have a table in a catalogue. */
  cataloguesOfGraph(input: GraphSelection): Promise<readonly string[]>;
  planDatasets(input: PlanDatasetsInput & { readonly now: string }): Promise<PlanDatasetsResult>;
  approveStep(input: ApproveStepInput): Promise<ApproveStepResult>;
  /** Deletes what nothing needs of the datasets that a run builds, once a day. */
  pruneGraph(input: GraphSelection): Promise<{ readonly objects: number }>;
}

export interface PlanRoundInput extends GraphSelection {
  readonly now: string;
  /** Build partitions of the named datasets although they are complete. */
  readonly force?: boolean;
  /** When the run began, by S3's clock: what it forces or fetches again is done if it was published later. Absent: now. */
  readonly since?: string;
  /** The most partitions to give. */
  readonly most: number;
  /** Sources whose files were all taken. */
  readonly takenSources: readonly string[];
  readonly failed: readonly {
    readonly dataset: string;
    readonly partition: string;
    readonly reason: string;
  }[];
  /** Of those that failed: what is taken as it was built last, so that what depends on it can be built. */
  readonly accepted?: readonly AcceptedMember[];
}

/** What can be built now. */
export interface PlannedRound {
  readonly ready: readonly ReadyPartition[];
  readonly totals: GraphTotals;
  /** At most 50. */
  readonly unfinished: readonly UnfinishedPartition[];
  readonly troubles: readonly TroubledDataset[];
  /** The datasets of the run, with all that they read. */
  readonly seen: readonly string[];
  /** Of the partitions that failed: those of which nothing was ever built. Absent in results of earlier versions. */
  readonly neverBuilt?: readonly { readonly dataset: string; readonly partition: string }[];
  /** When the run began, by S3's clock. */
  readonly since: string;
  /** Of datasets with failed partitions: how long these are built again, in seconds. */
  readonly retrySeconds: Readonly<Record<string, number>>;
  /** Of the first round of a run: the address of the plan in S3. */
  readonly plan?: string;
  /** The worker's configuration has an OpenLineage endpoint. */
  readonly lineage?: true;
}

export interface ReadyPartition {
  readonly dataset: string;
  /** Its day or month. */
  readonly partition: string;
  /** Its path: `day=2026-11-01`. */
  readonly path: string;
  readonly reason: string;
  /** A day of a source that has no rows. */
  readonly isEmpty: boolean;
  /** By input: the partitions that a rule which is a function has named. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
}

/** Answer of the query `progress` of `refreshGraph`. */
export interface GraphProgress {
  readonly phase: 'files' | 'build' | 'catalogue' | 'waiting' | 'done';
  /** While it waits because partitions failed: it builds them again by itself, or an operator must act. */
  readonly waitsFor?: 'retry' | 'operator';
  /** Partitions with other rows than before. */
  readonly built: number;
  readonly unchanged: number;
  readonly running: number;
  /** At most 50 about partitions that were published: checks that did not hold, and steps that gave other rows of the same inputs. */
  readonly warnings: readonly string[];
  readonly totals?: GraphTotals;
  /** The address in S3 of what was to be built, and why. */
  readonly plan?: string;
  /** At most 50. */
  readonly unfinished: readonly UnfinishedPartition[];
}

/** Whether a run has built everything that was to be built. */
export const isAllBuilt = ({
  totals: { failed, blocked },
  unfinished,
}: Pick<RefreshGraphResult, 'totals' | 'unfinished'>): boolean =>
  failed + blocked === 0 && unfinished.every(({ state }) => state !== 'failed');

export const graphWorkflowId = (name: string, time: string) => `graph/${name}/${time}`;
