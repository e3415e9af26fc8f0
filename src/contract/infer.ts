import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { LikelyDictionary } from '../pipeline/mapping/suggest/likely-dictionaries.ts';
import type { WorkNow } from '../pipeline/run/work-now.ts';
import type { DriftCounts, FanOutProgress } from './refresh.ts';

/** Inputs and results of schema inference. */

/** Input of `inferSchema`. `{"pipeline":"nobel","sample":"5%"}` is enough. */
export interface InferInput {
  /** Name of a pipeline in the worker's configuration. */
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  /** The pipeline's definition itself, so that the inference does not depend on the worker's file. */
  readonly definition?: PipelineDefinition;
  /** The inference's name. Default: derived from the start time and the workflow. */
  readonly inference?: string;
  /** Share of the table to read, e.g. `5%`, spread over all segments. Default: the whole table. */
  readonly sample?: string;
  /** Number of segments, instead of the definition's. */
  readonly segments?: number;
  /** `off`: no values of the table are written into the inference. */
  readonly examples?: 'on' | 'off';
  /** `false`: only look, and leave the agreed schema as it is. Default: true. */
  readonly agree?: boolean;
  /** Agree even if the definition's `onDrift` says `stop` for what was found. */
  readonly acceptDrift?: boolean;
}

/** Input of `inferSegment`: one segment of a planned inference. */
export interface InferSegmentInput {
  readonly pipeline: string;
  readonly inference: string;
  readonly segment: number;
  /** Default: that of the pipeline in the worker's configuration. */
  readonly staging?: { readonly bucket: string; readonly prefix: string };
  readonly parent?: string;
}

export interface InferSegmentResult {
  readonly segment: number;
  readonly items: number;
  readonly readUnits: number;
}

/** The `reason` of an inference whose only obstacle is `onDrift: stop`. */
export const DRIFT_NOT_ACCEPTED =
  'onDrift is stop: review the drift, then accept it with acceptDrift (--accept-drift)';

/** The `reason` of an inference that found no obstacle, but was only to look. */
export const ONLY_LOOKED = 'the inference only looked';

/** Result of `inferSchema`. */
export interface InferResult {
  readonly inference: string;
  readonly items: number;
  readonly rejects: number;
  /** Items that do not meet the conditions of `where`. Absent if there are none. */
  readonly filtered?: number;
  readonly readUnits: number;
  /** Whether the agreed schema now holds what was found; if not, `reason` says why. */
  readonly agreed: boolean;
  readonly reason?: string;
  readonly drift: DriftCounts;
  /** Maps that look like dictionaries. Absent if none does. */
  readonly dictionaries?: readonly LikelyDictionary[];
  /** Key of inference.json. */
  readonly report: string;
  readonly seconds: number;
}

/** Answer of the query `progress` of `inferSchema`. */
export interface InferProgress {
  readonly pipeline: string;
  readonly inference?: string;
  readonly phase: 'plan' | 'scan' | 'conclude' | 'done';
  readonly state: 'running' | 'waiting' | 'completed';
  readonly scan?: FanOutProgress;
  /** About how many items are read. */
  readonly knownItems?: number;
  /** Absent in the first seconds, and if nothing runs. */
  readonly now?: WorkNow;
}

export const inferWorkflowId = (pipeline: string, inference: string) => `infer-${pipeline}-${inference}`;
