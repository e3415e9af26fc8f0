import { setTimeout as wait } from 'node:timers/promises';
import type { StackAddresses } from './addresses.ts';
import type { LocalState } from './local-state.ts';
import type { RunningPart } from './stack-context.ts';
import { type Stack, startStack } from './start-stack.ts';

const longestPauseSeconds = 30;

interface LocalStackOptions {
  state: LocalState;
  /** The tributary.yaml for the worker, if there is one. */
  configFile?: string;
  worker: boolean;
  log: (line: string) => void;
  onReady: (addresses: StackAddresses) => void;
  /** Abort it to stop the stack, in any state. */
  signal: AbortSignal;
}

/** Another process is already running the stack of this directory. */
class AlreadyRunning extends Error {
  override name = 'AlreadyRunning';
}

/**
 * Runs a project's persistent stack in this process until `signal` is aborted, then ends all of it. Restarts the worker
 * if it ends.
 * @throws AlreadyRunning; what `startStack` throws; an Error if a server ends by itself, after ending the others
 */
export async function runLocalStack(options: LocalStackOptions): Promise<void> {
  const { state, signal, log, onReady, configFile } = options;
  if (!state.claim()) throw new AlreadyRunning(`The stack in ${state.directory} is already running.`);
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      directory: state.stackDirectory,
      persist: true,
      worker: options.worker,
      before: state.lastAddresses(),
      log,
      signal,
      ...(configFile && { configFile }),
    });
    state.recordRunning(stack.addresses, stack.parts);
    onReady(stack.addresses);
    await untilStopped(stack, options);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await stack?.stop();
    state.recordStopped();
  }
}

async function untilStopped(stack: Stack, { signal, log, state }: LocalStackOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
  const servers = stack.parts.filter((part) => part.name !== 'worker');
  const worker = stack.parts.find((part) => part.name === 'worker');
  if (worker) {
    void keepWorker(worker, stack, signal, log, (next) =>
      state.recordRunning(stack.addresses, [...servers, next]),
    );
  }
  const failed = servers.flatMap((part) => part.process?.failed ?? []);
  await Promise.race([stopped, ...failed]);
}

/** Restarts the worker whenever it ends, with a longer pause after each failed start. */
async function keepWorker(
  first: RunningPart,
  stack: Stack,
  signal: AbortSignal,
  log: (line: string) => void,
  onChange: (worker: RunningPart) => void,
): Promise<void> {
  let worker: RunningPart = first;
  for (let pauseSeconds = 1; ; ) {
    const why = await worker.process?.ended;
    if (signal.aborted) return;
    log(`the worker ended (${why}); restarting it in ${pauseSeconds} s. Its log: ${worker.process?.logFile}`);
    try {
      await wait(pauseSeconds * 1000, undefined, { signal });
      worker = await stack.restartWorker();
      onChange(worker);
      log('the worker is running again');
      pauseSeconds = 1;
    } catch (error) {
      if (signal.aborted) return;
      log(`the worker does not start: ${(error as Error).message.split('\n')[0]}`);
      pauseSeconds = Math.min(pauseSeconds * 2, longestPauseSeconds);
    }
  }
}
