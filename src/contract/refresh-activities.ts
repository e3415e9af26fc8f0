import type { CheckDefinition } from '../pipeline/definition/checks.ts';
import type { WarehouseDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { LikelyDictionary } from '../pipeline/mapping/suggest/likely-dictionaries.ts';
import type { CheckResult } from '../pipeline/run/check-result.ts';
import type { Owner, RunRef } from '../pipeline/run/run-ref.ts';
import type { WorkNow } from '../pipeline/run/work-now.ts';
import type {
  DriftCounts,
  ExtractSegmentInput,
  LoadResult,
  LoadTableInput,
  RefreshInput,
  SegmentResult,
  TableResult,
} from './refresh.ts';

/** The activities that workflows call: types only, so that workflow code can import them. */

/** A run as its workflow opened it. */
interface OpenedRun extends RunRef {
  /** How many items it may set aside, by this workflow's definition. Absent in histories of 0.1.0: see the plan. */
  readonly maxRejects?: number;
  /** Whether it may leave out everything, by this workflow's definition. Absent in histories of older versions. */
  readonly allowEmpty?: boolean;
  /** How many tables it may have, by this workflow's definition. Absent in histories of 0.1.0: see the plan. */
  readonly maxTables?: number;
  /** The types in this workflow's mapping, by path. Absent if they are those of the plan's, and in histories of 0.1.0. */
  readonly types?: Readonly<Record<string, string>>;
}

/** What the parent needs to supervise a run. Small, because it stays in Temporal's history. */
export interface RunOverview {
  readonly ref: OpenedRun;
  readonly source: string;
  readonly segments: number;
  /** Segments to extract at once. Absent in histories of 0.1.0. */
  readonly segmentsAtOnce?: number;
  /** Tables to load at once. Absent in histories of older versions. */
  readonly tablesAtOnce?: number;
  /** The names of the pipeline's checks. Absent if it has none, and in histories of older versions. */
  readonly checks?: readonly string[];
  /** About how many items the table has, by DynamoDB's count. Absent in histories of older versions. */
  readonly knownItems?: number;
  readonly warehouse: WarehouseDefinition;
  /** Whether the namespace has the search attributes `TributaryPipeline`, `TributaryRun` and `TributaryState`. */
  readonly searchable: boolean;
  /** Maps of the plan's sample that look like dictionaries. Absent if none does, and in histories of 0.1.0. */
  readonly dictionaries?: readonly LikelyDictionary[];
  /** Present once the run is sealed. */
  readonly sealed?: SealedRun;
  /** The worker's configuration has destinations of alerts. Absent in histories of older versions. */
  readonly alerts?: true;
  /** It has an OpenLineage endpoint. Absent in histories of older versions. */
  readonly lineage?: true;
  /** Why it takes part files, or reads the table after all: see the plan. Absent in histories of older versions. */
  readonly origin?: string;
  /** The name of the destination to which changes are applied. Absent if the run's plan has no place in a change log. */
  readonly follows?: string;
}

export interface SealedRun {
  /** ISO 8601. Absent in histories of older versions. */
  readonly sealedAt?: string;
  readonly items: number;
  readonly odd: number;
  readonly rejects: number;
  /** Absent if there are none. */
  readonly filtered?: number;
  readonly bytes: number;
  /** In the order in which they are loaded: the largest first. In histories of older versions, by path. */
  readonly tables: readonly TableResult[];
  readonly drift: DriftCounts;
  /** Maps that look like dictionaries. Absent in histories of 0.1.0. */
  readonly dictionaries?: readonly LikelyDictionary[];
  /** The first of the manifest's notes. Absent if there are none, and in histories of older versions. */
  readonly notes?: readonly string[];
}

export interface WatchWorkInput {
  /** The reasons that are shown already: a `delaysKey`. */
  readonly known: string;
  /** New reasons are not reported before. */
  readonly quietSeconds: number;
  /** It returns after this time, even if no reason is new. */
  readonly atMostSeconds: number;
}

interface OnRun {
  readonly ref: OpenedRun;
}

interface OnWarehouse extends OnRun {
  readonly warehouse: WarehouseDefinition;
}

/** What a swap did; empty if an earlier attempt had made it. */
export interface Swapped {
  /** Nothing was swapped: live has changes that the run's staging schema lacks. Catch-up continues. */
  readonly behind?: true;
  readonly backupSchema?: string;
  /** What the report says about readers during the swap. */
  readonly note?: string;
  /** The bound views that it recreated, each with its schema. */
  readonly views?: readonly string[];
  /** What the report says about the agreed schema, if that does not include what the run added. */
  readonly schema?: string;
}

export interface OnStaging extends OnWarehouse {
  readonly stagingSchema: string;
}

/** The result of a child's activity. */
export interface Reported {
  /** The activity has sent the result to the parent. Absent if the workflow must, and in histories of 0.1.0. */
  readonly reported?: true;
}

export interface ControlActivities {
  /** Writes the run's plan, or finds the one this workflow wrote before. Refuses a run that another workflow owns. */
  planRun(input: {
    readonly request: RefreshInput;
    readonly owner: Owner;
    readonly startedAt: string;
  }): Promise<RunOverview>;
  /** Finds an earlier run. */
  openRun(input: { readonly request: RefreshInput }): Promise<RunOverview>;
  /** Merges what the segments wrote into the run's manifest, encoding the odd items. */
  sealRun(input: OnRun & { readonly acceptDrift: boolean }): Promise<SealedRun>;
  /** Names a staging schema that does not exist yet, and creates it with its tables. @returns its name */
  prepareStaging(input: OnWarehouse): Promise<string>;
  /** Names a staging schema that does not exist yet. Creates nothing. For runs that began under 0.1.0. */
  nextStaging(input: OnWarehouse): Promise<string>;
  /** Finds the newest staging schema of the run. */
  findStaging(input: OnWarehouse): Promise<string>;
  /** Creates the staging schema and its tables, if absent. For runs that began under 0.1.0. */
  createStaging(input: OnStaging): Promise<void>;
  /** Loads the files of one table that are not loaded yet. */
  loadTableFiles(input: LoadTableInput): Promise<LoadResult & Reported>;
  /** Compares staging with the observations. */
  verifyStaging(input: OnStaging): Promise<void>;
  /**
   * Runs one of the pipeline's checks on staging.
   * @param input with the check itself, if a definition was sent with the run
   */
  runCheck(
    input: OnStaging & { readonly check: string; readonly sent?: CheckDefinition },
  ): Promise<CheckResult>;
  /** Swaps staging in, in one transaction. @returns the schema that holds what was live before. */
  /** @returns with a note for the report if statements may have noticed the swap */
  replaceLive(input: OnStaging & { readonly older: boolean }): Promise<Swapped>;
  /** Drops backups beyond `keepBackups`, and this run's other staging schemas. */
  tidyWarehouse(
    input: OnStaging,
  ): Promise<{ readonly dropped: readonly string[]; readonly refused: readonly string[] }>;
  /** How workflows that this one does not await ended, by id. Open workflows are omitted. */
  endsOfChildren(input: { readonly workflowIds: readonly string[] }): Promise<Record<string, string>>;
  /** Cancels the open workflows whose ids are below the parent's. @returns their ids. */
  cancelChildren(input: { readonly parent: string }): Promise<readonly string[]>;
  /** Watches what the workflow and its children are doing; returns when a reason for a delay is new or gone. */
  watchWork(input: WatchWorkInput): Promise<WorkNow>;
  /** Writes report.json and report.html. `report` is what the workflow knows: a `RunEnd`. */
  writeReport(input: OnRun & { readonly report: unknown }): Promise<void>;
}

export interface ExtractActivities {
  /** Scans one segment to its end, or finds that it was done. */
  extractSegmentPages(input: ExtractSegmentInput): Promise<SegmentResult & Reported>;
}
