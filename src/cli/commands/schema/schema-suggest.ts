import { Command } from 'commander';
import type { SuggestOptions } from '../../schema/suggest-schema.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, destinationOption } from '../command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} schema suggest nobel
  $ ${TRIBUTARY} schema suggest nobel > entities.yaml

Reads a sample from all over the table and proposes a table per entity. It distinguishes
entities by the prefixes of their keys, or by an attribute with few values. It proposes
asRows for maps that look like dictionaries. Paste the output under the pipeline's name
in tributary.yaml.
`;

/** `tributary schema suggest <pipeline>` */
export function schemaSuggestCommand(): Command {
  return new Command('suggest')
    .description('propose entities and asRows, as YAML')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, options: SuggestOptions) => {
      const { suggestSchema } = await import('../../schema/suggest-schema.ts');
      await suggestSchema(pipeline, options);
    });
}
