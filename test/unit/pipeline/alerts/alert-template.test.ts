import { describe, expect, test } from '@jest/globals';
import type { AlertEvent } from '../../../../src/pipeline/alerts/alert-event.ts';
import {
  alertText,
  DEFAULT_TEMPLATES,
  PLACEHOLDERS,
  unknownPlaceholder,
} from '../../../../src/pipeline/alerts/alert-template.ts';

const failed: AlertEvent = {
  version: 1,
  id: '0c5f',
  kind: 'failed',
  at: '2026-11-29T06:00:12.345Z',
  pipeline: 'orders',
  what: 'Run a of orders failed in load.',
  cause: 'Amazon S3 denies s3:GetObject.',
  code: 'AccessDenied',
  next: 'Allow the action, then run: `tributary run orders --run a --from load`',
  commands: ['tributary run orders --run a --from load'],
  run: 'a',
  phase: 'load',
  workflow: { namespace: 'default', workflowId: 'refresh-orders-a/b', runId: '77' },
  report: 's3://bucket/runs/orders/runs/a/report.html',
};

describe('the default text', () => {
  test('says what happened, why, what to do, and where to look', () => {
    expect(alertText(failed, { webUi: 'https://temporal.example.com/' })).toEqual({
      title: 'orders failed in load',
      text: [
        'Run a of orders failed in load.',
        'Amazon S3 denies s3:GetObject.',
        'Allow the action, then run: `tributary run orders --run a --from load`',
        'Web UI: https://temporal.example.com/namespaces/default/workflows/refresh-orders-a%2Fb/77',
        'Report: s3://bucket/runs/orders/runs/a/report.html',
      ].join('\n'),
    });
  });

  test('has no line for what is not known', () => {
    const { report: _, next: __, ...less } = failed;
    expect(alertText(less).text.split('\n')).toEqual([failed.what, failed.cause]);
  });

  test('uses only placeholders that exist', () => {
    for (const { title, text } of Object.values(DEFAULT_TEMPLATES)) {
      expect(unknownPlaceholder(title)).toBeUndefined();
      expect(unknownPlaceholder(text)).toBeUndefined();
    }
  });
});

describe('a template of the configuration', () => {
  test('replaces the title, the text, or both', () => {
    const templates = { failed: { title: '[{kind}] {pipeline} {code}' } };
    expect(alertText(failed, { templates })).toMatchObject({
      title: '[failed] orders AccessDenied',
      text: alertText(failed).text,
    });
    expect(alertText({ ...failed, kind: 'waiting' }, { templates }).title).toBe('orders is waiting for you');
  });

  test('may use every placeholder', () => {
    const text = Object.keys(PLACEHOLDERS)
      .map((name) => `${name}={${name}}`)
      .join('\n');
    expect(
      alertText({ ...failed, schedule: 'nightly' }, { templates: { failed: { text } }, webUi: 'https://ui' })
        .text,
    ).toBe(`pipeline=orders
run=a
schedule=nightly
kind=failed
id=0c5f
at=2026-11-29 06:00:12 UTC
what=Run a of orders failed in load.
cause=Amazon S3 denies s3:GetObject.
code=AccessDenied
phase=load
next=Allow the action, then run: \`tributary run orders --run a --from load\`
commands=tributary run orders --run a --from load
webUi=https://ui/namespaces/default/workflows/refresh-orders-a%2Fb/77
report=s3://bucket/runs/orders/runs/a/report.html`);
  });

  test('a value that looks like a placeholder is not replaced again', () => {
    const event = { ...failed, cause: 'the attribute {run} is odd' };
    expect(alertText(event, { templates: { failed: { text: '{cause}' } } }).text).toBe(event.cause);
  });

  test('braces around anything else stay, and a placeholder that does not exist is refused', () => {
    expect(unknownPlaceholder('{ "a": {1} } {}')).toBeUndefined();
    expect(unknownPlaceholder('{pipline} failed')).toMatch(/\{pipeline\}.*there is no \{pipline\}$/);
  });

  test('a title is one line of at most 200 characters', () => {
    const { title } = alertText(failed, {
      templates: { failed: { title: `{pipeline}\n${'x'.repeat(300)}` } },
    });
    expect(title).toMatch(/^orders x+…$/);
    expect(title).toHaveLength(200);
  });
});
