import { describe, expect, test } from '@jest/globals';
import { LateWorker, type RunnableWorker } from '../../../src/workers/late-worker.ts';

class FakeWorker implements RunnableWorker {
  #state: ReturnType<RunnableWorker['getState']> = 'INITIALIZED';
  #stop = () => {};

  getState() {
    return this.#state;
  }

  shutdown(): void {
    if (this.#state !== 'RUNNING') throw new Error(`not running: ${this.#state}`);
    this.#stop();
  }

  async run(): Promise<void> {
    this.#state = 'RUNNING';
    await new Promise<void>((resolve) => {
      this.#stop = resolve;
    });
    this.#state = 'STOPPED';
  }
}

describe('a worker that starts once it is needed', () => {
  test('is created at the first yes, runs, and stops', async () => {
    const created: FakeWorker[] = [];
    let looks = 0;
    const { promise: isCreated, resolve } = Promise.withResolvers<void>();
    const late = new LateWorker(
      async () => ++looks > 1,
      async () => {
        const worker = new FakeWorker();
        created.push(worker);
        resolve();
        return worker;
      },
    );
    const running = late.run();
    expect(late.getState()).toBe('RUNNING');
    expect(created).toHaveLength(0);
    await isCreated;
    await Promise.resolve();
    late.shutdown();
    await running;
    expect(looks).toBe(2);
    expect(created).toHaveLength(1);
    expect(late.getState()).toBe('STOPPED');
  });

  test('stops at once while it is not needed, without being created', async () => {
    const late = new LateWorker(
      async () => false,
      async () => {
        throw new Error('must not be created');
      },
    );
    const running = late.run();
    late.shutdown();
    await running;
    expect(late.getState()).toBe('STOPPED');
  });

  test('is shut down if that was asked for while it was created', async () => {
    const worker = new FakeWorker();
    const late = new LateWorker(
      async () => true,
      async () => {
        late.shutdown();
        return worker;
      },
    );
    await late.run();
    expect(worker.getState()).toBe('STOPPED');
  });

  test('fails if it cannot be created', async () => {
    const late = new LateWorker(
      async () => true,
      async () => {
        throw new Error('no connection');
      },
    );
    await expect(late.run()).rejects.toThrow('no connection');
  });
});
