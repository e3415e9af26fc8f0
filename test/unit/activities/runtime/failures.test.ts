import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { withErrorClass } from '../../../../src/activities/runtime/failures.ts';
import { UnforeseenErrors } from '../../../../src/activities/runtime/unforeseen-errors.ts';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';

/** Whether Temporal retries an activity whose n-th attempt failed like this. */
async function isTriedAgain(
  error: Error,
  attempt: number,
  waits?: 'patient' | 'brief',
  activityId: string = 'any',
  worker = { unforeseen: new UnforeseenErrors() },
): Promise<boolean> {
  const activity = withErrorClass(
    worker,
    async () => {
      throw error;
    },
    waits,
  );
  const running = new MockActivityEnvironment(
    { attempt, activityId },
    { logger: new DefaultLogger('ERROR') },
  ).run(activity, undefined);
  const failure = await running.then(
    () => undefined,
    (failed: { nonRetryable: boolean }) => failed,
  );
  return failure?.nonRetryable === false;
}

test('a transient error is retried without limit, a terminal one never', async () => {
  expect(await isTriedAgain(new Transient('NetworkFailed', 'no line'), 1000)).toBe(true);
  expect(await isTriedAgain(new Terminal('AccessDenied', 'no'), 1)).toBe(false);
});

test.each(['CredentialsMissing', 'CredentialsExpired'] as const)(
  '%s may arrive late for work in progress, but soon needs an operator if someone waits',
  async (code) => {
    const late = new Transient(code, 'none');
    expect(await isTriedAgain(late, 1)).toBe(true);
    expect(await isTriedAgain(late, 19)).toBe(true);
    expect(await isTriedAgain(late, 20)).toBe(false);
    expect(await isTriedAgain(late, 1, 'brief')).toBe(true);
    expect(await isTriedAgain(late, 3, 'brief')).toBe(false);
  },
);

test('a failed statement that may pass is retried for about a quarter of an hour, even if an operator waits', async () => {
  for (const code of ['StatementFailed', 'WarehouseFull', 'WarehousePaused'] as const) {
    const full = new Transient(code, 'no room');
    expect(await isTriedAgain(full, 19, 'brief')).toBe(true);
    expect(await isTriedAgain(full, 20)).toBe(false);
  }
});

test('a fetch that is not answered soon fails its partition, whose run fetches it again', async () => {
  const away = new Transient('FetchUnavailable', '503');
  expect(await isTriedAgain(away, 4)).toBe(true);
  expect(await isTriedAgain(away, 5)).toBe(false);
});

describe('an unforeseen error', () => {
  const surprise = new TypeError('no such property');

  test('is tried five times, regardless of earlier waits', async () => {
    const activityId = 'waited';
    const worker = { unforeseen: new UnforeseenErrors() };
    const throttled = new Transient('Throttled', 'slower');
    expect(await isTriedAgain(throttled, 8, 'patient', activityId, worker)).toBe(true);
    const tried = [];
    for (let attempt = 9; attempt < 14; attempt++)
      tried.push(await isTriedAgain(surprise, attempt, 'patient', activityId, worker));
    expect(tried).toEqual([true, true, true, true, false]);
  });

  test('counts only for its activity, and no longer once that has succeeded', async () => {
    const worker = { unforeseen: new UnforeseenErrors() };
    for (let i = 0; i < 4; i++) await isTriedAgain(surprise, 9, 'patient', 'one', worker);
    expect(await isTriedAgain(surprise, 9, 'patient', 'other', worker)).toBe(true);
    await new MockActivityEnvironment({ activityId: 'one' }).run(
      withErrorClass(worker, async () => {}),
      undefined,
    );
    expect(await isTriedAgain(surprise, 9, 'patient', 'one', worker)).toBe(true);
  });

  test('counts only for its worker', async () => {
    const worker = { unforeseen: new UnforeseenErrors() };
    const other = { unforeseen: new UnforeseenErrors() };
    for (let i = 0; i < 4; i++) await isTriedAgain(surprise, 9, 'patient', 'one', worker);
    expect(await isTriedAgain(surprise, 9, 'patient', 'one', other)).toBe(true);
    expect(await isTriedAgain(surprise, 9, 'patient', 'one', worker)).toBe(false);
  });
});

describe('an unforeseen error of a pipeline with redactValues', () => {
  async function failureOf(redactValues: boolean, input: unknown): Promise<unknown> {
    const activity = withErrorClass(
      {
        unforeseen: new UnforeseenErrors(),
        pipelineOf: async () => ({ redactValues, staging: { bucket: 'b', prefix: 'p' } }) as never,
        store: () => ({ bucket: 'b', get: async () => undefined }) as never,
      },
      async () => {
        throw new SyntaxError('Unexpected token in "canary"', { cause: new Error('canary') });
      },
    );
    const running = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
      activity,
      input,
    );
    return running.catch((error: unknown) => error);
  }
  const texts = (error: unknown): string => {
    const { message, stack, cause } = error as Error;
    return [message, stack, cause === undefined ? '' : texts(cause)].join('\n');
  };

  test.each([
    [{ pipeline: 'p', run: 'r', segment: 0 }],
    [{ ref: { pipeline: 'p', run: 'r', bucket: 'b', prefix: 'p' } }],
    [{ ref: { pipeline: 'p', inference: 'i', bucket: 'b', prefix: 'p' } }],
    [{ request: { pipeline: 'p' } }],
  ])('has its type and stack, but no message: %j', async (input) => {
    const failure = await failureOf(true, input);
    expect(failure).toMatchObject({ type: 'SyntaxError', nonRetryable: false });
    expect(texts(failure)).not.toContain('canary');
    expect(texts(failure)).toContain('failures.test.ts');
    expect(texts(await failureOf(false, input))).toContain('canary');
  });
});
