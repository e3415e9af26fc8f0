import { Command, InvalidArgumentError, Option } from 'commander';
import type { DiffOptions } from '../../datasets/partition/diff-partition.ts';
import type { GetOptions } from '../../datasets/partition/get-partition.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readGeneration, readLimit } from '../command-options.ts';

/** Commands that read the rows of one partition. */

const getting = `
Examples:
  $ ${TRIBUTARY} dataset get statements 2026-03 --account 42
  $ ${TRIBUTARY} dataset get statements 2026-03 --publication accounting/42
  $ ${TRIBUTARY} dataset get monthly_stats 2026-03 --out march.tsv

Prints the rows of a partition: one per line, fields between tabs, after a line with the
names of the columns. \\N is NULL; \\\\, \\t, \\n and \\r are a backslash, tab, line feed and
carriage return. Numbers and times are exact. --<column> <value> prints only the rows
with this value; of a dataset with a file per value, only that file is read.

Temporal need not be reachable. Exit codes: 0 done, 1 there is no such partition, row or
generation, 2 the command or the configuration is wrong.
`;

const comparing = `
Examples:
  $ ${TRIBUTARY} dataset diff statements 2026-03
  $ ${TRIBUTARY} dataset diff statements 2026-03 --from 6 --to 7 --key account
  $ ${TRIBUTARY} dataset diff statements 2026-03 --publication accounting/41
  $ ${TRIBUTARY} dataset diff statements 2026-03 --json | jq .changed

Compares two generations of a partition, by default the current one and the one before
it; of publications, one and what is published now, or two. + is a row that only the
later one has, - one that only the earlier one has, ~ one that changed: that needs a
key, by default the first of these that the dataset has: the key of deduplicate, the
columns of its first check "unique", the column of filePer. Values are exact.

Temporal need not be reachable. Exit codes: 0 done, 1 there is no such partition or
generation, 2 the command or the configuration is wrong.
`;

const readPublication = (text: string): string => {
  if (!/^[^/]+(?:\/[1-9]\d*)?$/.test(text))
    throw new InvalidArgumentError(
      'Expected a publication, e.g. accounting/42, or accounting for the latest.',
    );
  return text;
};

const addPublication = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  readPublication(text),
];

export function textCommands(): Command[] {
  const get = new Command('get')
    .description('print the rows of a partition, as text')
    .usage('<dataset> <day> [--<column> <value>] [options]')
    .argument('<dataset>', 'its name in the configuration')
    .argument('<day>', 'the day or month of the partition, e.g. 2026-03')
    .allowUnknownOption()
    .allowExcessArguments()
    .addOption(
      new Option('--publication <name/number>', 'as a publication has it').argParser(readPublication),
    )
    .addOption(new Option('--generation <generation>', 'of an earlier generation').argParser(readGeneration))
    .option('--out <file>', 'write it to a file')
    .addOption(configOption())
    .addHelpText('after', getting)
    .action(async (dataset: string, day: string, options: GetOptions, command: Command) => {
      const { getPartition } = await import('../../datasets/partition/get-partition.ts');
      process.exitCode = await getPartition(dataset, day, command.args.slice(2), options);
    });
  const diff = new Command('diff')
    .description('show the rows in which two generations of a partition differ')
    .argument('<dataset>', 'its name in the configuration')
    .argument('<day>', 'the day or month of the partition, e.g. 2026-03')
    .addOption(new Option('--from <generation>', 'the earlier generation').argParser(readGeneration))
    .addOption(
      new Option('--to <generation>', 'the later one; default: the current').argParser(readGeneration),
    )
    .addOption(
      new Option('--publication <name/number...>', 'as one or two publications have it').argParser(
        addPublication,
      ),
    )
    .option('--key <column...>', 'the columns that identify a row; default: as declared')
    .option('--limit <n>', 'show at most this many rows; default: 100', readLimit)
    .addOption(jsonOption('print all differences as JSON'))
    .addOption(configOption())
    .addHelpText('after', comparing)
    .action(async (dataset: string, day: string, options: DiffOptions) => {
      const { diffPartition } = await import('../../datasets/partition/diff-partition.ts');
      process.exitCode = await diffPartition(dataset, day, options);
    });
  return [get, diff];
}
