import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { findPartHere } from '../../../local/parts/find-part.ts';
import { temporal } from '../../../local/parts/temporal.ts';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import { startDetached, stopLocalStack } from '../../../local/stack/detached-stack.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { runLocalStack } from '../../../local/stack/run-local-stack.ts';
import { describeStack, describeStatus, type LocalStatus } from '../local/local-report.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} local start              run it here until Ctrl-C
  $ ${TRIBUTARY} local start --detach     run it in the background
  $ ${TRIBUTARY} local start --detach --json | jq -r .temporal.ui
  $ ${TRIBUTARY} local status
  $ ${TRIBUTARY} local stop
  $ ${TRIBUTARY} local reset              stop it and delete its data

Data, logs and addresses (local.json) are kept in .tributary/ of the current directory.
A service you run already is used instead of a part of ours when you name it:
  TRIBUTARY_USE_TEMPORAL=127.0.0.1:7233
  TRIBUTARY_USE_DYNAMODB=http://127.0.0.1:8000
  TRIBUTARY_USE_S3=http://<access key>:<secret>@127.0.0.1:7070
  TRIBUTARY_USE_POSTGRES=postgresql://<user>:<password>@127.0.0.1:5432/dev
Programs: TRIBUTARY_TEMPORAL_BIN, TRIBUTARY_VERSITYGW_BIN, TRIBUTARY_DYNAMODB_BIN, TRIBUTARY_POSTGRES_BIN_DIR.
`;

const statusHelp = '\nExit code: 0 when the stack runs, 1 when it does not.\n';

/** `tributary local …`: Temporal, DynamoDB, S3, a local Redshift and a worker, on this computer alone. */
export function localCommand(): Command {
  const local = new Command('local')
    .description('run Temporal, DynamoDB, S3, a local Redshift and a worker on this machine')
    .addHelpText('after', examples);
  local
    .command('start')
    .description('start the stack, and fetch what it needs the first time')
    .option('--detach', 'leave it running in the background')
    .option('--no-worker', `without a worker: to run your own with \`${TRIBUTARY} worker\``)
    .option('--json', 'print the addresses as JSON')
    .action(start);
  local.command('stop').description('stop the stack; its data is kept').action(stop);
  local
    .command('status')
    .description('tell which parts run, and where')
    .option('--json', 'print it as JSON')
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
        `The stack is being started by process ${supervisor.pid}. Look with: ${TRIBUTARY} local status`,
      );
    progress(`The stack is running already (process ${supervisor.pid}).`);
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
    progress(`It runs in the background. Stop it with: ${TRIBUTARY} local stop`);
    return;
  }
  await runLocalStack({
    ...common,
    signal: stopSignal(),
    onReady: (addresses) => {
      void printAddresses(addresses, options.json).then(() => progress('Ctrl-C stops it.'));
    },
  });
  progress(`Stopped. Data is kept; delete it with: ${TRIBUTARY} local reset`);
}

/** Aborted by the first Ctrl-C, SIGTERM or closed terminal; a second one ends this process at once. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The servers end by themselves when this process is gone.
      if (stopping.signal.aborted) process.exit(130);
      progress('Stopping …');
      stopping.abort();
    });
  }
  return stopping.signal;
}

async function stop(): Promise<void> {
  const state = new LocalState(process.cwd());
  progress((await stopLocalStack(state)) ? 'Stopped. Data is kept.' : `No stack runs in ${process.cwd()}.`);
}

async function reset(): Promise<void> {
  const state = new LocalState(process.cwd());
  await stopLocalStack(state);
  state.delete();
  progress(`Stopped, and deleted ${state.stackDirectory}.`);
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

/** As a shell takes it. */
async function temporalProgram(): Promise<string> {
  const found = await findPartHere(temporal).catch(() => undefined);
  if (found === undefined || found.from === 'PATH') return temporal.program;
  return /^[\w./@+-]+$/.test(found.path) ? found.path : `'${found.path.replaceAll("'", `'\\''`)}'`;
}

/** To stderr: stdout is for what was asked for. */
function progress(line: string): void {
  console.error(line);
}
