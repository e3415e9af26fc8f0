import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { type BreakableLine, breakableLine } from './breakable-line.ts';
import { type Ended, type RunningCommand, startCommand } from './command-line.ts';

describe('a command that waits, when Temporal goes away', () => {
  const harness = withHarness();
  let line: BreakableLine;
  const table = uniqueName('items');

  beforeAll(async () => {
    line = await breakableLine(testStack().temporal.address);
    await harness.createTable(table, [{ pk: { S: 'p' }, sk: { S: 's' } }]);
  });
  afterAll(async () => {
    await line?.close();
  });

  const begin = (...words: string[]): RunningCommand =>
    startCommand(words, {
      environment: {
        ...harness.environment,
        TRIBUTARY_CONFIG: 'none.yaml',
        TRIBUTARY_TEMPORAL_ADDRESS: line.address,
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
      },
    });
  /** No stack of an uncaught error, such as that of a call over a closed connection. */
  const expectNoStack = ({ stdout, stderr }: Ended) => expect(stdout + stderr).not.toMatch(/^\s+at /m);

  // Before any worker starts: Temporal still lists one for some time after it ends.
  test('keeps following an inference: without a worker, without Temporal, and with both again', async () => {
    const { pipeline } = harness.define(table);
    const waiting = begin('infer', pipeline, '--wait');
    await waiting.seen(/No worker is polling the task queues? tributary/);
    line.breakOff();
    await waiting.seen(/Temporal does not answer; trying again/);
    line.fix();
    await waiting.seen(/Temporal answers again/);
    const stop = await harness.startWorkers();
    const ended = await waiting.ended;
    await stop();
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('only looked') });
    expectNoStack(ended);
  });

  test.each([
    ['permanently', 1, 'Temporal no longer answers'],
    ['and an operator interrupts', 130, 'Interrupted'],
  ])('a request that is waited for continues: %s', async (how, code, says) => {
    const { pipeline } = harness.define(table);
    const waiting = begin('rollback', pipeline, '--wait');
    const requested = async () => {
      for await (const { workflowId } of harness.client.workflow.list({ query: 'ExecutionStatus="Running"' }))
        if (workflowId.includes(pipeline)) return workflowId;
      return undefined;
    };
    const workflowId = await until(requested, (found) => found !== undefined);
    line.breakOff();
    if (how !== 'permanently') waiting.process.kill('SIGINT');
    const ended = await waiting.ended;
    line.fix();
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(says) });
    expect(ended.stderr).toContain(`The request remains: workflow ${workflowId}`);
    expectNoStack(ended);
    await harness.client.workflow.getHandle(String(workflowId)).terminate();
  });

  test.each([
    ['infer', 'the inference continues'],
    ['run', 'the run continues'],
  ])('Ctrl-C stops watching at once after %s', async (verb, says) => {
    const { pipeline } = harness.define(table);
    const watching = begin(verb, pipeline, '--wait');
    await watching.seen(/Started/);
    line.breakOff();
    await watching.seen(/Temporal does not answer; trying again/);
    watching.process.kill('SIGINT');
    const ended = await watching.ended;
    line.fix();
    expect(ended).toMatchObject({ code: 130, stdout: expect.stringContaining(says) });
    expectNoStack(ended);
  });
});
