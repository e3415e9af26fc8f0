import { Command } from 'commander';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} config check
  $ ${TRIBUTARY} config check --config other.yaml
  $ ${TRIBUTARY} config schema > tributary.schema.json

An editor with a YAML language server completes and checks the file if its first line is
  # yaml-language-server: $schema=./tributary.schema.json
docs/configuration.md describes every setting.

config check also compiles the modules of datasets, judges the SQL of their steps as a
plan does, and compares their tables in the Glue catalogue, if it can be read from here:
what a run would refuse is a problem.

Exit codes: 0 the file is valid, 2 it is not: every problem is printed with file, line and column.
`;

/** `tributary config check|schema` */
export function configCommand(): Command {
  const config = new Command('config')
    .description('check the configuration file, or print its JSON Schema')
    .addHelpText('after', examples);
  config
    .command('check')
    .description('print every problem in the file, or the pipelines, loaders and datasets it configures')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: { config?: string }) => {
      const { checkConfig } = await import('../schema/check-config.ts');
      await checkConfig(options.config);
    });
  config
    .command('schema')
    .description('print the JSON Schema of the file, for editors')
    .addHelpText('after', examples)
    .action(async () => {
      const { configJsonSchema } = await import('../../config/tributary-config.ts');
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  return config;
}
