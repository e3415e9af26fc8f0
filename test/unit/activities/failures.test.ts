import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { classed } from '../../../src/activities/failures.ts';
import { Terminal, Transient } from '../../../src/clients/errors.ts';

/** Whether Temporal tries again what failed so in its n-th attempt. */
async function isTriedAgain(error: Error, attempt: number, waits?: 'patient' | 'prompt'): Promise<boolean> {
  const activity = classed(async () => {
    throw error;
  }, waits);
  const running = new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run(
    activity,
    undefined,
  );
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
    expect(await isTriedAgain(late, 1, 'prompt')).toBe(true);
    expect(await isTriedAgain(late, 3, 'prompt')).toBe(false);
  },
);

test('what nobody foresaw is tried a few times', async () => {
  expect(await isTriedAgain(new TypeError('no such property'), 4)).toBe(true);
  expect(await isTriedAgain(new TypeError('no such property'), 5)).toBe(false);
});
