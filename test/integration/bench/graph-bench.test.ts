import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { benchGraph, graphText } from '../../../bench/graph/bench-graph.ts';
import { testStack } from '../setup/stack.ts';

/** The benchmark of graphs with few partitions. Times are not judged: the machine is busy. */
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-graph-'));
beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});
afterAll(() => rmSync(directory, { recursive: true }));

test('planning reads the pointers that changed, and no others', async () => {
  const [first, again, cold, one] = await benchGraph({
    ...{ addresses: testStack(), directory, days: 110, sources: 1, builtDays: 3 },
  });
  expect(first).toMatchObject({ built: 113, complete: 113, executions: 1 });
  expect(first!.longestHistory).toBeLessThan(4096);
  // By the worker that has read them, and by one that reads the index: 110 pointers are in it, three are read.
  expect(again).toMatchObject({ built: 0, requests: { pointers: 0 } });
  expect(cold).toMatchObject({ built: 0, requests: { pointers: 3 } });
  expect(one).toMatchObject({ built: 1, complete: 113 });
  expect(one!.requests.pointers).toBeLessThan(30);
  expect(graphText([first!, again!])).toContain('113 complete');
});
