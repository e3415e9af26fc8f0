import { Command } from 'commander';
import type { SchemaOptions } from '../../schema/run-schema-command.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, destinationOption, jsonOption } from '../command-options.ts';
import { schemaSuggestCommand } from './schema-suggest.ts';
import { schemaUndoCommands } from './schema-undo.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} schema show nobel             the current agreed schema
  $ ${TRIBUTARY} schema show nobel@3           revision 3
  $ ${TRIBUTARY} schema history nobel          every revision, and who made it
  $ ${TRIBUTARY} schema diff nobel@3 nobel     the changes since revision 3
  $ ${TRIBUTARY} schema show nobel --json > before.json
  $ ${TRIBUTARY} schema diff before.json nobel
  $ ${TRIBUTARY} schema rename nobel nobel.shareof share_of --dry-run

The schema is in S3. The pipeline is looked up in this machine's configuration.
`;

const VERSION = '<pipeline>, <pipeline>@<revision> or a .json file';

/** `tributary schema show|diff|history|suggest|forget|rename|reset` */
export function schemaCommand(): Command {
  const schema = new Command('schema')
    .description("show and undo a pipeline's agreed schema: names, types and their changes")
    .addHelpText('after', examples);
  schema
    .command('show')
    .description('print tables, columns and types')
    .argument('<version>', VERSION)
    .addOption(jsonOption('print the schema as JSON'))
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (version: string, options: SchemaOptions) => {
      const { showSchema } = await import('../../schema/run-schema-command.ts');
      await showSchema(version, options);
    });
  schema
    .command('diff')
    .description('print the changes between two versions')
    .argument('<before>', VERSION)
    .argument('<after>', VERSION)
    .addOption(jsonOption('print the changes as JSON'))
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (before: string, after: string, options: SchemaOptions) => {
      const { showDiff } = await import('../../schema/run-schema-command.ts');
      await showDiff(before, after, options);
    });
  schema
    .command('history')
    .description('print every revision')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .addOption(jsonOption('print the revisions as JSON'))
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, options: SchemaOptions) => {
      const { showHistory } = await import('../../schema/run-schema-command.ts');
      await showHistory(pipeline, options);
    });
  schema.addCommand(schemaSuggestCommand());
  for (const command of schemaUndoCommands()) schema.addCommand(command);
  return schema;
}
