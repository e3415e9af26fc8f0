import type { Owner } from '../pipeline/run/run-ref.ts';
import type { InferInput, InferResult, InferSegmentInput, InferSegmentResult } from './infer.ts';
import type { Reported } from './refresh-activities.ts';

/** The activities that inference workflows call: types only. */

/** Where an inference's files are. */
export interface InferenceRef {
  readonly pipeline: string;
  readonly inference: string;
  readonly bucket: string;
  readonly prefix: string;
  /** The destination whose schema it is for. Absent for `warehouse`. */
  readonly destination?: string;
}

export interface InferenceOverview {
  readonly ref: InferenceRef;
  readonly source: string;
  readonly segments: number;
  /** About how many items are read, by DynamoDB's count. Absent in histories of older versions. */
  readonly knownItems?: number;
  /** Whether the namespace has Tributary's search attributes. Absent in histories of 0.1.0. */
  readonly searchable?: boolean;
  /** The worker's configuration has destinations of alerts. Absent in histories of older versions. */
  readonly alerts?: true;
}

export interface InferControlActivities {
  /** Writes the inference's plan, or finds the one this workflow wrote before. */
  planInference(input: {
    readonly request: InferInput;
    readonly owner: Owner;
    readonly startedAt: string;
  }): Promise<InferenceOverview>;
  /** Merges the segments' observations, agrees on the schema and writes inference.json. */
  concludeInference(input: {
    readonly ref: InferenceRef;
    readonly acceptDrift: boolean;
    /** Absent in histories of older versions, for true. */
    readonly agree?: boolean;
  }): Promise<Omit<InferResult, 'seconds'>>;
}

export interface InferScanActivities {
  /** Scans one segment, or a sample of it, and records what it observes. */
  inferSegmentPages(input: InferSegmentInput): Promise<InferSegmentResult & Reported>;
}
