import { describe, expect, test } from '@jest/globals';
import { RestartPolicy } from '../../../local/stack/restart-policy.ts';

const s3 = { name: 's3', logFile: '/stack/logs/s3.log' };
const pauses = (policy: RestartPolicy, ends: readonly number[]) =>
  ends.map((ranSeconds) => {
    const decision = policy.decide({ why: 'SIGKILL', ranSeconds });
    return decision.kind === 'restart' ? decision.pauseSeconds : decision.kind;
  });

describe('a part that ends', () => {
  test('is started again after a second, and says why it ended and where its log is', () => {
    expect(new RestartPolicy(s3).decide({ why: 'exit code 1', ranSeconds: 3600 })).toEqual({
      kind: 'restart',
      pauseSeconds: 1,
      line: 's3 ended (exit code 1); restarting it in 1 s. Its log: /stack/logs/s3.log',
    });
  });

  test('again and again is started ever later, and in the end no more', () => {
    expect(pauses(new RestartPolicy(s3), [0, 1, 59, 0, 0, 0, 0, 0, 0])).toEqual([
      ...[1, 2, 4, 8, 16, 30, 30, 30],
      'give up',
    ]);
  });

  test('after it was given up has a message with the last reason and its log', () => {
    const policy = new RestartPolicy(s3);
    pauses(
      policy,
      Array.from({ length: 8 }, () => 0),
    );
    expect(policy.decide({ why: 'another program has taken its port 7070', ranSeconds: 0 }).line).toBe(
      's3 ended 9 times in a row (the last time: another program has taken its port 7070), so it is not started again. The cause is in its log: /stack/logs/s3.log',
    );
  });

  test('after a minute of running is as good as new', () => {
    expect(pauses(new RestartPolicy(s3), [0, 0, 0, 60, 0])).toEqual([1, 2, 4, 1, 2]);
  });
});
