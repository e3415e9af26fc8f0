import type { PipelineDefinition, WarehouseDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { LikelyDictionary } from '../pipeline/mapping/suggest/likely-dictionaries.ts';
import type { CheckResult } from '../pipeline/run/check-result.ts';
import { paddedNumber } from '../pipeline/run/run-directory.ts';
import type { WorkNow } from '../pipeline/run/work-now.ts';

/** Inputs and results of the workflows: the JSON that our CLI, the `temporal` CLI and the Web UI show. */

export const PHASES = ['plan', 'extract', 'seal', 'prepare', 'load', 'verify', 'replace'] as const;
export type Phase = (typeof PHASES)[number];

export const CONTROL_TASK_QUEUE = 'tributary';
export const EXTRACT_TASK_QUEUE = 'tributary-extract';
/** For activities that mostly wait: receiving messages and listing files. */
export const LOADERS_TASK_QUEUE = 'tributary-loaders';

/** Input of `refreshWarehouse`. */
export interface RefreshInput {
  /** Name of a pipeline in the worker's configuration. */
  readonly pipeline: string;
  /** Name of the destination. Default: that of the run that is resumed, replayed or reused, or the only one of kind `redshift`. */
  readonly destination?: string;
  /** The pipeline's definition itself, so that the run does not depend on the worker's file. */
  readonly definition?: PipelineDefinition;
  /** The run's name. Default: derived from the start time and the workflow. */
  readonly run?: string;
  /** First phase. Any but `plan` needs the name of an earlier run. `replace` verifies first. */
  readonly from?: Phase;
  /** Last phase. */
  readonly to?: Phase;
  /** An earlier run. Items it set aside are mapped again, by today's mapping; its other parts are reused unchanged. */
  readonly replay?: string;
  /**
   * An earlier run whose part files are taken; the table is not read. Its data is as old as that run's: the changes since then
   * are applied before the swap. For a pipeline that follows changes.
   */
  readonly reuse?: string;
  /** `reuse` of the run that is live, if the log has all changes since then; else the table is read. */
  readonly preferReuse?: boolean;
  /** Number of segments, instead of the definition's. */
  readonly segments?: number;
  /** Replace even if live was extracted later than this run. */
  readonly older?: boolean;
  /** Continue even if the pipeline's `onDrift` says `stop` for what is new, wider, of another type or gone. */
  readonly acceptDrift?: boolean;
}

/** Input of `extractSegment`: one segment of a planned run. */
export interface ExtractSegmentInput {
  readonly pipeline: string;
  readonly run: string;
  readonly segment: number;
  /** Where the run directory is. Default: that of the pipeline in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** Workflow to notify once the segment is settled; absent if the segment runs on its own. */
  readonly parent?: string;
}

export interface SegmentResult {
  readonly segment: number;
  readonly items: number;
  readonly files: number;
  readonly bytes: number;
  readonly checkpoints: number;
  readonly rejects: number;
}

/** Input of `loadTable`: one table of a prepared run, or only its files from some segments. */
export interface LoadTableInput {
  readonly pipeline: string;
  readonly run: string;
  /** The table's name in the warehouse. */
  readonly table: string;
  /** Staging schema. Default: the run's newest generation. */
  readonly stagingSchema?: string;
  readonly segments?: readonly number[];
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** Default: that of the pipeline in the worker's configuration. */
  readonly warehouse?: WarehouseDefinition;
  readonly parent?: string;
}

export interface TableResult {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Result of `loadTable`. */
export interface LoadResult extends TableResult {
  /** The schema it was loaded into: the run may use another one by now. Absent in histories of 0.1.0. */
  readonly stagingSchema?: string;
}

/** Result of `refreshWarehouse`. */
export interface RefreshResult {
  readonly run: string;
  /** `replaced`, or the last phase requested. */
  readonly status: 'replaced' | Phase;
  readonly tables: readonly TableResult[];
  readonly items: number;
  readonly rejects: number;
  /** Items that do not meet the conditions of `where`. Absent if there are none. */
  readonly filtered?: number;
  /** What the run changed in the agreed schema; undefined if it was not sealed. */
  readonly drift?: DriftCounts;
  /** The pipeline's checks. Absent if it has none. */
  readonly checks?: readonly CheckResult[];
  /** Maps that look like dictionaries. Absent if none does. */
  readonly dictionaries?: readonly LikelyDictionary[];
  /** What the operator should look at, such as settings that matched nothing. Absent if there is nothing. */
  readonly notes?: readonly string[];
  readonly seconds: number;
}

/** How many tables and columns are new, changed, or without a value in this run; the report names them. */
export interface DriftCounts {
  /** Revision of the agreed schema. */
  readonly revision: number;
  readonly newTables: number;
  readonly newColumns: number;
  readonly widened: number;
  /** Columns with another type that is not wider. Absent in results of 0.1.0, where most of them count as `widened`. */
  readonly retyped?: number;
  /** Tables and columns renamed by the mapping. Absent in results of 0.1.0. */
  readonly renamed?: number;
  readonly gone: number;
  /** Of these, the columns that had values in the run before. Absent in results of 0.1.0. */
  readonly newlyGone?: number;
  /** `onDrift` is `report` for a kind of change that this run made. */
  readonly flagged: boolean;
}

/** Answer of the query `progress`. */
export interface Progress {
  readonly pipeline: string;
  readonly run?: string;
  readonly phase: Phase | 'done';
  /** `waiting`: parked until an operator acts on what failed. */
  readonly state: 'running' | 'waiting' | 'completed';
  /** Of a completed run: `replaced`, or the last phase requested. */
  readonly status?: 'replaced' | Phase;
  readonly phases: readonly PhaseProgress[];
  readonly extract?: FanOutProgress;
  readonly load?: FanOutProgress;
  /** The pipeline's checks, which are part of the phase verify. Absent if it has none. */
  readonly checks?: FanOutProgress;
  /** What those that have ended found. */
  readonly checked?: readonly CheckResult[];
  /** How far staging has caught up with the changes since the scan, in the phase replace. Absent if the run follows none. */
  readonly catchUp?: CatchUpProgress;
  /** Why it takes the part files of another run, or reads the table after all. Absent if it was only to read the table. */
  readonly origin?: string;
  /** About how many items the table has, by DynamoDB's count. */
  readonly knownItems?: number;
  /** How many rows the run loads. */
  readonly knownRows?: number;
  /** What the current phase is doing. Absent in the first seconds, and if nothing runs. */
  readonly now?: WorkNow;
  /** Maps that look like dictionaries: of the plan's sample, then of all items. Absent if none does. */
  readonly dictionaries?: readonly LikelyDictionary[];
}

/** Changes are applied to staging before it replaces live. */
export interface CatchUpProgress {
  /**
   * `waiting`: another run of this destination catches up, or the destination does not run. `paused`: caught up, and the
   * swap waits until the destination is resumed. `cannot catch up`: changes arrive as fast as they are applied.
   */
  readonly state: 'waiting' | 'catching up' | 'cannot catch up' | 'paused' | 'swapping' | 'done';
  /** Applies to staging so far. */
  readonly rounds: number;
  /** How long the last one took. */
  readonly seconds: number;
  /** Changes that it left in the log. */
  readonly left: number;
}

export interface PhaseProgress {
  readonly phase: Phase;
  readonly state: 'skipped' | 'not started' | 'running' | 'completed';
  readonly startedAt?: string;
  readonly seconds?: number;
}

export interface FanOutProgress {
  readonly notStarted: number;
  readonly running: number;
  readonly external: number;
  readonly failed: number;
  readonly settled: number;
  readonly total: number;
  /** At most 50 children that have started but not settled; failed ones first. */
  readonly unfinished: readonly ChildProgress[];
  /** Totals over the settled children: items (extract) or rows (load), and bytes. */
  readonly items: number;
  readonly bytes: number;
}

export interface ChildProgress {
  /** Segment number as text, or table name. */
  readonly child: string;
  readonly workflowId: string;
  readonly state: 'running' | 'external' | 'failed';
  /** Why it failed. */
  readonly error?: string;
  /** The code of its failure; docs/operating.md lists them. Absent if not known. */
  readonly code?: string;
}

/**
 * Search attributes that runs can be listed by, of type Keyword. Setting an unregistered one would block the
 * workflow, so they are set only if the plan phase found all of them. Temporal never encrypts them: they hold no data.
 */
export const SEARCH_ATTRIBUTES = ['TributaryPipeline', 'TributaryRun', 'TributaryState'] as const;

export const QUERY_PROGRESS = 'progress';
/** An update and a signal of the same name. Argument: a segment's number, or none for all failed segments. */
export const RETRY_SEGMENT = 'retrySegment';
/** An update and a signal of the same name. Argument: a table's name, or none for all failed tables. */
export const RETRY_TABLE = 'retryTable';
export const RETRY_CHECK = 'retryCheck';
export const SIGNAL_SEGMENT_SETTLED = 'segmentSettled';
export const SIGNAL_TABLE_SETTLED = 'tableSettled';
export const SIGNAL_SEGMENT_FAILED = 'segmentFailed';
export const SIGNAL_TABLE_FAILED = 'tableFailed';

export const refreshWorkflowId = (pipeline: string, run: string) => `refresh-${pipeline}-${run}`;
export const segmentWorkflowId = (parent: string, segment: number) =>
  `${parent}/segment-${paddedNumber(segment)}`;
export const loadWorkflowId = (parent: string, table: string) => `${parent}/load-${table}`;
