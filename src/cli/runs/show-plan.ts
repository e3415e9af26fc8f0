import { markdown } from '../../contract/failed-parts.ts';
import type { PlanPipelineInput, PlanPipelineResult } from '../../contract/plan-pipeline.ts';
import { planMarkdown } from '../../pipeline/estimate/plan-markdown.ts';
import type { OwnPrices } from '../../pipeline/estimate/prices.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { planLines } from './plan-lines.ts';

export interface PlanOptions {
  readonly segments?: number;
  readonly price?: OwnPrices;
  readonly format?: 'text' | 'markdown';
  readonly json?: boolean;
  readonly config?: string;
}

/** Asks a worker what a run of the pipeline would take, and prints it. */
export async function showPlan(pipeline: string, options: PlanOptions): Promise<ExitCode> {
  const { segments, price } = options;
  const input: PlanPipelineInput = {
    ...(await pipelineInput(pipeline, options.config)),
    ...(segments === undefined ? {} : { segments }),
    ...(price === undefined ? {} : { prices: price }),
  };
  const plan = await withTemporal(options.config, (client) => {
    const workflowId = `plan-${pipeline}-${newRunName()}`;
    const work = { type: 'planPipeline', workflowId, input, summary: `plan ${pipeline}` };
    return perform<PlanPipelineResult, PlanPipelineInput>(client, work, { readOnly: true });
  });
  process.stdout.write(`${printed(plan, options)}\n`);
  return plan.stoppers.length === 0 ? ExitCode.done : ExitCode.failed;
}

function printed(plan: PlanPipelineResult, { json, format }: PlanOptions): string {
  if (json) return JSON.stringify(plan);
  if (format === 'markdown') return asTypedHere(planMarkdown(plan, (text) => markdown(onOneLine(text))));
  return asTypedHere(planLines(plan, paletteFor(process.stdout)).join('\n'));
}
