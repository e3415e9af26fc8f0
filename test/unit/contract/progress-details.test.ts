import { describe, expect, test } from '@jest/globals';
import { progressDetails, progressLine } from '../../../src/contract/progress-details.ts';
import { PHASES } from '../../../src/contract/refresh.ts';
import { FanOut } from '../../../src/workflows/fan-out/fan-out.ts';
import { RunProgress } from '../../../src/workflows/refresh/run-progress.ts';

const LONG =
  "line 1 of s3://b/reviews/part.csv.zst, column stars (boolean), value '3', item pk='a': unknown boolean format. " +
  'Redshift: Load into table reviews failed. '.repeat(20).trim();

/** A run in `phase` with these children, of which the first `failures.length` have failed. */
function run(
  phase: 'extract' | 'load',
  children: number,
  failures: readonly { error: string; code?: string }[],
) {
  const progress = new RunProgress('nobel', PHASES);
  progress.named('a');
  progress.begin(phase, 0);
  const names = Array.from({ length: children }, (_, i) => (phase === 'load' ? `t${i}` : String(i)));
  const fan = new FanOut(names, 1000, (child) => `refresh/${child}`);
  progress[phase] = fan;
  fan.takeStartable();
  for (const [i, name] of names.entries()) {
    const failure = failures[i];
    if (failure === undefined) fan.settled(name, { items: 123_456, bytes: 1_000_000 });
    else fan.failed(name, failure.error, failure.code);
  }
  return progress;
}

const lines = (progress: RunProgress) => progressDetails(progress.snapshot()).split('\n');
/** Text as Markdown shows it. */
const shown = (markdown: string) => markdown.replace(/\\(.)/g, '$1');

describe("the Web UI's current details", () => {
  test('do not call a failure after the swap one in replace', () => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin('replace', 0);
    const end = { state: 'failed', cause: 'because', failureType: 'CleanUpFailed' } as const;
    expect(progressDetails(progress.snapshot(), { end })).toMatch(/^\*\*Failed after replace\*\*: because\n/);
  });

  test('show the phase that failed or waits in the state of its run', () => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin('verify', 0);
    const end = { state: 'failed', cause: 'because', failureType: 'CountsDiffer' } as const;
    expect(progressDetails(progress.snapshot())).toContain('| verify | running |');
    expect(progressDetails(progress.snapshot(), { end })).toContain('| verify | failed |');
    expect(lines(run('load', 2, [{ error: LONG }]))).toContain('| load | waiting for you |  |');
  });

  test('begin with the state, the whole cause and the command', () => {
    const [state, , action] = lines(run('load', 6, [{ error: LONG, code: 'LoadFailed' }]));
    expect(shown(state ?? '')).toBe(`**Waiting for you in load**: table t0: ${LONG}`);
    expect(action).toBe('Fix the cause, then run: `tributary retry a --table t0`');
  });

  test('name a reason once, however many segments failed for it', () => {
    const failure = { error: 'S3 denies PutObject.', code: 'AccessDenied' };
    expect(lines(run('extract', 9, Array(7).fill(failure)))[0]).toBe(
      '**Waiting for you in extract**: segments 0, 1, 2, 3 and 3 more: S3 denies PutObject.',
    );
  });

  test('with many reasons begin with their number and the command, and cut reasons only where a sentence ends', () => {
    const failures = Array.from({ length: 50 }, (_, i) => ({ error: `${i}: ${LONG}` }));
    const progress = run('extract', 1000, failures);
    const text = progressDetails(progress.snapshot());
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
    expect(text.split('\n').slice(0, 3)).toEqual([
      '**Waiting for you in extract**, 50 of 1,000 segments failed',
      '',
      'Fix the cause, then run: `tributary retry a`',
    ]);
    expect(shown(text)).toMatch(/^- segment 9: 9: line 1 of [^\n]*unknown boolean format\. .*failed\. …$/m);
    expect(text).toContain('- and 40 more');
  });

  test('never exceed 20,000 bytes', () => {
    const failures = Array.from({ length: 50 }, (_, i) => ({ error: `${i}${'€'.repeat(3000)}` }));
    expect(Buffer.byteLength(progressDetails(run('extract', 50, failures).snapshot()))).toBeLessThan(20_000);
  });

  test('show values of the user as they are', () => {
    const value = "value '<b>*x*</b> `y` __z__ | [a](b)'";
    const [state = ''] = lines(run('load', 1, [{ error: value }]));
    expect(shown(state)).toContain(value);
    expect(state.replace(/\\./g, '')).not.toMatch(/[<>`_|[\]]/);
  });

  test('say that other segments are still at work', () => {
    const progress = new RunProgress('nobel', PHASES);
    progress.named('a');
    progress.begin('extract', 0);
    const fan = new FanOut(['0', '1'], 2, (child) => child);
    progress.extract = fan;
    fan.takeStartable();
    fan.failed('1', 'boom');
    expect(lines(progress).slice(0, 3)).toEqual([
      '**Running in extract**, 1 of 2 segments failed: segment 1: boom',
      '',
      'Fix the cause, then run: `tributary retry a --segment 1`',
    ]);
  });

  test('say how a run ended, and link its report', () => {
    const progress = run('load', 2, []);
    progress.finish('replaced');
    const text = progressDetails(progress.snapshot(), { report: 's3://b/p/report.html' });
    expect(text.split('\n')[0]).toBe('**Replaced**');
    expect(text).toContain('`s3://b/p/report.html`');
    expect(text).toContain('246,912 rows, 2.0 MB');
    const end = { state: 'failed', cause: 'no table t', failureType: 'TableNotFound' } as const;
    expect(
      progressDetails(run('load', 2, []).snapshot(), { end })
        .split('\n')
        .slice(0, 3),
    ).toEqual([
      '**Failed in load**: no table t',
      '',
      "Check the table's name, AWS_REGION and the account, then run: `tributary run nobel --run a --from load`",
    ]);
  });
});

test('the memo of a run that is done says how far it went', () => {
  const progress = run('load', 2, []);
  progress.finish('load');
  expect(progressLine(progress.snapshot())).toBe('done up to load');
});
