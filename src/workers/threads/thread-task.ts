import { AsyncLocalStorage } from 'node:async_hooks';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import type {
  ResultOf,
  SegmentActivity,
  SegmentThreads,
  TaskOf,
  WorkKind,
} from '../../activities/runtime/segment-context.ts';
import { carried, uncarried } from './carried-error.ts';
import type { FromTask, Start, ToTask } from './task-messages.ts';

type Options = Parameters<SegmentThreads['run']>[3];

/** One segment that an extraction thread works on, as Temporal's thread sees it. */
export class ThreadTask<Kind extends WorkKind = WorkKind> {
  /** Settles once: as the work does, or by `fail`. */
  readonly result: Promise<ResultOf<Kind>>;
  readonly #settle = Promise.withResolvers<ResultOf<Kind>>();
  readonly #port: MessagePort;
  readonly #activity: SegmentActivity;
  readonly #onProgress: Options['onProgress'];
  readonly #onSign: () => void;

  /** @param onSign called whenever the thread gives a sign of life */
  constructor(
    thread: Worker,
    kind: Kind,
    task: TaskOf<Kind>,
    activity: SegmentActivity,
    { signal, stopping, onProgress }: Options,
    onSign: () => void,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#activity = activity;
    this.#onProgress = onProgress;
    this.#onSign = onSign;
    // Messages arrive outside of the activity's asynchronous context, which Temporal's API needs.
    const inContext = AsyncLocalStorage.snapshot();
    port1.on('message', (message: FromTask) => inContext(() => this.#receive(message)));
    thread.postMessage({ kind, task, port: port2 } satisfies Start<Kind>, [port2]);
    const unfollow = [follow(signal, () => this.#send({ is: 'abort' }))];
    if (stopping !== undefined) unfollow.push(follow(stopping, () => this.#send({ is: 'stop' })));
    this.result = this.#settle.promise.finally(() => {
      for (const end of unfollow) end();
      port1.close();
    });
  }

  /** Ends the task: its thread has ended. */
  fail(error: Error): void {
    this.#settle.reject(error);
  }

  #send(message: ToTask): void {
    this.#port.postMessage(message);
  }

  #receive(message: FromTask): void {
    this.#onSign();
    switch (message.is) {
      case 'progress':
        this.#onProgress(message.progress);
        break;
      case 'call':
        void this.#call(message);
        break;
      case 'result':
        this.#settle.resolve(message.value as ResultOf<Kind>);
        break;
      case 'failure':
        this.#settle.reject(uncarried(message.error));
        break;
    }
  }

  async #call({ method, given, id }: FromTask & { readonly is: 'call' }): Promise<void> {
    try {
      const call = this.#activity[method] as (first: unknown, second: unknown) => unknown;
      const value = await call(given[0], given[1]);
      if (id !== undefined) this.#send({ is: 'answer', id, value });
    } catch (error) {
      if (id === undefined) this.#settle.reject(error);
      else this.#send({ is: 'refusal', id, error: carried(error) });
    }
  }
}

/** @returns a function that ends it */
function follow(signal: AbortSignal, then: () => void): () => void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
  return () => signal.removeEventListener('abort', then);
}
