import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ZodError } from 'zod';
import type { SegmentActivity } from '../../../../src/activities/runtime/segment-context.ts';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import type { StepProgress } from '../../../../src/pipeline/run/step-progress.ts';
import { ExtractionThreads } from '../../../../src/workers/threads/extraction-threads.ts';

const open: ExtractionThreads[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((threads) => threads.close()));
});

/** On a busy machine, a thread that merely collects garbage may be silent for long. */
const PATIENT_SECONDS = 600;

function threadsOf(most: number, silentSeconds = PATIENT_SECONDS): ExtractionThreads {
  const threads = new ExtractionThreads({
    most,
    heapMegabytes: 64,
    environment: {},
    module: new URL('./behaviours.ts', import.meta.url),
    silentSeconds,
  });
  open.push(threads);
  return threads;
}

/** Runs a segment whose bucket behaves like this. */
function segment(
  threads: ExtractionThreads,
  bucket: string,
  onProgress: (progress: StepProgress) => void = () => {},
  isSuspect = false,
) {
  const cancelled = new AbortController();
  const task = { ref: { pipeline: 'p', run: 'r', bucket, prefix: 'x' }, segment: 0 };
  const result = threads.run('extract', task, {} as SegmentActivity, {
    signal: cancelled.signal,
    stopping: undefined,
    isSuspect,
    onProgress,
  });
  result.catch(() => {});
  return { result, cancel: () => cancelled.abort() };
}

const isRunning = (result: Promise<unknown>) =>
  Promise.race([result.then(() => false), Promise.resolve(true)]);

const failureOf = (threads: ExtractionThreads, bucket: string) =>
  segment(threads, bucket).result.then(
    () => undefined,
    (error: Error) => error,
  );

test('errors cross from a thread with their class, code, message, stack and cause', async () => {
  const threads = threadsOf(1);
  const terminal = await failureOf(threads, 'terminal');
  expect(terminal).toBeInstanceOf(Terminal);
  expect(terminal).toMatchObject({ code: 'AccessDenied', message: 'no entry', cause: { message: '403' } });
  expect(terminal?.stack).toContain('behaviours.ts');
  const transient = await failureOf(threads, 'transient');
  expect(transient).toBeInstanceOf(Transient);
  expect(transient).toMatchObject({ code: 'NetworkFailed', message: 'no line' });
  const refusal = await failureOf(threads, 'refusal');
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code: 'KeyChanged', message: 'another key' });
  const invalid = await failureOf(threads, 'invalid');
  expect(invalid).toBeInstanceOf(ZodError);
  expect((invalid as ZodError).issues.map(({ path }) => path[0])).toContain('pipeline');
  const unforeseen = await failureOf(threads, 'unforeseen');
  expect(unforeseen).toMatchObject({
    name: 'PageError',
    message: 'undefined is not a page',
    cause: { message: 'a text' },
  });
  expect(threads.size).toBe(1);
});

test('a cancelled activity cancels its segment, and no other one in the same thread', async () => {
  const threads = threadsOf(1);
  const [first, second] = [segment(threads, 'patient'), segment(threads, 'patient')];
  first.cancel();
  await expect(first.result).rejects.toMatchObject({ name: 'AbortError' });
  expect(await isRunning(second.result)).toBe(true);
  second.cancel();
  await expect(second.result).rejects.toMatchObject({ name: 'AbortError' });
});

test('threads start when there are segments for them, and then take the fewest', async () => {
  const threads = threadsOf(2);
  expect(threads.size).toBe(0);
  const segments = [segment(threads, 'patient')];
  expect(threads.size).toBe(1);
  segments.push(segment(threads, 'patient'), segment(threads, 'patient'));
  expect(threads.size).toBe(2);
  for (const { cancel } of segments) cancel();
  await Promise.allSettled(segments.map(({ result }) => result));
  segments.push(segment(threads, 'patient'));
  expect(threads.size).toBe(2);
  segments[3]!.cancel();
});

test('a segment that may have ended its last thread shares a thread with no other', async () => {
  const threads = threadsOf(1);
  const quiet = () => {};
  const segments = [segment(threads, 'patient'), segment(threads, 'patient')];
  expect(threads.size).toBe(1);
  const suspect = segment(threads, 'ending', quiet, true);
  expect(threads.size).toBe(2);
  segments.push(segment(threads, 'patient'));
  await expect(suspect.result).rejects.toMatchObject({ code: 'ThreadLost' });
  for (const { result } of segments) expect(await isRunning(result)).toBe(true);
  for (const { cancel } of segments) cancel();
  await Promise.allSettled(segments.map(({ result }) => result));
});

test('a thread reports how its segment gets on', async () => {
  const reported = Promise.withResolvers<StepProgress>();
  const { cancel } = segment(threadsOf(1), 'patient', reported.resolve);
  expect(await reported.promise).toMatchObject({ checkpoint: 0, items: 0, readUnits: 0 });
  cancel();
});

describe('a thread that is lost fails its own segment only, and is replaced:', () => {
  test.each([
    [
      'hungry',
      PATIENT_SECONDS,
      /^The thread that extracted the segment ran out of memory: it needed more than 64 MB of heap\./,
    ],
    ['endless', 5, /^The thread that extracted the segment was frozen: it gave no sign of life for 5 s\./],
    ['ending', PATIENT_SECONDS, /^The thread that extracted the segment ended with exit code 3\./],
  ])('%s', async (bucket, silentSeconds, message) => {
    const threads = threadsOf(2, silentSeconds);
    const other = segment(threads, 'patient');
    const lost = await failureOf(threads, bucket);
    expect(lost).toBeInstanceOf(Transient);
    expect(lost).toMatchObject({ code: 'ThreadLost', message: expect.stringMatching(message) });
    expect(threads.size).toBe(1);
    expect(await isRunning(other.result)).toBe(true);
    expect(await failureOf(threads, 'transient')).toMatchObject({ code: 'NetworkFailed' });
    expect(threads.size).toBe(2);
    other.cancel();
    await expect(other.result).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('an error that nothing catches is the failure', async () => {
    const threads = threadsOf(1);
    expect(await failureOf(threads, 'uncaught')).toMatchObject({
      name: 'RangeError',
      message: 'caught by no one',
    });
    expect(threads.size).toBe(0);
  });
});

test('a thread loads nothing of Temporal, whose memory it would need once per core', async () => {
  const loaded = async (module: string) => {
    const script = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(new URL(`../../../../src/workers/${module}`, import.meta.url).href)})
        .then(() => parentPort.postMessage(Object.keys(require.cache)));`;
    const thread = new Worker(script, { eval: true, env: {} });
    const [files] = (await once(thread, 'message')) as [string[]];
    await thread.terminate();
    return new Set(files.flatMap((file) => /node_modules\/(@temporalio|@aws-sdk)\//.exec(file)?.[1] ?? []));
  };
  expect(await loaded('threads/extraction-thread.ts')).toEqual(new Set(['@aws-sdk']));
  expect(await loaded('run-worker.ts')).toEqual(new Set(['@aws-sdk', '@temporalio']));
});
