import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { destinationsOf, wants } from '../../../src/pipeline/alerts/alerts-definition.ts';

const pipelines = {
  orders: {
    source: { table: 'orders' },
    staging: { bucket: 'tributary' },
    warehouse: { workgroup: 'local', database: 'dev', schema: 'orders', iamRole: 'default' },
  },
};
const parsed = (alerts: unknown) => parseConfig(stringify({ pipelines, alerts }), 'f');

function problems(alerts: unknown): string[] {
  try {
    parsed(alerts);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:\d+:\d+ /, ''));
  }
  return [];
}

const email = { host: 'smtp.example.com', from: 'tributary@example.com', to: ['oncall@example.com'] };

test('the block names each destination by its channel, with defaults', () => {
  const { alerts } = parsed({
    webhooks: { ops: { urlFrom: 'OPS_URL', events: ['failed'] } },
    slack: { team: { urlFrom: 'SLACK_URL' } },
    sns: { topic: { topicArn: 'arn:aws:sns:eu-central-1:123456789012:alerts.fifo' } },
    email: { oncall: email },
  });
  expect(destinationsOf(alerts)).toMatchObject([
    { channel: 'webhook', name: 'webhooks.ops' },
    { channel: 'slack', name: 'slack.team' },
    { channel: 'sns', name: 'sns.topic' },
    { channel: 'email', name: 'email.oncall', port: 587, tls: 'starttls' },
  ]);
  expect(destinationsOf(parsed(undefined).alerts)).toEqual([]);
});

test('a destination of "failed" also gets other events that ended their run', () => {
  const failed = { events: ['failed' as const] };
  expect(wants(failed, { kind: 'drifted' })).toBe(false);
  expect(wants(failed, { kind: 'drifted', endedRun: true })).toBe(true);
  expect(wants(failed, { kind: 'waiting', waits: true })).toBe(false);
  expect(wants({ events: ['waiting'] }, { kind: 'checkFailed', waits: true })).toBe(true);
  expect(wants({ events: ['waiting'] }, { kind: 'checkFailed' })).toBe(false);
  expect(wants(failed, { kind: 'test' })).toBe(true);
  expect(wants({ events: undefined }, { kind: 'late' })).toBe(true);
  expect(wants({ events: undefined }, { kind: 'succeeded' })).toBe(false);
  expect(wants({ events: ['started'] }, { kind: 'started' })).toBe(true);
});

describe('what is refused', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'a URL in place of a variable',
      { slack: { team: { urlFrom: 'https://hooks.slack.com/services/T/B/x' } } },
      /^alerts\.slack\.team\.urlFrom: expected the name of an environment variable/,
    ],
    [
      'a URL',
      { slack: { team: { urlFrom: 'U', url: 'https://hooks.slack.com/x' } } },
      /Unrecognized key: "url" \(did you mean "urlFrom"\?\)/,
    ],
    [
      'a password',
      { email: { oncall: { ...email, password: 'hunter2' } } },
      /^alerts\.email\.oncall\.password: this looks like a credential/,
    ],
    [
      'a user without a password',
      { email: { oncall: { ...email, user: 'u' } } },
      /^alerts\.email\.oncall\.user: expected user and passwordFrom together/,
    ],
    [
      'an unknown event',
      { webhooks: { ops: { urlFrom: 'U', events: ['faild'] } } },
      /^alerts\.webhooks\.ops\.events\[0\]: expected "waiting" or "failed" or/,
    ],
    ['no event', { webhooks: { ops: { urlFrom: 'U', events: [] } } }, /^alerts\.webhooks\.ops\.events/],
    [
      'an unknown placeholder',
      { templates: { failed: { title: '{pipline} failed' } } },
      /^alerts\.templates\.failed\.title: expected only the placeholders .*there is no \{pipline\}/,
    ],
    [
      'an unknown kind',
      { templates: { borken: { title: 'x' } } },
      /^alerts\.templates: Unrecognized key: "borken"/,
    ],
    [
      'a topic without region',
      { sns: { topic: { topicArn: 'arn:aws:sns:alerts' } } },
      /^alerts\.sns\.topic\.topicArn: expected the ARN of an SNS topic/,
    ],
    [
      'a muted pipeline that does not exist',
      { muted: ['order'] },
      /^alerts\.muted\[0\]: expected a pipeline, loader or dataset of this file, got "order" \(did you mean "orders"\?\)/,
    ],
  ])('%s', (_what, alerts, expected) => {
    expect(problems(alerts).join('\n')).toMatch(expected);
    expect(problems(alerts)).toHaveLength(1);
  });
});
