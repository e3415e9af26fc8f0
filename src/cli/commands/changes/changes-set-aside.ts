import { Command, InvalidArgumentError, Option } from 'commander';
import type { SetAsideOptions } from '../../changes/list-set-aside.ts';
import type { ReplayOptions, SkipOptions } from '../../changes/order-changes.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption } from '../command-options.ts';

const PIPELINE = 'name of a pipeline in the configuration';
const destination = () => new Option('--destination <name>', 'the destination; default: the only one');
const ORDER_CODES =
  'Exit codes: 0 accepted, 1 refused, not running or not answered, 2 no such pipeline or destination.';

function positive(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

const setAsideExamples = `
Examples:
  $ ${TRIBUTARY} changes set-aside orders
  $ ${TRIBUTARY} changes set-aside orders --destination team-b --json

The items that have no rows, because their last change cannot be written exactly or was skipped: the
SHA-256 of the key, since when, the change in the log, and the reason. The item's next change clears it.

Exit codes: 0 listed, 1 the warehouse cannot be asked, 2 no such pipeline or destination.
`;

/** `tributary changes set-aside` */
export const setAsideCommand = () =>
  new Command('set-aside')
    .description('list the items whose last change was set aside')
    .argument('<pipeline>', PIPELINE)
    .addOption(destination())
    .option('--limit <n>', 'the most to show; default: 50', positive)
    .addOption(jsonOption('print one line of JSON per item'))
    .addOption(configOption())
    .addHelpText('after', setAsideExamples)
    .action(async (name: string, options: SetAsideOptions) => {
      const { listSetAside } = await import('../../changes/list-set-aside.ts');
      process.exitCode = await listSetAside(name, options);
    });

const replayExamples = `
Examples:
  $ ${TRIBUTARY} changes replay orders --all
  $ ${TRIBUTARY} changes replay orders --key-hash 9f86d0…

Reads the changes that were set aside from the log again, and applies them, unless the item has changed
since. What still cannot be written stays set aside. If the log no longer has a change, only a run brings
the item: ${TRIBUTARY} run orders. In the Web UI, send the update replaySetAside, with a list of key
hashes or nothing.

${ORDER_CODES}
`;

/** `tributary changes replay` */
export const replayCommand = () =>
  new Command('replay')
    .description('try again what was set aside')
    .argument('<pipeline>', PIPELINE)
    .addOption(destination())
    .addOption(new Option('--key-hash <hash...>', 'only these items: see changes set-aside'))
    .option('--all', 'everything')
    .addOption(configOption())
    .addHelpText('after', replayExamples)
    .action(async (name: string, options: ReplayOptions) => {
      const { replayChanges } = await import('../../changes/order-changes.ts');
      process.exitCode = await replayChanges(name, options);
    });

const skipExamples = `
Examples:
  $ ${TRIBUTARY} changes skip orders --key-hash 9f86d0… \\
      --shard shardId-00000001796034566190-9f21ea8b --checkpoint 12 \\
      --reason "written by a test"

For a destination that is blocked because Redshift refuses a row: changes status names the change. The
item has no rows then, but an entry with the reason, until its next change: see changes set-aside. All
other changes are applied. In the Web UI, send the update skipChange with {"keyHash": …, "shard": …,
"checkpoint": …, "reason": …}.

${ORDER_CODES}
`;

/** `tributary changes skip` */
export const skipCommand = () =>
  new Command('skip')
    .description('leave out a change that Redshift refuses')
    .argument('<pipeline>', PIPELINE)
    .addOption(destination())
    .addOption(new Option('--key-hash <hash>', 'the item, as changes status names it').makeOptionMandatory())
    .addOption(new Option('--shard <id>', 'the shard of its change').makeOptionMandatory())
    .addOption(
      new Option('--checkpoint <n>', 'the checkpoint of its change')
        .argParser(positive)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--reason <text>', 'why, to be kept with the item').makeOptionMandatory())
    .addOption(configOption())
    .addHelpText('after', skipExamples)
    .action(async (name: string, options: SkipOptions) => {
      const { skipChange } = await import('../../changes/order-changes.ts');
      process.exitCode = await skipChange(name, options);
    });
