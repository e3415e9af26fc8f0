import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { AlertEvent } from '../../../../src/pipeline/alerts/alert-event.ts';
import { alertMail } from '../../../../src/pipeline/alerts/alert-mail.ts';
import { slackMessage } from '../../../../src/pipeline/alerts/slack-message.ts';
import { snsNotification } from '../../../../src/pipeline/alerts/sns-notification.ts';
import { webhookRequest } from '../../../../src/pipeline/alerts/webhook-request.ts';

const event: AlertEvent = {
  ...{ version: 1, id: '0c5f', kind: 'failed', at: '2026-11-29T06:00:12.345Z', pipeline: 'orders' },
  what: 'It failed.',
};
const text = { title: 'orders <failed> & more ✗', text: 'a < b & c > d' };

describe('a webhook request', () => {
  test('carries the event and its id, in the form of Standard Webhooks', () => {
    const { headers, body } = webhookRequest(event, text, { sentAt: 1_764_396_012.9 });
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': '0c5f',
      'webhook-timestamp': '1764396012',
    });
    expect(JSON.parse(body)).toEqual({
      type: 'tributary.failed',
      timestamp: event.at,
      data: { ...event, ...text },
    });
  });

  test('is signed with the secret, if there is one', () => {
    const key = Buffer.from('a key of some bytes');
    const { headers, body } = webhookRequest(event, text, {
      sentAt: 7,
      secret: `whsec_${key.toString('base64')}`,
      authorization: 'Bearer x',
    });
    const expected = createHmac('sha256', key).update(`0c5f.7.${body}`).digest('base64');
    expect(headers).toMatchObject({ 'webhook-signature': `v1,${expected}`, authorization: 'Bearer x' });
  });
});

describe('a Slack message', () => {
  test('escapes what Slack would interpret, and carries the id', () => {
    const { text: shown, blocks } = JSON.parse(slackMessage(event, text)) as {
      text: string;
      blocks: { type: string; block_id?: string; text?: { text: string } }[];
    };
    expect(shown).toBe('orders &lt;failed&gt; &amp; more ✗');
    expect(blocks.map((block) => block.text?.text)).toEqual([
      '*orders &lt;failed&gt; &amp; more ✗*',
      'a &lt; b &amp; c &gt; d',
      undefined,
    ]);
    expect(blocks.at(-1)?.block_id).toBe('0c5f');
  });

  test('stays within the limit of a block', () => {
    const long = { title: 't', text: '&'.repeat(3_000) };
    const { blocks } = JSON.parse(slackMessage(event, long)) as { blocks: { text?: { text: string } }[] };
    expect(blocks[1]?.text?.text.length).toBeLessThanOrEqual(3_000);
    // No half of an escape at the end.
    expect(blocks[1]?.text?.text).toMatch(/&amp;…$/);
  });
});

test('an SNS notification has an ASCII subject, and the id as attribute and deduplication id', () => {
  const { subject, attributes, message, ...others } = snsNotification(
    event,
    { ...text, title: `${text.title}${'x'.repeat(200)}` },
    'arn:aws:sns:eu-west-1:123456789012:alerts',
  );
  expect(subject).toMatch(/^[\x20-\x7e]{100}$/);
  expect(attributes).toEqual({ id: '0c5f', kind: 'failed', pipeline: 'orders' });
  expect(message).toContain('a < b & c > d');
  expect(others).toEqual({});
  expect(snsNotification(event, text, 'arn:aws:sns:eu-west-1:123456789012:alerts.fifo')).toMatchObject({
    fifo: { group: 'orders', deduplicationId: '0c5f' },
  });
});

test('an email has the same Message-ID at each attempt', () => {
  const mail = alertMail(event, text, { from: 'tributary@example.com', to: ['oncall@example.com'] });
  expect(mail).toMatchObject({
    subject: text.title,
    messageId: '0c5f@example.com',
    headers: { 'Tributary-Alert-Id': '0c5f', 'Auto-Submitted': 'auto-generated' },
  });
});
