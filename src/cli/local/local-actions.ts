import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import { startDetached, stopLocalStack } from '../../../local/stack/detached-stack.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { runLocalStack } from '../../../local/stack/run-local-stack.ts';
import { temporalProgram } from '../temporal/temporal-program.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { describeStack, describeStatus, type LocalStatus } from './local-report.ts';

export interface StartOptions {
  readonly detach?: boolean;
  readonly json?: boolean;
  readonly worker: boolean;
}

/** `tributary local start` */
export async function start(options: StartOptions): Promise<void> {
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

/** `tributary local stop` */
export async function stop(): Promise<void> {
  const state = new LocalState(process.cwd());
  progress(
    (await stopLocalStack(state)) ? 'Stopped. Its data is kept.' : `No stack is running in ${process.cwd()}.`,
  );
}

/** `tributary local reset` */
export async function reset(): Promise<void> {
  const state = new LocalState(process.cwd());
  await stopLocalStack(state);
  state.delete();
  progress(`Stopped the stack and deleted ${state.stackDirectory}.`);
}

/** `tributary local status` */
export function status(options: { json?: boolean }): void {
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
