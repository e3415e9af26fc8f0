import { proxyActivities, upsertMemo } from '@temporalio/workflow';
import { markdown } from '../../contract/failed-parts.ts';
import type { MaintenanceActivities } from '../../contract/maintenance-activities.ts';
import type { PlanPipelineInput, PlanPipelineResult } from '../../contract/plan-pipeline.ts';
import { planMarkdown } from '../../pipeline/estimate/plan-markdown.ts';
import { firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { estimateRun } = proxyActivities<MaintenanceActivities>(profiles.short);

/** Estimates what a run of the pipeline would take, and finds what would stop it. Reads a sample; copies nothing. */
export async function planPipeline(input: PlanPipelineInput): Promise<PlanPipelineResult> {
  refuseUnknownInput(input, {
    pipeline: true,
    destination: true,
    definition: true,
    segments: true,
    prices: true,
  });
  upsertMemo({ pipeline: input.pipeline });
  const plan = await explainingFailure(
    () => `Failed: plan of ${input.pipeline}`,
    () => undefined,
    () => estimateRun(input),
  );
  showDetails(planMarkdown(plan, (text) => markdown(firstSentences(onOneLine(text), 600))));
  return plan;
}
