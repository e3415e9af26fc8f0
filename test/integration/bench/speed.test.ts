import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runBench } from '../../../bench/speed/bench.ts';
import { SHAPES } from '../../../bench/speed/shapes.ts';
import { testStack } from '../setup/stack.ts';

/** A few pages of each shape, but one item of the largest. Times are not judged: the machine is busy. */
const BYTES = 300_000;

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-items-'));
afterAll(() => rmSync(directory, { recursive: true }));

onLinux('the benchmark', () => {
  test('both programs copy all items of every shape, into the same number of rows', async () => {
    const lines: string[] = [];
    const measurements = await runBench({
      ...{ shapes: SHAPES, seed: 1, rounds: 1, cores: [1], keepPrograms: true, directory },
      bytes: new Map([
        ['tributary', BYTES],
        ['first-written', BYTES],
      ]),
      addresses: testStack(),
      // The stack also serves other tests.
      serverPids: [],
      log: (line) => lines.push(line),
    });
    const of = (program: string) => measurements.filter((each) => each.program === program);
    expect(of('tributary').map(({ shape }) => shape)).toEqual(SHAPES.map(({ name }) => name));
    const counts = (program: string) =>
      of(program).map(({ shape, items, rows, jsonBytes }) => ({ shape, items, rows, jsonBytes }));
    expect(counts('tributary')).toEqual(counts('first-written'));
    for (const { rounds, jsonBytes, sentBytes, idleMegabytes } of of('tributary')) {
      expect(rounds).toHaveLength(1);
      expect(jsonBytes).toBeGreaterThanOrEqual(BYTES);
      // The plan's sample is read as well.
      expect(sentBytes).toBeGreaterThan(jsonBytes);
      expect(idleMegabytes).toBeGreaterThan(0);
    }
    for (const { jsonBytes, sentBytes, rows, items } of of('first-written')) {
      expect(sentBytes).toBeGreaterThan(jsonBytes);
      // What a page has beside its items.
      expect(sentBytes - jsonBytes).toBeLessThan(2000);
      expect(rows).toBeGreaterThanOrEqual(items);
    }
  });
});
