import { CancelStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { beforeEach, expect, test } from '@jest/globals';
import { DataApiShare } from '../../../../src/clients/redshift/data-api-share.ts';
import { pace } from '../../../../src/clients/redshift/paced-client.ts';
import { HandClock, settled } from '../hand-clock.ts';

let clock: HandClock;
let sentAtMs: number[];
let client: RedshiftDataClient;

/** Three attempts, one right after the other as far as the SDK is concerned. */
const atOnce = (count: number) => ({
  getRetryCount: () => count,
  getRetryDelay: () => 0,
  getRetryCost: () => 0,
});

beforeEach(() => {
  clock = new HandClock();
  sentAtMs = [];
  client = new RedshiftDataClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    retryStrategy: {
      acquireInitialRetryToken: async () => atOnce(0),
      async refreshRetryTokenForRetry(token) {
        if (token.getRetryCount() >= 2) throw new Error('enough');
        return atOnce(token.getRetryCount() + 1);
      },
      recordSuccess() {},
    },
    requestHandler: {
      handle: async () => {
        sentAtMs.push(clock.nowMs());
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      },
    },
  });
  // 2 a second: a share of four fifths of 2.5.
  pace(client, new DataApiShare({ callsPerSecond: { CancelStatement: 2.5 }, activeStatements: 1 }, clock));
});

/** However many turns of the event loop the SDK takes from one attempt to the next. */
async function until(condition: () => boolean) {
  while (!condition()) await settled();
}

/** The SDK is on its next attempt, which waits for its turn; then that has come. */
async function nextTurn() {
  await until(() => clock.timers === 1);
  await clock.advance(500);
}

/** How the call failed, once it has. */
const failure = (abortSignal?: AbortSignal) =>
  client.send(new CancelStatementCommand({ Id: 'a' }), abortSignal === undefined ? {} : { abortSignal }).then(
    () => 'it was answered',
    (error: Error) => error.message,
  );

test('each attempt of a call waits for its own turn', async () => {
  const failed = failure();
  await nextTurn();
  await nextTurn();
  expect(await failed).toBe('Rate exceeded');
  expect(sentAtMs).toEqual([0, 500, 1000]);
});

test('a call that is aborted while it waits is not sent again', async () => {
  const abort = new AbortController();
  const failed = failure(abort.signal);
  await until(() => clock.timers === 1);
  abort.abort(new Error('no longer wanted'));
  expect(await failed).toBe('no longer wanted');
  await clock.advance(5000);
  expect(sentAtMs).toEqual([0]);
});
