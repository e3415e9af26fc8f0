import { Command } from 'commander';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { loaderImportCommand } from './loader-import.ts';
import { loaderOrderCommands } from './loader-orders.ts';
import { loaderViewCommands } from './loader-views.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} loader check quakes        everything that a loader needs
  $ ${TRIBUTARY} loader start quakes        watch its queue, and load what arrives
  $ ${TRIBUTARY} loader status              how all loaders are doing
  $ ${TRIBUTARY} loader retry quakes 12     load a parked batch again
  $ ${TRIBUTARY} loader import q.json      convert the AWS sample loader's file

A loader loads files that arrive in S3 into a live table: see docs/loaders.md.
`;

/** `tributary loader …` */
export function loaderCommand(): Command {
  const loader = new Command('loader')
    .description('load files that arrive in S3 into live tables')
    .addHelpText('after', examples);
  const commands = [...loaderOrderCommands(), ...loaderViewCommands(), loaderImportCommand()];
  for (const command of commands) loader.addCommand(command);
  return loader;
}
