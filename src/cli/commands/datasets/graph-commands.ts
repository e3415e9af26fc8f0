import { Command, InvalidArgumentError, Option } from 'commander';
import type { OrderOptions } from '../../datasets/graph/open-runs.ts';
import type { ExplainOptions, PublishOptions } from '../../datasets/graph/publish-group.ts';
import type { SelectionOptions } from '../../datasets/graph/run-graph.ts';
import type { GraphPictureOptions } from '../../datasets/graph/show-graph.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readGeneration } from '../command-options.ts';

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

const publishing = `
Examples:
  $ ${TRIBUTARY} dataset publish accounting
  $ ${TRIBUTARY} dataset publish accounting --accept statements/2026-03 \\
      --reason "agreed with accounting"

A run publishes a group once all of its members are complete. This publishes it now:
members that are not complete must be accepted, and appear as they were built last.
The group appears by one write, with a number of its own, or stays as it was.

Exit codes: 0 done, 1 it failed or the group stays as it was, 2 the command or the
configuration is wrong, 3 Temporal could not be reached.
`;

const explaining = `
Examples:
  $ ${TRIBUTARY} dataset explain monthly_stats 2026-03
  $ ${TRIBUTARY} dataset explain statements 2026-03 --publication accounting/42
  $ ${TRIBUTARY} dataset explain daily_stats 2026-03-05 --publication accounting/42

Prints the generation of a partition, the version of its step, and the generations of
all partitions that it was built from; of a dataset that is made of files, these files.
Explain the partitions to go further back: by the same publication, or by --generation. --recompute proves it: the same SQL over the same
files must give the same rows.

Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong, 3 Temporal
could not be reached.
`;

const drawing = `
Examples:
  $ ${TRIBUTARY} dataset graph
  $ ${TRIBUTARY} dataset graph --open
  $ ${TRIBUTARY} dataset graph monthly_stats --format svg --out graph.svg

The page has the graph, what waits for what, and a calendar of partitions, each by its
state. It makes no request and has no script. A worker makes the plan that it shows.

Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong, 3 Temporal
could not be reached.
`;

const retrying = `
Examples:
  $ ${TRIBUTARY} dataset retry
  $ ${TRIBUTARY} dataset retry graph/all/2026-12-01-0400

Partitions that failed are built again, now. Without a run: of the one that waits.

Exit codes: 0 done, 1 it was refused, the run has ended or no worker answers, 2 no run
or several are in progress, 3 Temporal could not be reached.
`;

const finishing = `
Examples:
  $ ${TRIBUTARY} dataset finish
  $ ${TRIBUTARY} dataset finish graph/all/2026-12-01-0400

Ends a run that waits for an operator, with what it has built. Its schedule can then
start the next one, which tries the rest again.

Exit codes: 0 done, 1 it was refused, the run has ended or no worker answers, 2 no run
or several are in progress, 3 Temporal could not be reached.
`;

const accepting = `
Examples:
  $ ${TRIBUTARY} dataset accept statements/2026-03 --reason "as agreed"

For a run that waits because a partition failed: what is accepted stays as it was built
last, and no longer keeps the run waiting. Its groups are published with that, and their
explanation has the reason. Without a run, publish --accept does the same for one group.

Exit codes: 0 done, 1 it was refused or no worker answers, 2 there is no such run, or
there are several, 3 Temporal could not be reached.
`;

const readPublication = (text: string): string => {
  if (!/^[^/]+\/[1-9]\d*$/.test(text))
    throw new InvalidArgumentError('Expected a publication and its number, e.g. accounting/42.');
  return text;
};

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

/** Commands about datasets that are made of others. */
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
      const { planGraph } = await import('../../datasets/graph/run-graph.ts');
      process.exitCode = await planGraph(name, options);
    });
  const approve = new Command('approve')
    .description('let all partitions be rebuilt by a changed step')
    .argument('<dataset>', 'its name in the configuration')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', approving)
    .action(async (name: string, options: SelectionOptions) => {
      const { approveStep } = await import('../../datasets/graph/run-graph.ts');
      process.exitCode = await approveStep(name, options);
    });
  const publish = new Command('publish')
    .description('publish a group of datasets, as it is now')
    .argument('<publication>', 'its name in the configuration')
    .option('--accept <dataset...>', 'members that are not complete: <dataset> or <dataset>/<partition>')
    .option('--reason <text>', 'why they are accepted')
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', publishing)
    .action(async (name: string, options: PublishOptions) => {
      const { publishGroup } = await import('../../datasets/graph/publish-group.ts');
      process.exitCode = await publishGroup(name, options);
    });
  const explain = new Command('explain')
    .description('show what a published partition was built from')
    .argument('<dataset>', 'its name in the configuration')
    .argument('<day>', 'the day or month of the partition, e.g. 2026-03')
    .addOption(
      new Option('--publication <name/number>', 'as a publication has it').argParser(readPublication),
    )
    .addOption(new Option('--generation <generation>', 'of this generation').argParser(readGeneration))
    .option('--recompute', 'run the recorded SQL again, over the recorded inputs, on this machine')
    .addOption(jsonOption('print the explanation as JSON'))
    .addOption(configOption())
    .addHelpText('after', explaining)
    .action(async (dataset: string, partition: string, options: ExplainOptions) => {
      const { explainPartition } = await import('../../datasets/graph/publish-group.ts');
      process.exitCode = await explainPartition(dataset, partition, options);
    });
  const graph = new Command('graph')
    .description('draw datasets, what they are made of, and the state of their partitions')
    .argument('[dataset]', 'with all that it is made of and that is made of it; default: all')
    .addOption(new Option('--format <format>', 'default: text').choices(['text', 'mermaid', 'svg', 'html']))
    .option('--out <file>', 'write it to a file')
    .option('--open', 'open it as a page in the browser')
    .addOption(new Option('--now <time>', 'the time for which the plan is made').argParser(readTime))
    .addOption(configOption())
    .addHelpText('after', drawing)
    .action(async (name: string | undefined, options: GraphPictureOptions) => {
      const { showGraph } = await import('../../datasets/graph/show-graph.ts');
      process.exitCode = await showGraph(name, options);
    });
  return [plan, graph, ...orders(), acceptCommand(), approve, publish, explain];
}

const acceptCommand = (): Command =>
  new Command('accept')
    .description('accept a failed partition as it was built last')
    .argument('<member>', 'a dataset, or <dataset>/<partition>')
    .requiredOption('--reason <text>', 'why it is accepted')
    .option('--run <id>', 'the id of the workflow; default: the one that waits')
    .addOption(configOption())
    .addHelpText('after', accepting)
    .action(async (member: string, options: OrderOptions & { reason: string; run?: string }) => {
      const { acceptMember } = await import('../../datasets/graph/open-runs.ts');
      process.exitCode = await acceptMember(member, options);
    });

/** What an operator orders of a run that waits. */
function orders(): Command[] {
  return (
    [
      ['retry', 'build failed partitions again, now', retrying],
      ['finish', 'end a run that waits, with what it has built', finishing],
    ] as const
  ).map(([order, description, help]) =>
    new Command(order)
      .description(description)
      .argument('[run]', 'the id of its workflow; default: the one that waits')
      .addOption(configOption())
      .addHelpText('after', help)
      .action(async (run: string | undefined, options: OrderOptions) => {
        const { orderRun } = await import('../../datasets/graph/open-runs.ts');
        process.exitCode = await orderRun(order, run, options);
      }),
  );
}
