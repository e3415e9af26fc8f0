import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packageFile } from '../installation/package-files.ts';
import { alertsCommand } from './commands/alerts.ts';
import { cancelCommand } from './commands/cancel.ts';
import { changesCommand } from './commands/changes/changes.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { datasetCommand } from './commands/datasets/dataset.ts';
import { demoCommand } from './commands/demo.ts';
import { docsCommand } from './commands/docs.ts';
import { doctorCommand } from './commands/doctor.ts';
import { inferCommand } from './commands/infer.ts';
import { initCommand } from './commands/init.ts';
import { loadCommand } from './commands/loader/load.ts';
import { loaderCommand } from './commands/loader/loader.ts';
import { localCommand } from './commands/local.ts';
import { planCommand } from './commands/plan.ts';
import { queryCommand } from './commands/query.ts';
import { rejectsCommand } from './commands/rejects.ts';
import { reportCommand } from './commands/report.ts';
import { retryCommand } from './commands/retry.ts';
import { backupsCommand, rollbackCommand } from './commands/rollback.ts';
import { runCommand } from './commands/run.ts';
import { scheduleCommand } from './commands/schedule.ts';
import { schemaCommand } from './commands/schema/schema.ts';
import { runsCommand, statusCommand } from './commands/status.ts';
import { workerCommand } from './commands/worker.ts';
import { EXIT_CODES_HELP } from './terminal/exit-code.ts';
import { TRIBUTARY } from './terminal/invocation.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} demo                   try everything, on real data
  $ ${TRIBUTARY} local start --detach   start a stack and a worker on this machine
  $ ${TRIBUTARY} init                   write pipelines for your own tables
  $ ${TRIBUTARY} plan nobel             show what a run would read, cost and create
  $ ${TRIBUTARY} run nobel --wait       copy a table into the warehouse
  $ ${TRIBUTARY} status                 show the state of the newest run
  $ ${TRIBUTARY} run --help             show the options and examples of a command
`;

/** All commands. Parsing throws CommanderError instead of ending the process, so we choose the exit codes. */
export function program(columns = Math.min(process.stdout.columns || 80, 100)): Command {
  const tributary = new Command('tributary')
    .description('Copies DynamoDB tables into Amazon Redshift as relational tables. Every step is durable.')
    .version(version(), '--version', 'print the version')
    .option('--verbose', 'show stack traces of errors')
    .addHelpText('after', examples + EXIT_CODES_HELP);
  const commands = [
    initCommand(),
    planCommand(),
    runCommand(),
    statusCommand(),
    runsCommand(),
    reportCommand(),
    queryCommand(),
    docsCommand(),
    retryCommand(),
    cancelCommand(),
    rejectsCommand(),
    rollbackCommand(),
    backupsCommand(),
    doctorCommand(),
    workerCommand(),
    inferCommand(),
    schemaCommand(),
    scheduleCommand(),
    loaderCommand(),
    loadCommand(),
    changesCommand(),
    datasetCommand(),
    alertsCommand(),
    localCommand(),
    configCommand(),
    completionCommand(),
    demoCommand(),
  ];
  for (const command of commands) tributary.addCommand(command);
  for (const command of withSubcommands(tributary)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true, helpWidth: columns });
  }
  return tributary;
}

function version(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];
