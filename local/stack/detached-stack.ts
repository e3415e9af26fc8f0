import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { packageModule } from '../../src/installation/package-files.ts';
import { isAlive } from '../parts/process-identity.ts';
import type { StackAddresses } from './addresses.ts';
import type { LocalState } from './local-state.ts';
import { endLeftovers } from './process-list.ts';
import { waitUntil } from './servers/wait-until.ts';
import type { SupervisorMessage } from './supervisor.ts';

/** A server may take 10 s to end, and a worker that finishes an activity another 10 s. */
const stopTimeoutSeconds = 45;

/**
 * Starts a supervisor that outlives this process, and returns once the stack answers.
 * @throws if the stack does not start, with the supervisor's reason
 */
export function startDetached(options: {
  state: LocalState;
  projectDirectory: string;
  configFile?: string;
  worker: boolean;
  log: (line: string) => void;
}): Promise<StackAddresses> {
  const { state, projectDirectory, configFile, worker, log } = options;
  const logs = join(state.stackDirectory, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, 'supervisor.log');
  const output = openSync(logFile, 'a', 0o600);
  const file = packageModule('local/stack/supervisor.ts');
  const supervisor = fork(file, [JSON.stringify({ projectDirectory, configFile, worker })], {
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  return new Promise((resolve, reject) => {
    supervisor.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'log') return log(message.line);
      if (message.kind === 'failed') return reject(new Error(message.message));
      supervisor.disconnect();
      supervisor.unref();
      return resolve(message.addresses);
    });
    supervisor.on('error', reject);
    supervisor.on('exit', (code, signal) =>
      reject(
        new Error(
          `The supervisor ended (${signal ?? `exit code ${code}`}) before the stack was up; see ${logFile}`,
        ),
      ),
    );
  });
}

/**
 * Ends a project's stack, and what is left of one whose processes were killed.
 * @returns whether there was anything to end
 */
export async function stopLocalStack(state: LocalState): Promise<boolean> {
  const supervisor = state.supervisor();
  if (supervisor) {
    process.kill(supervisor.pid, 'SIGTERM');
    const gone = () => !isAlive(supervisor);
    await waitUntil(gone, { timeoutSeconds: stopTimeoutSeconds }).catch(() =>
      process.kill(supervisor.pid, 'SIGKILL'),
    );
    await waitUntil(gone, {
      timeoutSeconds: 5,
      what: `the end of the supervisor, process ${supervisor.pid}`,
    });
  }
  const leftovers = await endLeftovers(state.stackDirectory);
  // A killed supervisor could not clean up. But do not touch the files of one that has just started.
  if (state.supervisor() === null) state.recordStopped();
  return supervisor !== null || leftovers.length > 0;
}
