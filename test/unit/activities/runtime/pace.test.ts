import { expect, test } from '@jest/globals';
import { Pace } from '../../../../src/activities/runtime/pace.ts';

const never = new AbortController().signal;

test('a worker that is stopping no longer waits for read units', async () => {
  const stopping = new AbortController();
  const pace = new Pace(1, 1, stopping.signal);
  const spent = pace.spent(1_000, never);
  stopping.abort();
  await expect(spent).resolves.toBeUndefined();
  await expect(pace.spent(1_000, never)).resolves.toBeUndefined();
});

test('a cancelled wait is reported as cancelled, even on a worker that is stopping', async () => {
  const stopping = new AbortController();
  const cancelled = new AbortController();
  const spent = new Pace(1, 1, stopping.signal).spent(1_000, cancelled.signal);
  cancelled.abort();
  stopping.abort();
  await expect(spent).rejects.toThrow('aborted');
});
