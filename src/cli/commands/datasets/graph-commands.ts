import { Command, InvalidArgumentError, Option } from 'commander';
import type { SelectionOptions } from '../../datasets/run-graph.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption } from '../command-options.ts';

const planning = `
Examples:
  $ ${TRIBUTARY} dataset plan
  $ ${TRIBUTARY} dataset plan monthly_stats
  $ ${TRIBUTARY} dataset plan daily_stats --from 2026-11-01 --to 2026-11-30 --json

One line per partition that is not complete: ready, waits (for inputs that are built
first), blocked (an input is missing), held (for an approval) or failed; and why. A
worker makes the plan; nothing is changed.

Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong, 3 Temporal
could not be reached.
`;

const approving = `
Examples:
  $ ${TRIBUTARY} dataset approve daily_stats

If more than maxRebuild partitions are stale because the step changed, they wait for
this. The approval is for the version of the step that the worker has now.

Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong, 3 Temporal
could not be reached.
`;

const readDay = (text: string): string => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Expected a day, e.g. 2026-11-01.');
  return text;
};

const readTime = (text: string): string => {
  const ms = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(ms))
    throw new InvalidArgumentError('Expected a time, e.g. 2026-11-02T04:00:00Z.');
  return new Date(ms).toISOString();
};

/** What a plan and a run are about. */
export const selectionOptions = (): Option[] => [
  new Option('--only', 'only this dataset; others are used as they are'),
  new Option('--from <day>', 'only partitions with days from this one').argParser(readDay),
  new Option('--to <day>', 'only partitions with days up to this one').argParser(readDay),
  new Option('--reverse', 'newest first'),
  new Option('--now <time>', 'the time for which partitions are built').argParser(readTime),
];

/** `tributary dataset plan` and `tributary dataset approve`. */
export function graphCommands(): Command[] {
  const plan = new Command('plan')
    .description('show which partitions a run would build, and why')
    .argument('[dataset]', 'with all that it is made of and that is made of it; default: all');
  for (const option of selectionOptions()) plan.addOption(option);
  plan
    .addOption(jsonOption('print the plan as JSON'))
    .addOption(configOption())
    .addHelpText('after', planning)
    .action(async (name: string | undefined, options: SelectionOptions) => {
      const { planGraph } = await import('../../datasets/run-graph.ts');
      process.exitCode = await planGraph(name, options);
    });
  const approve = new Command('approve')
    .description('let all partitions be rebuilt by a changed step')
    .argument('<dataset>', 'its name in the configuration')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', approving)
    .action(async (name: string, options: SelectionOptions) => {
      const { approveStep } = await import('../../datasets/run-graph.ts');
      process.exitCode = await approveStep(name, options);
    });
  return [plan, approve];
}
