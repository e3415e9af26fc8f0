import { Command, InvalidArgumentError } from 'commander';
import type { UndoOptions } from '../../schema/undo-schema.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, destinationOption, jsonOption } from '../command-options.ts';

const consequences = `
It changes the agreed schema in S3 at once and begins a new epoch of it. The warehouse
follows with the next run. Runs that are planned but not sealed can no longer be sealed.
`;

const forgetHelp = `
Examples:
  $ ${TRIBUTARY} schema forget nobel prizes.share --dry-run
  $ ${TRIBUTARY} schema forget nobel prizes__old   the table, and those below it
  $ ${TRIBUTARY} schema forget nobel --gone 30     no value in the last 30 runs
${consequences}What the items still have comes back as new, with a type that fits today's items. To
leave an attribute out, set ignore for it in the mapping.
`;

const renameHelp = `
Examples:
  $ ${TRIBUTARY} schema rename nobel prizes.shareof share_of --dry-run
  $ ${TRIBUTARY} schema rename nobel nobel laureates
${consequences}A column of the primary key is renamed in all tables.
`;

const resetHelp = `
Examples:
  $ ${TRIBUTARY} schema reset nobel --dry-run
${consequences}The next run agrees on names and types again, as the first run of a pipeline does.
Earlier revisions stay in ${TRIBUTARY} schema history.
`;

/** `tributary schema forget|rename|reset` */
export function schemaUndoCommands(): Command[] {
  return [
    withOptions(new Command('forget'), forgetHelp)
      .description('remove tables and columns')
      .argument('<pipeline>', 'name of a pipeline in the configuration')
      .argument('[name...]', 'tables and columns, e.g. prizes or prizes.share')
      .option('--gone <runs>', 'everything without a value in at least so many runs in a row', readRuns)
      .action(async (pipeline: string, names: string[], options: UndoOptions & { gone?: number }) => {
        const { forgetNames } = await import('../../schema/undo-schema.ts');
        process.exitCode = await forgetNames(pipeline, names, options);
      }),
    withOptions(new Command('rename'), renameHelp)
      .description('rename a table or column')
      .argument('<pipeline>', 'name of a pipeline in the configuration')
      .argument('<name>', 'a table or column, e.g. prizes or prizes.share')
      .argument('<to>', "its new name; of a column, without the table's")
      .action(async (pipeline: string, from: string, to: string, options: UndoOptions) => {
        const { renameName } = await import('../../schema/undo-schema.ts');
        process.exitCode = await renameName(pipeline, from, to, options);
      }),
    withOptions(new Command('reset'), resetHelp)
      .description('forget everything')
      .argument('<pipeline>', 'name of a pipeline in the configuration')
      .action(async (pipeline: string, options: UndoOptions) => {
        const { resetAll } = await import('../../schema/undo-schema.ts');
        process.exitCode = await resetAll(pipeline, options);
      }),
  ];
}

const withOptions = (command: Command, help: string): Command =>
  command
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'do not ask')
    .addOption(jsonOption('print the changes as JSON'))
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', help);

function readRuns(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number of runs, 1 or more.');
}
