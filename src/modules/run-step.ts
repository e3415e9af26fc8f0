import { inSourceFiles } from './bundle-module.ts';
import { ModuleUnusable } from './module-unusable.ts';
import { moduleWorker } from './module-worker.ts';
import { ownFrames } from './own-frames.ts';
import type { FromStep, StepRows, StepStart, ToStep } from './step-messages.ts';

/** What a step's function reads and writes. */
export interface StepStreams {
  /** The rows of an input, from the first. */
  read(input: string): AsyncIterator<StepRows>;
  /** Takes lines of rows, once they are written. */
  write(text: Uint8Array): Promise<void>;
}

/** A function that threw, returned what is not a row, or exceeded its limits. */
export class StepFunctionFailed extends Error {
  override readonly name = 'StepFunctionFailed';
}

/**
 * Runs the function of a step in a thread of its own, within limits on time and memory. The thread has none of this process's
 * environment.
 * @throws StepFunctionFailed, ModuleUnusable; the signal's reason; what the streams throw
 */
export async function runStep(
  start: StepStart,
  streams: StepStreams,
  limits: { readonly seconds: number; readonly memoryMegabytes: number },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const worker = moduleWorker('src/modules/step-thread.ts', start, limits.memoryMegabytes);
  const loops = new Map<number, AsyncIterator<StepRows>>();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    const answer = await new Promise<Extract<FromStep, { kind: 'done' | 'failed' | 'unusable' }>>(
      (resolve, reject) => {
        const failed = (message: string) => resolve({ kind: 'failed', message });
        const send = (message: ToStep) => worker.postMessage(message);
        onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        timer = setTimeout(() => failed(`it took longer than ${limits.seconds} s`), limits.seconds * 1000);
        worker.on('message', (message: FromStep) => {
          if (message.kind === 'want') nextRows(streams, loops, message).then(send, reject);
          else if (message.kind === 'left') leave(loops, message.loop).catch(reject);
          else if (message.kind === 'lines')
            streams.write(message.text).then(() => send({ kind: 'written' }), reject);
          else resolve(message);
        });
        worker.once('error', (error: Error & { readonly code?: string }) =>
          failed(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? `it needed more than ${limits.memoryMegabytes} MB of memory`
              : (error.stack ?? String(error)),
          ),
        );
        worker.once('exit', (code) => failed(`it ended its thread with code ${code}`));
      },
    );
    if (answer.kind === 'done') return;
    const message = await inSourceFiles(ownFrames(answer.message, start.file), start.file, start.code);
    if (answer.kind === 'unusable') throw new ModuleUnusable(`${start.file} cannot be used: ${message}`);
    throw new StepFunctionFailed(message);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
    for (const loop of loops.keys()) await leave(loops, loop);
  }
}

async function nextRows(
  streams: StepStreams,
  loops: Map<number, AsyncIterator<StepRows>>,
  { loop, input }: Extract<FromStep, { kind: 'want' }>,
): Promise<ToStep> {
  const rows = loops.get(loop) ?? streams.read(input);
  loops.set(loop, rows);
  const next = await rows.next();
  return { kind: 'rows', loop, rows: next.done === true ? undefined : next.value };
}

/** Leaving a loop over an input ends its query. */
async function leave(loops: Map<number, AsyncIterator<StepRows>>, loop: number): Promise<void> {
  const rows = loops.get(loop);
  loops.delete(loop);
  await rows?.return?.();
}
