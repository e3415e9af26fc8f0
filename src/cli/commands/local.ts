import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import { startDetached, stopLocalStack } from '../../../local/stack/detached-stack.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { runLocalStack } from '../../../local/stack/run-local-stack.ts';
import { describeStack, describeStatus, type LocalStatus } from '../local/local-report.ts';
import { temporalProgram } from '../temporal/temporal-program.ts';
import { ExitCode } from '../terminal/exit-code.ts';
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

/** `tributary local …`: Temporal, DynamoDB, S3, a local Redshift and a worker on one machine. */
export function localCommand(): Command {
  const local = new Command('local')
    .description('run Temporal, DynamoDB, S3, a local Redshift and a worker on this machine')
    .addHelpText('after', examples);
  local
    .command('start')
    .description('start the stack; the first time, fetch the programs it needs')
    .option('--detach', 'leave it running in the background')
    .option('--no-worker', `start no worker: run your own with \`${TRIBUTARY} worker\``)
    .option('--json', 'print the addresses as JSON')
    .action(start);
  local.command('stop').description('stop the stack and keep its data').action(stop);
  local
    .command('status')
    .description('show which parts are running, and where')
    .option('--json', 'print the status as JSON')
    .addHelpText('after', statusHelp)
    .action(status);
  local.command('reset').description('stop the stack and delete its data').action(reset);
  return local;
}

async function start(options: { detach?: boolean; json?: boolean; worker: boolean }): Promise<void> {
  const projectDirectory = process.cwd();
  const state = new LocalState(projectDirectory);
  const supervisor = state.supervisor();
  if (supervisor) {
    const addresses = state.runningAddresses();
    if (!addresses)
      throw new Error(
        `Process ${supervisor.pid} is starting the stack. Check its status: ${TRIBUTARY} local status`,
      );
    progress(`The stack is already running (process ${supervisor.pid}).`);
    return printAddresses(addresses, options.json);
  }
  const configFile = [process.env.TRIBUTARY_CONFIG, join(projectDirectory, 'tributary.yaml')].find(
    (file) => file && existsSync(file),
  );
  const common = { state, worker: options.worker, log: progress, ...(configFile && { configFile }) };
  progress(
    `Starting Temporal, DynamoDB, S3, PostgreSQL, the Redshift Data API${options.worker ? ' and a worker' : ''} …`,
  );
  if (options.detach) {
    await printAddresses(await startDetached({ ...common, projectDirectory }), options.json);
    progress(`The stack is running in the background. Stop it: ${TRIBUTARY} local stop`);
    return;
  }
  await runLocalStack({
    ...common,
    signal: stopSignal(),
    onReady: (addresses) => {
      void printAddresses(addresses, options.json).then(() => progress('Press Ctrl-C to stop it.'));
    },
  });
  progress(`Stopped. Its data is kept. Delete it: ${TRIBUTARY} local reset`);
}

/** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. A second one ends this process at once. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The servers stop by themselves when this process has ended.
      if (stopping.signal.aborted) process.exit(130);
      progress('Stopping …');
      stopping.abort();
    });
  }
  return stopping.signal;
}

async function stop(): Promise<void> {
  const state = new LocalState(process.cwd());
  progress(
    (await stopLocalStack(state)) ? 'Stopped. Its data is kept.' : `No stack is running in ${process.cwd()}.`,
  );
}

async function reset(): Promise<void> {
  const state = new LocalState(process.cwd());
  await stopLocalStack(state);
  state.delete();
  progress(`Stopped the stack and deleted ${state.stackDirectory}.`);
}

function status(options: { json?: boolean }): void {
  const state = new LocalState(process.cwd());
  const supervisor = state.supervisor();
  const addresses = state.runningAddresses();
  const report: LocalStatus = {
    state: !supervisor ? 'stopped' : addresses ? 'running' : 'starting',
    directory: state.directory,
    pid: supervisor?.pid ?? null,
    parts: state.parts(),
    addresses: addresses ?? null,
  };
  console.log(options.json ? JSON.stringify(report) : describeStatus(report));
  if (report.state !== 'running') process.exitCode = ExitCode.failed;
}

async function printAddresses(addresses: StackAddresses, json: boolean | undefined): Promise<void> {
  console.log(json ? JSON.stringify(addresses) : describeStack(addresses, await temporalProgram()));
}

/** Goes to stderr: stdout is for the result. */
function progress(line: string): void {
  console.error(line);
}
