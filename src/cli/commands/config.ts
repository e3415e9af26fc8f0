import { Command } from 'commander';
import { configPath, readConfig } from '../../config/read-config.ts';
import { configJsonSchema } from '../../config/tributary-config.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { configOption } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} config check
  $ ${TRIBUTARY} config check --config other.yaml
  $ ${TRIBUTARY} config schema > tributary.schema.json

An editor with a YAML language server completes and checks the file if its first line is
  # yaml-language-server: $schema=./tributary.schema.json
docs/configuration.md describes every setting.

Exit codes: 0 the file is valid, 2 it is not: every problem is printed with file, line and column.
`;

/** `tributary config check|schema` */
export function configCommand(): Command {
  const config = new Command('config')
    .description('check the configuration file, or print its JSON Schema')
    .addHelpText('after', examples);
  config
    .command('check')
    .description('print every problem in the file, or the pipelines it configures')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (options: { config?: string }) => {
      const file = configPath(options.config);
      const { pipelines } = await readConfig(file);
      const rows = Object.entries(pipelines).map(([name, pipeline]) => [
        name,
        source(pipeline),
        '→',
        target(pipeline),
      ]);
      const colours = paletteFor(process.stdout);
      process.stdout.write(`${colours.green('✓')} ${file}: ${counted(rows.length, 'pipeline')}\n`);
      const columns = rows.length === 0 ? [] : ['', '', '', ''].map((title) => ({ title }));
      for (const line of textTable(columns, rows)) process.stdout.write(`  ${line}\n`);
    });
  config
    .command('schema')
    .description('print the JSON Schema of the file, for editors')
    .addHelpText('after', examples)
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  return config;
}

const source = ({ source: { kind, table } }: PipelineDefinition) => `${kind} ${table}`;
const target = ({ warehouse: { kind, workgroup, cluster, database, schema } }: PipelineDefinition) =>
  `${kind} ${workgroup ?? cluster} ${database}.${schema}`;
