import { Command } from 'commander';
import type { ChangeBatchesOptions } from '../../loader/change-batches.ts';
import type { PauseOptions } from '../../loader/pause-loader.ts';
import type { StartLoadersOptions } from '../../loader/start-loaders.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, readBatchNumber } from '../command-options.ts';

/** The commands of loaders that change something. */
export const loaderOrderCommands = (): Command[] => [
  startCommand(),
  stopCommand(),
  retryCommand(),
  skipCommand(),
  splitCommand(),
  pauseCommand(),
  resumeCommand(),
];

const LOADER = 'name of a loader in the configuration';

const startExamples = `
Examples:
  $ ${TRIBUTARY} loader start quakes
  $ ${TRIBUTARY} loader start --all

Starts the workflow that loads into the loader's table and the one that watches its queue or
prefix. Both run until they are stopped, on the workers. Loaders that share a queue or a table
share its workflow; one that runs already is named, and is no error.

Exit codes: 0 running, 1 Temporal cannot be reached, 2 no such loader.
`;

const startCommand = () =>
  new Command('start')
    .description('start loaders: watch their queues and prefixes, and load what arrives')
    .argument('[loaders...]', 'names of loaders; default: the only one')
    .option('--all', 'start every loader of the configuration')
    .addOption(configOption())
    .addHelpText('after', startExamples)
    .action(async (names: string[], options: StartLoadersOptions) => {
      const { startLoaders } = await import('../../loader/start-loaders.ts');
      process.exitCode = await startLoaders(names, options);
    });

const stopExamples = `
Examples:
  $ ${TRIBUTARY} loader stop quakes
  $ ${TRIBUTARY} loader stop --all

Cancels both workflows, and waits until they have ended. Nothing is lost: what was announced waits
in the queue, what was received waits in S3, and a batch is loaded whole or not at all. To stop
loading only, while files are still received, pause it: ${TRIBUTARY} loader pause quakes

Exit codes: 0 stopped, 1 no answer, 2 no such loader, or others share its queue or table, 130 interrupted.
`;

const stopCommand = () =>
  new Command('stop')
    .description('stop loaders; what has arrived waits')
    .argument('[loaders...]', 'names of loaders; default: the only one')
    .option('--all', 'stop every loader of the configuration')
    .addOption(configOption())
    .addHelpText('after', stopExamples)
    .action(async (names: string[], options: StartLoadersOptions) => {
      const { stopLoaders } = await import('../../loader/stop-loaders.ts');
      process.exitCode = await stopLoaders(names, options);
    });

const ORDER_CODES = 'Exit codes: 0 accepted, 1 refused, not running or not answered, 2 no such loader.';

const retryExamples = `
Examples:
  $ ${TRIBUTARY} loader retry quakes 12
  $ ${TRIBUTARY} loader retry quakes --all

Fix the cause first: the file (put it again, which is another file, and skip the old one), the table,
or the loader's definition. In the Web UI, send the update retryBatch with the batch's number instead.

${ORDER_CODES}
`;

const retryCommand = () =>
  new Command('retry')
    .description('load a parked batch again')
    .argument('<loader>', LOADER)
    .argument('[batch]', 'number of the batch', readBatchNumber)
    .option('--all', 'every parked batch')
    .addOption(configOption())
    .addHelpText('after', retryExamples)
    .action(async (name: string, batch: number | undefined, options: ChangeBatchesOptions) => {
      const { retryBatch } = await import('../../loader/change-batches.ts');
      process.exitCode = await retryBatch(name, batch, options);
    });

const skipExamples = `
Examples:
  $ ${TRIBUTARY} loader skip quakes 12 --reason "test file"

The files of the batch are never loaded by themselves, even if they are announced again. To leave out
only the bad one of many files, split the batch first: ${TRIBUTARY} loader split quakes 12
In the Web UI, send the update skipBatch with {"batch": 12, "reason": "test file"} instead.

${ORDER_CODES}
`;

const skipCommand = () =>
  new Command('skip')
    .description('close a parked batch without loading its files')
    .argument('<loader>', LOADER)
    .argument('<batch>', 'number of the batch', readBatchNumber)
    .option('--reason <text>', 'why, to be kept with the batch')
    .addOption(configOption())
    .addHelpText('after', skipExamples)
    .action(async (name: string, batch: number, options: ChangeBatchesOptions) => {
      const { skipBatch } = await import('../../loader/change-batches.ts');
      process.exitCode = await skipBatch(name, batch, options);
    });

const splitExamples = `
Examples:
  $ ${TRIBUTARY} loader split quakes 12

Makes two batches, each with half of the files, and loads both. The half without the bad file is loaded,
the other one is parked: split that again, until the bad file is alone. In the Web UI, send the update
splitBatch with the batch's number instead.

${ORDER_CODES}
`;

const splitCommand = () =>
  new Command('split')
    .description('make two batches of a parked one, each with half of its files')
    .argument('<loader>', LOADER)
    .argument('<batch>', 'number of the batch', readBatchNumber)
    .addOption(configOption())
    .addHelpText('after', splitExamples)
    .action(async (name: string, batch: number, options: ChangeBatchesOptions) => {
      const { splitBatch } = await import('../../loader/change-batches.ts');
      process.exitCode = await splitBatch(name, batch, options);
    });

const pauseExamples = `
Examples:
  $ ${TRIBUTARY} loader pause quakes --reason "warehouse maintenance"

The batch that is being loaded ends first. Files are still received, and wait in S3.

${ORDER_CODES}
`;

const pauseCommand = () =>
  new Command('pause')
    .description('start no more batches')
    .argument('<loader>', LOADER)
    .option('--reason <text>', 'why, to be shown until the loader is resumed')
    .addOption(configOption())
    .addHelpText('after', pauseExamples)
    .action(async (name: string, options: PauseOptions) => {
      const { pauseLoader } = await import('../../loader/pause-loader.ts');
      process.exitCode = await pauseLoader(name, options);
    });

const resumeExamples = `
Examples:
  $ ${TRIBUTARY} loader resume quakes
  $ ${TRIBUTARY} loader resume quakes --accept-table

Also after the loader has paused itself, because too many batches in a row were parked.

A loader notices that its table was dropped and created again, and loads nothing into it:
files that the earlier table had are not loaded again by themselves. --accept-table takes
the new table over; parked batches can then be retried.

${ORDER_CODES}
`;

const resumeCommand = () =>
  new Command('resume')
    .description('start batches again after a pause')
    .argument('<loader>', LOADER)
    .option('--accept-table', 'load into the table that replaced the one loaded before')
    .addOption(configOption())
    .addHelpText('after', resumeExamples)
    .action(async (name: string, options: PauseOptions) => {
      const { resumeLoader } = await import('../../loader/pause-loader.ts');
      process.exitCode = await resumeLoader(name, options);
    });
