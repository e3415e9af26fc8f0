import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { withErrorClass } from '../../../../src/activities/runtime/failures.ts';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';

/** Whether Temporal tries again what failed so in its n-th attempt. */
async function isTriedAgain(
  error: Error,
  attempt: number,
  waits?: 'patient' | 'brief',
  activityId: string = 'any',
): Promise<boolean> {
  const activity = withErrorClass(async () => {
    throw error;
  }, waits);
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

test('what passes is tried again without end, what does not never', async () => {
  expect(await isTriedAgain(new Transient('NetworkFailed', 'no line'), 1000)).toBe(true);
  expect(await isTriedAgain(new Terminal('AccessDenied', 'no'), 1)).toBe(false);
});

test.each(['CredentialsMissing', 'CredentialsExpired'])(
  '%s may be late for work under way, and soon is a person’s matter where somebody waits',
  async (code) => {
    const late = new Transient(code, 'none');
    expect(await isTriedAgain(late, 1)).toBe(true);
    expect(await isTriedAgain(late, 19)).toBe(true);
    expect(await isTriedAgain(late, 20)).toBe(false);
    expect(await isTriedAgain(late, 1, 'brief')).toBe(true);
    expect(await isTriedAgain(late, 3, 'brief')).toBe(false);
  },
);

describe('an error nobody foresaw', () => {
  const surprise = new TypeError('no such property');

  test('is tried five times, whatever was waited for before', async () => {
    const activityId = 'waited';
    expect(await isTriedAgain(new Transient('Throttled', 'slower'), 8, 'patient', activityId)).toBe(true);
    const tried = [];
    for (let attempt = 9; attempt < 14; attempt++)
      tried.push(await isTriedAgain(surprise, attempt, 'patient', activityId));
    expect(tried).toEqual([true, true, true, true, false]);
  });

  test('counts for its own activity alone, and no more once that went well', async () => {
    for (let i = 0; i < 4; i++) await isTriedAgain(surprise, 9, 'patient', 'one');
    expect(await isTriedAgain(surprise, 9, 'patient', 'other')).toBe(true);
    await new MockActivityEnvironment({ activityId: 'one' }).run(
      withErrorClass(async () => {}),
      undefined,
    );
    expect(await isTriedAgain(surprise, 9, 'patient', 'one')).toBe(true);
  });
});
