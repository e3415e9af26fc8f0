import { expect, test } from '@jest/globals';
import { runWorkers } from '../../../src/workers/worker.ts';

test('when one worker fails, the other puts its work away before it is shut down', async () => {
  const said: string[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const failing = {
    run: () => Promise.reject(new Error('lost')),
    getState: () => 'FAILED' as const,
    shutdown() {},
  };
  const other = {
    run: () => ended,
    getState: () => 'RUNNING' as const,
    shutdown() {
      said.push('shut down');
      end();
    },
  };
  const running = runWorkers([failing, other], () => said.push('put away'));
  await expect(running).rejects.toThrow('lost');
  await ended;
  expect(said.slice(0, 2)).toEqual(['put away', 'shut down']);
});
