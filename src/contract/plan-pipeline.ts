import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import type { PipelinePlan } from '../pipeline/estimate/pipeline-plan.ts';
import type { OwnPrices } from '../pipeline/estimate/prices.ts';

/** Input of `planPipeline`. `{"pipeline":"nobel"}` is enough. */
export interface PlanPipelineInput {
  readonly pipeline: string;
  /** Name of a destination. May be absent if the pipeline has only one of kind `redshift`. */
  readonly destination?: string;
  /** Default: that of the pipeline in the worker's configuration. */
  readonly definition?: PipelineDefinition;
  /** Number of segments, instead of the definition's. */
  readonly segments?: number;
  /** Prices that replace those of the list, in US dollars. */
  readonly prices?: OwnPrices;
}

/** Result of `planPipeline`. */
export type PlanPipelineResult = PipelinePlan;
