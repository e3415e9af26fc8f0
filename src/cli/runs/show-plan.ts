import type { Client } from '@temporalio/client';
import { markdown } from '../../contract/failed-parts.ts';
import type { PlanPipelineInput, PlanPipelineResult } from '../../contract/plan-pipeline.ts';
import { usd } from '../../pipeline/estimate/pipeline-plan.ts';
import { planMarkdown } from '../../pipeline/estimate/plan-markdown.ts';
import type { OwnPrices } from '../../pipeline/estimate/prices.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { type ChosenPipeline, labelOf } from '../temporal/chosen-pipeline.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { GaveUpWaiting, perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { planLines } from './plan-lines.ts';

export interface PlanOptions {
  readonly segments?: number;
  readonly price?: OwnPrices;
  readonly format?: 'text' | 'markdown';
  readonly json?: boolean;
  readonly config?: string;
}

/** Asks a worker what a run of each pipeline would take, and prints it. */
export async function showPlans(
  pipelines: readonly ChosenPipeline[],
  options: PlanOptions,
): Promise<ExitCode> {
  const inputs: PlanPipelineInput[] = [];
  for (const pipeline of pipelines) inputs.push(await inputOf(pipeline, options));
  const plans: (PlanPipelineResult | undefined)[] = [];
  await withTemporal(options.config, async (client) => {
    for (const input of inputs) {
      const plan = await planOf(client, input, inputs.length > 1);
      if (plan !== undefined)
        process.stdout.write(`${plans.length === 0 ? '' : '\n'}${printed(plan, options)}\n`);
      plans.push(plan);
    }
  });
  if (inputs.length > 1 && !options.json) process.stdout.write(`\n${sumOf(plans, options)}\n`);
  const isFine = plans.every((plan) => plan !== undefined && plan.stoppers.length === 0);
  return isFine ? ExitCode.done : ExitCode.failed;
}

async function inputOf(
  { pipeline, destination }: ChosenPipeline,
  { segments, price, config }: PlanOptions,
): Promise<PlanPipelineInput> {
  return {
    ...(await pipelineInput(pipeline, config, destination)),
    ...(segments === undefined ? {} : { segments }),
    ...(price === undefined ? {} : { prices: price }),
  };
}

/** @param isOneOfMany a failure is reported, and does not keep the others from being planned */
async function planOf(
  client: Client,
  input: PlanPipelineInput,
  isOneOfMany: boolean,
): Promise<PlanPipelineResult | undefined> {
  const { pipeline } = input;
  const label = labelOf(input);
  const workflowId = `plan-${pipeline}-${newRunName()}`;
  const work = { type: 'planPipeline', workflowId, input, summary: `plan ${label}` };
  try {
    return await perform<PlanPipelineResult, PlanPipelineInput>(client, work, { readOnly: true });
  } catch (error) {
    if (!isOneOfMany || !(error instanceof CommandError) || error instanceof GaveUpWaiting) throw error;
    process.stderr.write(
      `${paletteFor(process.stderr).red('error:')} ${label}: ${asTypedHere(error.message)}\n`,
    );
    return undefined;
  }
}

/** All plans on one line. */
function sumOf(plans: readonly (PlanPipelineResult | undefined)[], { format }: PlanOptions): string {
  const found = plans.flatMap((plan) => plan ?? []);
  const sum = (of: (plan: PlanPipelineResult) => number | undefined) =>
    found.reduce((all, plan) => all + (of(plan) ?? 0), 0);
  const stopped = plans.length - found.filter(({ stoppers }) => stoppers.length === 0).length;
  const text =
    `All ${plans.length} pipelines: ${counted(
      sum(({ scan }) => scan?.items),
      'item',
    )}, ` +
    `${counted(
      sum(({ scan }) => scan?.readUnits),
      'read unit',
    )}, ${usd(sum(({ scan }) => scan?.price.onDemand))} on demand, ` +
    `${counted(
      sum(({ tables }) => tables.length),
      'table',
    )}. ` +
    (stopped === 0
      ? 'Nothing was found that would stop a run.'
      : `${counted(stopped, 'run')} would stop: see above.`);
  return format === 'markdown' ? `**${text}**` : paletteFor(process.stdout).bold(text);
}

function printed(plan: PlanPipelineResult, { json, format }: PlanOptions): string {
  if (json) return JSON.stringify(plan);
  if (format === 'markdown') return asTypedHere(planMarkdown(plan, (text) => markdown(onOneLine(text))));
  return asTypedHere(planLines(plan, paletteFor(process.stdout)).join('\n'));
}
