import type { ChosenPipeline } from '../temporal/chosen-pipeline.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { showPlans } from './show-plan.ts';
import type { RunOptions } from './start-run.ts';

/** Shows what a whole run of each pipeline would take. @throws CommandError for options that name a part of a run */
export async function dryRun(pipelines: readonly ChosenPipeline[], options: RunOptions): Promise<ExitCode> {
  const { from, segment, table, segments, json, config } = options;
  const part = [
    ...(from === undefined || from === 'plan' ? [] : [`--from ${from}`]),
    ...(segment === undefined ? [] : ['--segment']),
    ...(table === undefined ? [] : ['--table']),
  ];
  if (part.length > 0) {
    throw new CommandError(
      ExitCode.usage,
      `--dry-run shows what a whole run would take: it cannot be combined with ${part.join(' and ')}.`,
    );
  }
  return showPlans(pipelines, {
    ...(segments === undefined ? {} : { segments }),
    ...(json === undefined ? {} : { json }),
    ...(config === undefined ? {} : { config }),
  });
}
