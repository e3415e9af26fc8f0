import { Command, Option } from 'commander';
import type { ChangesOptions } from '../../changes/changes-here.ts';
import type { OrderOptions } from '../../changes/order-changes.ts';
import type { RemoveOptions } from '../../changes/remove-destination.ts';
import type { ChangesStatusOptions } from '../../changes/show-status.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption } from '../command-options.ts';
import { rewindCommand } from './changes-rewind.ts';
import { replayCommand, setAsideCommand, skipCommand } from './changes-set-aside.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} changes start orders       follow the table, and apply its changes
  $ ${TRIBUTARY} changes status             how all pipelines are doing
  $ ${TRIBUTARY} changes pause orders --destination team-b
  $ ${TRIBUTARY} changes retry orders       what failed or is blocked

A pipeline with source.changes follows its table: see docs/changes.md.
`;

/** `tributary changes …` */
export function changesCommand(): Command {
  const changes = new Command('changes')
    .description('follow DynamoDB tables, and apply their changes as they happen')
    .addHelpText('after', examples);
  const commands = [
    ...[startCommand(), statusCommand(), pauseCommand(), resumeCommand()],
    ...[retryCommand(), skipCommand(), setAsideCommand(), replayCommand(), rewindCommand()],
    ...[stopCommand(), removeCommand()],
  ];
  for (const command of commands) changes.addCommand(command);
  return changes;
}

const PIPELINE = 'name of a pipeline in the configuration';

const destinationOption = (what: string) => new Option('--destination <name>', what);

const startExamples = `
Examples:
  $ ${TRIBUTARY} changes start orders
  $ ${TRIBUTARY} changes start orders --destination team-b

Starts the workflow that reads the table's stream into the change log, and one per destination
that applies it. They run until they are stopped, on the workers. One that runs already is named,
and is no error. A schema gets changes once a refresh has loaded it: ${TRIBUTARY} run orders

Exit codes: 0 running, 1 it failed at once, or Temporal cannot be reached, 2 no such pipeline or destination.
`;

const startCommand = () =>
  new Command('start')
    .description('start reading changes, and applying them')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('apply them to this destination only; default: all'))
    .addOption(configOption())
    .addHelpText('after', startExamples)
    .action(async (name: string, options: ChangesOptions) => {
      const { startChanges } = await import('../../changes/start-changes.ts');
      process.exitCode = await startChanges(name, options);
    });

const statusExamples = `
Examples:
  $ ${TRIBUTARY} changes status                one line per destination
  $ ${TRIBUTARY} changes status orders         in detail
  $ ${TRIBUTARY} changes status orders --json | jq '.destinations[].lag'

The shards that are read, those that failed, and gaps; per destination its state, what it does not
have yet, what was applied, and why it waits. Only Temporal is asked.

Exit codes: 0 running, 1 something does not run or cannot do its work, 2 no such pipeline,
3 something waits for an operator: paused, blocked, failed, or for a refresh.
`;

const statusCommand = () =>
  new Command('status')
    .description('show how changes are read and applied, and what to do next')
    .argument('[pipeline]', `${PIPELINE}; default: all`)
    .addOption(destinationOption('show this destination only'))
    .option('--watch', 'show it until interrupted')
    .addOption(jsonOption('print one line of JSON per pipeline'))
    .addOption(configOption())
    .addHelpText('after', statusExamples)
    .action(async (name: string | undefined, options: ChangesStatusOptions) => {
      const { showChangesStatus } = await import('../../changes/show-status.ts');
      process.exitCode = await showChangesStatus(name, options);
    });

const ORDER_CODES =
  'Exit codes: 0 accepted, 1 refused, not running or not answered, 2 no such pipeline or destination.';

const pauseExamples = `
Examples:
  $ ${TRIBUTARY} changes pause orders --reason "warehouse maintenance"
  $ ${TRIBUTARY} changes pause orders --destination team-b
  $ ${TRIBUTARY} changes pause orders --reading

