import { expect, test } from '@jest/globals';
import type { ReceiveFilesResult } from '../../../src/contract/loader/watch.ts';
import { WatchState } from '../../../src/workflows/loader/watch-state.ts';

const QUEUE = { queue: 'https://sqs/q' };
const received = (more: Partial<ReceiveFilesResult> = {}): ReceiveFilesResult => ({
  ...{ messages: 2, files: 2, unmatched: 1, poison: 0, loaders: ['quakes'], problems: [] },
  ...more,
});
const STARTED = '2026-11-30T05:00:00.000Z';
const MINUTE = 60_000;

test('totals are those of all executions', () => {
  const first = new WatchState(QUEUE, ['quakes'], STARTED);
  first.received(received(), 0);
  const next = new WatchState(QUEUE, [], STARTED, first.totals);
  next.received(received({ poison: 1 }), 0);
  const listing = { loader: 'quakes', at: '', from: '', files: 9, found: 3, tooOld: 0 };
  next.listed({ loaders: ['quakes'], listings: [listing], problems: [], nextSeconds: 60 }, 0);
  expect(next.progress().totals).toEqual({ messages: 4, files: 4, unmatched: 2, poison: 1, listed: 3 });
});

test('a problem makes it wait until the next success of the same part', () => {
  const state = new WatchState(QUEUE, ['quakes'], STARTED);
  state.failed('receive', { of: '(queue)', code: 'AccessDenied', error: 'denied', at: '' });
  state.listed({ loaders: ['quakes'], listings: [], problems: [], nextSeconds: 60 }, 0);
  expect(state.progress()).toMatchObject({ state: 'waiting', problems: [{ code: 'AccessDenied' }] });
  state.received(received(), 0);
  expect(state.progress()).toMatchObject({ state: 'running', problems: [] });
});

test('it ends once no loader has used the queue for ten minutes, and not while a configuration is deployed', () => {
  const state = new WatchState(QUEUE, ['quakes'], STARTED);
  state.received(received({ loaders: [] }), 0);
  expect(state.progress()).toMatchObject({
    ...{ state: 'waiting', loaders: [], since: STARTED, unusedSince: '1970-01-01T00:00:00.000Z' },
  });
  state.received(received(), 5 * MINUTE);
  expect(state.progress().unusedSince).toBeUndefined();
  state.received(received({ loaders: [] }), 6 * MINUTE);
  state.received(received({ loaders: [] }), 15 * MINUTE);
  expect(state.ended).toBeUndefined();
  state.received(received({ loaders: [] }), 16 * MINUTE);
  expect(state.progress()).toMatchObject({
    state: 'completed',
    ended: expect.stringMatching(/https:\/\/sqs\/q/),
  });
});

test('the listing of a loader that was removed is shown no more', () => {
  const state = new WatchState(QUEUE, ['a', 'b'], STARTED);
  const listing = (loader: string) => ({ loader, at: '', from: '', files: 1, found: 1, tooOld: 0 });
  const listings = [listing('a'), listing('b')];
  state.listed({ loaders: ['a', 'b'], listings, problems: [], nextSeconds: 60 }, 0);
  state.listed({ loaders: ['b'], listings: [], problems: [], nextSeconds: 60 }, 0);
  expect(state.progress().listings.map(({ loader }) => loader)).toEqual(['b']);
});
