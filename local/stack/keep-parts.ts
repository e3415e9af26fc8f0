import { setTimeout as wait } from 'node:timers/promises';
import { RestartPolicy } from './restart-policy.ts';
import { ProcessEnded } from './servers/wait-until.ts';
import type { RunningPart } from './stack-context.ts';
import type { Stack } from './start-stack.ts';

interface KeepOptions {
  /** Aborted when the stack is being stopped. */
  signal: AbortSignal;
  log: (line: string) => void;
  /** Called when a part runs again, as another process. */
  onRestart?: (parts: RunningPart[]) => void;
}

/**
 * Starts every part that ends again, on the same addresses and with its data, until `signal` is aborted. A worker that
 * does not stay up is given up; without any other part, the stack is of no use.
 * @throws if a part does not stay up, if its data was in memory, or if the keeper has ended, and all parts with it
 */
export async function keepParts(stack: Stack, options: KeepOptions): Promise<void> {
  const { signal } = options;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
  const running = new Map(stack.parts.map((part) => [part.name, part]));
  const kept = stack.parts.map((part) =>
    keepPart(part, stack, {
      ...options,
      onRestart: (again) => {
        running.set(again.name, again);
        options.onRestart?.([...running.values()]);
      },
    }),
  );
  const keeper = stack.keeperEnded.then(() => {
    if (!signal.aborted) throw new Error('The keeper of the stack was killed. All parts have ended with it.');
  });
  await Promise.race([stopped, keeper, Promise.all(kept).then(() => stopped)]);
}

async function keepPart(
  first: RunningPart,
  stack: Stack,
  { signal, log, onRestart }: Omit<KeepOptions, 'onRestart'> & { onRestart: (part: RunningPart) => void },
): Promise<void> {
  const { name, inMemory, process: firstProcess } = first;
  // A service that the user named.
  if (firstProcess === undefined) return;
  const { logFile } = firstProcess;
  const policy = new RestartPolicy({ name, logFile });
  let why = await firstProcess.ended;
  let ranSeconds = Infinity;
  for (;;) {
    // All parts end with the keeper, which is reported once.
    if (signal.aborted || stack.hasKeeperEnded()) return;
    if (inMemory) throw new Error(`${name} ended (${why}), and its data was in memory. Its log: ${logFile}`);
    const decision = policy.decide({ why, ranSeconds });
    if (decision.kind === 'give up' && name !== 'worker') throw new Error(decision.line);
    log(decision.line);
    if (decision.kind === 'give up') return;
    try {
      await wait(decision.pauseSeconds * 1000, undefined, { signal });
      const again = await stack.restart(name);
      const since = performance.now();
      onRestart(again);
      log(`${name} is running again`);
      why = await again.process!.ended;
      ranSeconds = (performance.now() - since) / 1000;
    } catch (error) {
      const short = error instanceof ProcessEnded ? error.why : undefined;
      why = short ?? (error as Error).message.split('\n')[0]!;
      ranSeconds = 0;
    }
  }
}
