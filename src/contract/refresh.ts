import type { PipelineDefinition, WarehouseDefinition } from '../pipeline/definition/pipeline-definition.ts';
import { paddedNumber } from '../pipeline/run/run-directory.ts';

/** What goes into and comes out of the workflows: the JSON that the CLI, the stock CLI and the Web UI show. */

export const PHASES = ['plan', 'extract', 'seal', 'prepare', 'load', 'verify', 'replace'] as const;
export type Phase = (typeof PHASES)[number];

export const CONTROL_TASK_QUEUE = 'tributary';
export const EXTRACT_TASK_QUEUE = 'tributary-extract';

/** Input of `refreshWarehouse`. */
export interface RefreshInput {
  /** Name of a pipeline in the worker's configuration. */
  readonly pipeline: string;
  /** The pipeline's definition itself, so that the run does not depend on the worker's file. */
  readonly definition?: PipelineDefinition;
  /** The run's name; made from the start time and the workflow where it is not given. */
  readonly run?: string;
  /** First phase; an earlier run's name is needed for any but `plan`. `replace` verifies first. */
  readonly from?: Phase;
  /** Last phase. */
  readonly to?: Phase;
  /** An earlier run: what it set aside is read anew by today's mapping, all else is taken from it as it is. */
  readonly replay?: string;
  /** Number of segments, instead of the definition's. */
  readonly segments?: number;
  /** Replace even if live was extracted later than this run. */
  readonly older?: boolean;
  /** Go on although the pipeline's definition says `onDrift: stop` and something is new or wider. */
  readonly acceptDrift?: boolean;
}

/** Input of `extractSegment`: one segment of a planned run. */
export interface ExtractSegmentInput {
  readonly pipeline: string;
  readonly run: string;
  readonly segment: number;
  /** Where the run directory is. Where it is not given, the pipeline is looked up in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** Workflow to tell when it is settled; none when the segment is run alone. */
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

/** Input of `loadTable`: one table of a prepared run, or its files of some segments only. */
export interface LoadTableInput {
  readonly pipeline: string;
  readonly run: string;
  /** The table's name in the warehouse. */
  readonly table: string;
  /** Staging schema; the run's newest generation where it is not given. */
  readonly stagingSchema?: string;
  readonly segments?: readonly number[];
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  /** Where it is not given, the pipeline is looked up in the worker's configuration. */
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
  /** Where it was loaded to: a run may have moved on to another one. Absent in histories of 0.1.0. */
  readonly stagingSchema?: string;
}

/** Result of `refreshWarehouse`. */
export interface RefreshResult {
  readonly run: string;
  /** `replaced`, or the last phase that was asked for. */
  readonly status: 'replaced' | Phase;
  readonly tables: readonly TableResult[];
  readonly items: number;
  readonly rejects: number;
  /** What the run brought to the agreed schema; undefined where it was not sealed. */
  readonly drift?: DriftCounts;
  readonly seconds: number;
}

/** How many tables and columns are new, wider, or without a value in this run; the report names them. */
export interface DriftCounts {
  /** Revision of the agreed schema. */
  readonly revision: number;
  readonly newTables: number;
  readonly newColumns: number;
  readonly widened: number;
  readonly gone: number;
  /** The definition says `onDrift: report`, and something is new or wider. */
  readonly flagged: boolean;
}

/** Answer of the query `progress`. */
export interface Progress {
  readonly pipeline: string;
  readonly run?: string;
  readonly phase: Phase | 'done';
  /** `waiting`: parked until somebody acts on `failed`. */
  readonly state: 'running' | 'waiting' | 'completed';
  readonly phases: readonly PhaseProgress[];
  readonly extract?: FanOutProgress;
  readonly load?: FanOutProgress;
}

export interface PhaseProgress {
  readonly phase: Phase;
  readonly state: 'skipped' | 'waiting' | 'running' | 'completed';
  readonly startedAt?: string;
  readonly seconds?: number;
}

export interface FanOutProgress {
  readonly waiting: number;
  readonly running: number;
  readonly external: number;
  readonly failed: number;
  readonly settled: number;
  readonly total: number;
  /** At most 50 that are not settled and not merely waiting; failed ones first. */
  readonly unfinished: readonly ChildProgress[];
  /** Of the settled: items (extract) or rows (load), and bytes. */
  readonly items: number;
  readonly bytes: number;
}

export interface ChildProgress {
  /** Segment number as text, or table name. */
  readonly child: string;
  readonly workflowId: string;
  readonly state: 'running' | 'external' | 'failed';
  readonly error?: string;
}

/**
 * What runs can be listed by, where the namespace has these attributes (Keyword). Setting one that is not
 * registered would hold the workflow up, so they are set only where the plan found all of them. They are never
 * encrypted: nothing of the data is in them.
 */
export const SEARCH_ATTRIBUTES = ['TributaryPipeline', 'TributaryRun', 'TributaryState'] as const;

export const QUERY_PROGRESS = 'progress';
/** Update and signal of one name: the argument is a segment's number, or nothing for all failed ones. */
export const RETRY_SEGMENT = 'retrySegment';
/** Update and signal of one name: the argument is a table's name, or nothing for all failed ones. */
export const RETRY_TABLE = 'retryTable';
export const SIGNAL_SEGMENT_SETTLED = 'segmentSettled';
export const SIGNAL_TABLE_SETTLED = 'tableSettled';
export const SIGNAL_SEGMENT_FAILED = 'segmentFailed';
export const SIGNAL_TABLE_FAILED = 'tableFailed';

export const refreshWorkflowId = (pipeline: string, run: string) => `refresh-${pipeline}-${run}`;
export const segmentWorkflowId = (parent: string, segment: number) =>
  `${parent}/segment-${paddedNumber(segment)}`;
export const loadWorkflowId = (parent: string, table: string) => `${parent}/load-${table}`;
