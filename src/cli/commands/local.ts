import { Command } from 'commander';
import type { StartOptions } from '../local/local-actions.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} local start              run the stack until Ctrl-C
  $ ${TRIBUTARY} local start --detach     run it in the background
  $ ${TRIBUTARY} local start --detach --json | jq -r .temporal.ui
  $ ${TRIBUTARY} local status
  $ ${TRIBUTARY} local stop
  $ ${TRIBUTARY} local reset              stop it and delete its data

Data, logs and addresses (local.json) are kept in .tributary/ in the current directory.
To use a service that you already run, name it in the environment:
  TRIBUTARY_USE_TEMPORAL=127.0.0.1:7233
  TRIBUTARY_USE_DYNAMODB=http://127.0.0.1:8000
  TRIBUTARY_USE_S3=http://<access key>:<secret>@127.0.0.1:7070
  TRIBUTARY_USE_POSTGRES=postgresql://<user>:<password>@127.0.0.1:5432/dev
To use a program that you already have, name its path:
  TRIBUTARY_TEMPORAL_BIN, TRIBUTARY_VERSITYGW_BIN, TRIBUTARY_DYNAMODB_BIN,
  TRIBUTARY_POSTGRES_BIN_DIR
`;

const statusHelp = '\nExit codes: 0 the stack is running, 1 it is not.\n';

/** `tributary local …`: Temporal, DynamoDB, S3, SQS, Glue, a local Redshift and a worker on one machine. */
export function localCommand(): Command {
  const local = new Command('local')
    .description('run Temporal, DynamoDB, S3, SQS, Glue, a local Redshift and a worker here')
    .addHelpText('after', examples);
  local
    .command('start')
    .description('start the stack; the first time, fetch the programs it needs')
    .option('--detach', 'leave it running in the background')
    .option('--no-worker', `start no worker: run your own with \`${TRIBUTARY} worker\``)
    .option('--json', 'print the addresses as JSON')
    .action(async (options: StartOptions) => (await actions()).start(options));
  local
    .command('stop')
    .description('stop the stack and keep its data')
    .action(async () => (await actions()).stop());
  local
    .command('status')
    .description('show which parts are running, and where')
    .option('--json', 'print the status as JSON')
    .addHelpText('after', statusHelp)
    .action(async (options: { json?: boolean }) => (await actions()).status(options));
  local
    .command('reset')
    .description('stop the stack and delete its data')
    .action(async () => (await actions()).reset());
  return local;
}

const actions = () => import('../local/local-actions.ts');
