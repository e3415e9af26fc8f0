import type { StackAddresses } from './addresses.ts';
import { keepParts } from './keep-parts.ts';
import type { LocalState } from './local-state.ts';
import { type Stack, startStack } from './start-stack.ts';

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
 * Runs a project's persistent stack in this process until `signal` is aborted, then ends all of it. Parts that end are
 * started again.
 * @throws AlreadyRunning; what `startStack` throws; an Error if a server does not stay up, after ending the others
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
    const { addresses } = stack;
    await keepParts(stack, { signal, log, onRestart: (parts) => state.recordRunning(addresses, parts) });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await stack?.stop();
    state.recordStopped();
  }
}
