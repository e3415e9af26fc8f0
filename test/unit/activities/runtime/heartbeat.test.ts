import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ActivityRecord } from '../../../../src/activities/runtime/activity-record.ts';
import { withErrorClass } from '../../../../src/activities/runtime/failures.ts';
import { whileHeartbeating } from '../../../../src/activities/runtime/heartbeat.ts';
import { UnforeseenErrors } from '../../../../src/activities/runtime/unforeseen-errors.ts';
import { type StepProgress, stepProgressOf } from '../../../../src/pipeline/run/step-progress.ts';

/** Runs one attempt. @returns its heartbeats, and its result or failure */
async function attempt<T>(
  nth: number,
  before: unknown,
  activity: () => Promise<T>,
  stopping?: AbortSignal,
): Promise<{
  heartbeats: StepProgress[];
  result: T | undefined;
  failure: { type?: string; message: string } | undefined;
}> {
  const environment = new MockActivityEnvironment(
    {
      attempt: nth,
      heartbeatDetails: before,
      startToCloseTimeoutMs: 86_400_000,
      heartbeatTimeoutMs: 30_000,
    },
    { logger: new DefaultLogger('ERROR') },
  );
  const heartbeats: StepProgress[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(stepProgressOf(details)));
  const worker = { unforeseen: new UnforeseenErrors(), ...(stopping && { stopping }) };
  const running = environment.run(withErrorClass(worker, activity), undefined) as Promise<T>;
  return running.then(
    (result) => ({ heartbeats, result, failure: undefined }),
    (failure: { type?: string; message: string }) => ({ heartbeats, result: undefined, failure }),
  );
}

const working = () =>
  whileHeartbeating(
    () => 'working',
    async () => 'done',
  );

/** An activity that reads where it stands, then works on from there. */
const resumable = (reached: number) => () => {
  const record = ActivityRecord.current();
  return whileHeartbeating(
    () => 'scanning',
    async () => {
      record.reach(reached);
      record.refuseRepeatedLoss('segment 3, after checkpoint 7');
      return 'done';
    },
    { checksLosses: true },
  );
};

const silent = (nth: number, lost: number) => ({
  doing: 'working',
  worker: { attempt: nth, seconds: 10, reached: 7, lost },
});

test('the first heartbeat is sent before any work, and counts the worker that the attempt before has lost', async () => {
  const { heartbeats } = await attempt(3, silent(2, 1), () =>
    whileHeartbeating(
      () => 'working',
      async () => undefined,
    ),
  );
  expect(heartbeats[0]).toMatchObject({ doing: 'working', worker: { attempt: 3, lost: 2, reached: 7 } });
});

test('after the fifth lost worker in a row, the activity fails permanently and says what it was doing', async () => {
  expect((await attempt(5, silent(4, 3), working)).result).toBe('done');
  const { failure } = await attempt(6, silent(5, 4), working);
  expect(failure).toMatchObject({ type: 'WorkerLost', nonRetryable: true });
  expect(failure?.message).toMatch(
    /^5 workers in a row died or froze at the same place: .*working.*exit code/,
  );
});

test('an activity that knows its place reads it first, and names it in the failure', async () => {
  const { failure } = await attempt(6, silent(5, 4), resumable(7));
  expect(failure?.message).toContain('segment 3, after checkpoint 7');
});

test('progress that no heartbeat has reported yet clears the count', async () => {
  expect((await attempt(6, silent(5, 4), resumable(8))).result).toBe('done');
});

test('if even reading its place kills the worker, the next attempt no longer does', async () => {
  let begun = false;
  const { failure } = await attempt(7, silent(6, 5), () =>
    whileHeartbeating(
      () => 'scanning',
      async () => {
        begun = true;
      },
      { checksLosses: true },
    ),
  );
  expect(failure).toMatchObject({ type: 'WorkerLost' });
  expect(begun).toBe(false);
});

test('an attempt that fails says so with its last heartbeat, so that it does not count as a lost worker', async () => {
  const { heartbeats } = await attempt(1, undefined, () =>
    whileHeartbeating(
      () => 'working',
      async () => {
        throw new Error('no line');
      },
    ),
  );
  expect(heartbeats.at(-1)?.worker?.ends).toBe(true);
  expect((await attempt(2, heartbeats.at(-1), working)).heartbeats[0]?.worker?.lost).toBe(0);
});

test('a worker that begins to stop says so at once, however it is killed afterwards', async () => {
  const stopping = new AbortController();
  const { heartbeats } = await attempt(
    1,
    undefined,
    () =>
      whileHeartbeating(
        () => 'working',
        async () => stopping.abort(),
      ),
    stopping.signal,
  );
  expect(heartbeats.at(-1)?.worker?.ends).toBe(true);
});
