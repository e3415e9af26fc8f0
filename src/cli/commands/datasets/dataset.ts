import { Command } from 'commander';
import type { TryDatasetOptions } from '../../datasets/try-dataset.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readLimit } from '../command-options.ts';
import {
  indexCommand,
  rebuildCommand,
  rejectsCommand,
  runCommand,
  skipCommand,
  watchCommand,
} from './dataset-orders.ts';
import { catalogueCommand, listCommand, queryCommand, statusCommand } from './dataset-views.ts';
import { graphCommands } from './graph-commands.ts';
import { textCommands } from './text-commands.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} dataset try access_records --file sample.json.gz
  $ ${TRIBUTARY} dataset run access_records
  $ ${TRIBUTARY} dataset status access_records
  $ ${TRIBUTARY} dataset query "select count(*) from access_records"
  $ ${TRIBUTARY} dataset rebuild access_records --from 2026-11-01 --to 2026-11-30

A dataset is a partitioned table: of JSON files that arrive in S3, see docs/datasets.md;
or of other datasets, by SQL, see docs/reports.md.
`;

const trying = `
Examples:
  $ ${TRIBUTARY} dataset try access_records --file sample.json.gz
  $ ${TRIBUTARY} dataset try access_records --file sample.json --limit 100
  $ ${TRIBUTARY} dataset try access_records --file sample.json --json | jq .row

Reads a local file with the record module of the configuration: gzip, zstd or plain. It
connects to nothing and writes nothing. The rows are as they would be before duplicates
are removed. --json prints all of them, one line of JSON per record: file, line,
partition and row, or line, reason and raw text.

Exit codes: 0 every record has a row, 1 some were set aside, 2 the command, the
configuration, the module or the file is wrong.
`;

/** `tributary dataset …` */
export function datasetCommand(): Command {
  const dataset = new Command('dataset')
    .description('make tables in S3 of JSON files, and of other tables')
    .addHelpText('after', examples);
  dataset.addCommand(
    new Command('try')
      .description('show what the record module makes of a local file')
      .argument('<dataset>', 'its name in the configuration')
      .requiredOption('--file <file>', 'a file of JSON records')
      .option('--limit <n>', 'show at most this many rows and rejects; default: 20', readLimit)
      .addOption(jsonOption('print one line of JSON per record'))
      .addOption(configOption())
      .addHelpText('after', trying)
      .action(async (name: string, options: TryDatasetOptions) => {
        const { tryDataset } = await import('../../datasets/try-dataset.ts');
        process.exitCode = await tryDataset(name, options);
      }),
  );
  for (const command of [
    ...[runCommand(), watchCommand(), listCommand(), statusCommand(), queryCommand()],
    ...[rejectsCommand(), rebuildCommand(), indexCommand(), skipCommand(), catalogueCommand()],
    ...[...graphCommands(), ...textCommands()],
  ])
    dataset.addCommand(command);
  return dataset;
}
