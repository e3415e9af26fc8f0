/**
 * The process behind `local start --detach`: runs the stack until SIGTERM. While the command that started it waits, it
 * receives the progress. If that command is interrupted, the start is cancelled.
 */
import type { StackAddresses } from './addresses.ts';
import { LocalState } from './local-state.ts';
import { runLocalStack } from './run-local-stack.ts';

export type SupervisorMessage =
  | { kind: 'log'; line: string }
  | { kind: 'ready'; addresses: StackAddresses }
  | { kind: 'failed'; message: string };

const { projectDirectory, configFile, worker } = JSON.parse(process.argv[2] ?? '{}') as {
  projectDirectory: string;
  configFile?: string;
  worker: boolean;
};
const stopping = new AbortController();
let ready = false;

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
process.on('disconnect', () => {
  if (!ready) stopping.abort();
});

try {
  await runLocalStack({
    state: new LocalState(projectDirectory),
    ...(configFile && { configFile }),
    worker,
    signal: stopping.signal,
    log: (line) => {
      console.log(`${new Date().toISOString()} ${line}`);
      tell({ kind: 'log', line });
    },
    onReady: (addresses) => {
      ready = true;
      tell({ kind: 'ready', addresses });
    },
  });
} catch (error) {
  console.log(`${new Date().toISOString()} ${(error as Error).stack}`);
  tell({ kind: 'failed', message: (error as Error).message });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();

function tell(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message, () => {});
}