Changes are still read into the log, which keeps them until they are applied. With --reading, nothing
is read: after 24 hours the stream forgets, and a refresh is needed.

${ORDER_CODES}
`;

const pauseCommand = () =>
  new Command('pause')
    .description('apply no more changes')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('only to this destination; default: to all'))
    .option('--reading', 'read no more changes, instead')
    .option('--reason <text>', 'why, to be shown until it is resumed')
    .addOption(configOption())
    .addHelpText('after', pauseExamples)
    .action(async (name: string, options: OrderOptions) => {
      const { pauseChanges } = await import('../../changes/order-changes.ts');
      process.exitCode = await pauseChanges(name, options);
    });

const resumeExamples = `
Examples:
  $ ${TRIBUTARY} changes resume orders
  $ ${TRIBUTARY} changes resume orders --reading

${ORDER_CODES}
`;

const resumeCommand = () =>
  new Command('resume')
    .description('apply changes again after a pause')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('only to this destination; default: to all'))
    .option('--reading', 'read changes again, instead')
    .addOption(configOption())
    .addHelpText('after', resumeExamples)
    .action(async (name: string, options: OrderOptions) => {
      const { resumeChanges } = await import('../../changes/order-changes.ts');
      process.exitCode = await resumeChanges(name, options);
    });

const retryExamples = `
Examples:
  $ ${TRIBUTARY} changes retry orders
  $ ${TRIBUTARY} changes retry orders --destination team-b
  $ ${TRIBUTARY} changes retry orders --shard shardId-00000001796034566190-9f21ea8b

Fix the cause first. Without options, every shard whose reading failed is read again, and every
blocked destination tries its changes again. In the Web UI, send the update retryShard to
changes/<pipeline>, or retryApply to apply/<pipeline>/<destination>.

${ORDER_CODES}
`;

const retryCommand = () =>
  new Command('retry')
    .description('try again what failed or is blocked')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('only what is applied to this destination'))
    .option('--shard <id>', 'only this shard of the stream')
    .addOption(configOption())
    .addHelpText('after', retryExamples)
    .action(async (name: string, options: OrderOptions) => {
      const { retryChanges } = await import('../../changes/order-changes.ts');
      process.exitCode = await retryChanges(name, options);
    });

const stopExamples = `
Examples:
  $ ${TRIBUTARY} changes stop orders
  $ ${TRIBUTARY} changes stop orders --destination team-b

Cancels the workflows, and waits until they have ended. Nothing is lost if they are started again
within 24 hours: what was read is in the log, and an apply is whole or did not happen. With
--destination, changes are still read, and only this destination waits.

Exit codes: 0 stopped, 1 no answer, 2 no such pipeline or destination, 130 interrupted.
`;

const stopCommand = () =>
  new Command('stop')
    .description('stop applying changes, and reading them')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('stop applying to this destination only'))
    .addOption(configOption())
    .addHelpText('after', stopExamples)
    .action(async (name: string, options: ChangesOptions) => {
      const { stopChanges } = await import('../../changes/stop-changes.ts');
      process.exitCode = await stopChanges(name, options);
    });

const removeExamples = `
Examples:
  $ ${TRIBUTARY} changes remove orders --destination team-b

Ends what applies changes to the destination: from then on, no changes are kept for it. Its tables or
files stay as they are. Then take it out of the configuration: otherwise its next refresh, or
changes start, adds it again. It is refused while a refresh of the destination runs. In the Web UI, send
the update remove to apply/<pipeline>/<destination>.

${ORDER_CODES}
`;

const removeCommand = () =>
  new Command('remove')
    .description('remove a destination: keep no changes for it')
    .argument('<pipeline>', PIPELINE)
    .addOption(destinationOption('the destination').makeOptionMandatory())
    .addOption(configOption())
    .addHelpText('after', removeExamples)
    .action(async (name: string, options: RemoveOptions) => {
      const { removeDestination } = await import('../../changes/remove-destination.ts');
      process.exitCode = await removeDestination(name, options);
    });
