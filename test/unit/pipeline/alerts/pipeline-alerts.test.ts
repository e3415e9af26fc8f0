import { describe, expect, test } from '@jest/globals';
import type { AlertEvent } from '../../../../src/pipeline/alerts/alert-event.ts';
import {
  isMuted,
  PipelineAlerts,
  withIncident,
  withMute,
  withRecovery,
} from '../../../../src/pipeline/alerts/pipeline-alerts.ts';
import { recoveryEvent } from '../../../../src/pipeline/alerts/recovery-event.ts';

const event = (id: string, kind: AlertEvent['kind'], workflowId = 'w'): AlertEvent => ({
  ...{ version: 1, id, kind, at: '2026-11-29T06:00:00.000Z', pipeline: 'orders', what: `${id} happened.` },
  ...(kind === 'waiting' ? { waits: true } : {}),
  ...(kind === 'failed' ? { endedRun: true } : {}),
  workflow: { namespace: 'default', workflowId },
});
const stateAfter = (...events: AlertEvent[]) =>
  events.reduce<PipelineAlerts | undefined>(withIncident, undefined) as PipelineAlerts;

describe('what is open for a pipeline', () => {
  test('are events that an operator or a run must resolve', () => {
    const state = stateAfter(
      event('a', 'waiting'),
      event('b', 'drifted'),
      event('c', 'setAside'),
      event('d', 'late'),
      { ...event('e', 'drifted'), endedRun: true },
      event('f', 'failed'),
    );
    expect(state.open.map(({ id }) => id)).toEqual(['a', 'd', 'e', 'f']);
    expect(PipelineAlerts.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test('the same event again changes nothing, even after it was resolved', () => {
    const state = stateAfter(event('a', 'failed'));
    expect(withIncident(state, event('a', 'failed'))).toBe(state);
    const resolved = withRecovery(state, event('done', 'recovered'), 'resolves all');
    expect(withIncident(resolved, event('a', 'failed'))).toBe(resolved);
  });

  test('stays small', () => {
    const many = stateAfter(...Array.from({ length: 200 }, (_, i) => event(`e${i}`, 'failed')));
    expect(many.open).toHaveLength(50);
    expect(many.open.at(-1)?.id).toBe('e199');
  });
});

describe('a completed run', () => {
  test('of datasets resolves what earlier runs of its kind reported, and that it was late', () => {
    const before = stateAfter(
      ...[event('a', 'failed', 'graph/all/1'), event('b', 'waiting', 'dataset/orders/1')],
      event('c', 'late', 'watch-nightly'),
    );
    const after = withRecovery(
      ...([before, event('done', 'recovered', 'graph/orders/2'), 'resolves runs like it'] as const),
    );
    expect(after.open.map(({ id }) => id)).toEqual(['b']);
  });

  const state = stateAfter(event('a', 'failed', 'old'), event('b', 'waiting', 'mine'));

  test('resolves everything if it replaced live, and its recovery has the same id at each attempt', () => {
    const done = event('done', 'recovered', 'mine');
    const resolved = withRecovery(state, done, 'resolves all');
    expect(resolved.open).toEqual([]);
    const again = withRecovery(resolved, done, 'resolves all');
    expect(again).toBe(resolved);
    const recovery = recoveryEvent(done, resolved);
    expect(recovery).toMatchObject({ kind: 'recovered', resolves: ['a', 'b'] });
    expect(recoveryEvent(done, again)).toEqual(recovery);
    expect(recovery?.id).not.toBe(done.id);
    expect(recovery?.what).toMatch(/failed, waiting\.$/);
  });

  test('resolves only its own wait if it stopped before live', () => {
    const resolved = withRecovery(state, event('done', 'recovered', 'mine'), 'resolves its own');
    expect(resolved.open.map(({ id }) => id)).toEqual(['a']);
  });

  test('is no recovery if nothing was wrong', () => {
    const done = event('later', 'recovered', 'mine');
    const resolved = withRecovery(stateAfter(event('a', 'drifted')), done, 'resolves all');
    expect(recoveryEvent(done, resolved)).toBeUndefined();
  });

  test('is still a recovery if another run resolved something since', () => {
    const first = event('first', 'recovered', 'mine');
    const resolved = withRecovery(state, first, 'resolves all');
    const next = withRecovery(
      withIncident(resolved, event('c', 'failed')),
      event('second', 'recovered'),
      'resolves all',
    );
    expect(recoveryEvent(first, next)?.resolves).toEqual(['a', 'b']);
  });
});

test('a pipeline is muted until a time, or until it is unmuted', () => {
  const now = Date.parse('2026-11-29T06:00:00Z');
  expect(isMuted(withMute(undefined, '2026-11-29T06:00:01Z'), now)).toBe(true);
  expect(isMuted(withMute(undefined, '2026-11-29T06:00:00Z'), now)).toBe(false);
  expect(isMuted(withMute(undefined, null), now)).toBe(true);
  expect(isMuted(withMute(withMute(undefined, null), undefined), now)).toBe(false);
});
