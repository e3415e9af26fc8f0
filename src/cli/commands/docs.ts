import { Command, Option } from 'commander';
import { durationSeconds } from '../../pipeline/text/durations.ts';
import type { DocsOptions } from '../docs/write-docs.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readDuration, readLimit } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} docs                        all pipelines, into tributary-docs/
  $ ${TRIBUTARY} docs nobel --open           one pipeline, and open its catalogue
  $ ${TRIBUTARY} docs --no-samples           show no value of an item
  $ ${TRIBUTARY} docs --no-profiles          do not query the warehouse
  $ ${TRIBUTARY} docs --out site && aws s3 sync site s3://company-docs/warehouse/

Writes catalogue.html (tables, columns, values, joins, where each comes from, changes of
the schema), index.html (pipelines and runs over time) with the report of each run, and
sources.yml for dbt. The pages link to each other, load nothing and send nothing.

Reads S3 and, for values, the live tables through the Data API, with your own AWS
credentials. A pipeline with redactValues never shows samples.

Exit codes: 0 done, 2 the command, the configuration or the directory is wrong.
`;

/** `tributary docs [<pipeline>…]` */
export function docsCommand(): Command {
  return new Command('docs')
    .description('write pages about the warehouse and its runs, and sources for dbt')
    .argument('[pipelines...]', 'names of pipelines in the configuration; default: all')
    .option('--out <directory>', 'where to write', 'tributary-docs')
    .option('--runs <n>', 'number of runs per pipeline', readLimit, 100)
    .option('--no-profiles', 'do not query the warehouse')
    .option('--no-samples', 'show no values: no samples, least and greatest values')
    .option(
      '--web-ui <url>',
      "address of Temporal's Web UI, to link to; default: alerts.webUi, else the local stack's",
    )
    .addOption(durationOption('--warn-after <duration>', 'for dbt: when a source is late', '36h'))
    .addOption(durationOption('--error-after <duration>', 'for dbt: when that is an error', '3d'))
    .option('--open', 'open the catalogue in a browser')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipelines: readonly string[], options: DocsOptions) => {
      const { writeDocs } = await import('../docs/write-docs.ts');
      process.exitCode = await writeDocs(pipelines, options);
    });
}

const durationOption = (flags: string, description: string, usual: string) =>
  new Option(flags, description).argParser(readDuration).default(durationSeconds(usual), usual);
