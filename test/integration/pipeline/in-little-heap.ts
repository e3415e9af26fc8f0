import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import { replaySegment } from '../../../src/activities/extract/replay-segment.ts';
import { sealRun } from '../../../src/activities/run/seal-run.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import type { RunRef } from '../../../src/pipeline/run/run-ref.ts';
import { readPlan } from '../../../src/store/run-files.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';

const work = {
  async seal(ref: RunRef) {
    const deps = dependenciesFromEnvironment(process.env);
    return new MockActivityEnvironment().run(() => sealRun(deps, { ref, acceptDrift: false }));
  },
  async replay(ref: RunRef) {
    const store = dependenciesFromEnvironment(process.env).store(ref.bucket);
    const plan = (await readPlan(store, ref)) as Plan & { refersTo: { run: string } };
    await replaySegment(store, ref, plan, 0, new AbortController().signal, () => {});
    return {};
  },
};

/**
 * Does the work in a process with a heap of this many megabytes. If they do not suffice, Node ends the process.
 * @returns the result of the work
 */
export async function inLittleHeap(
  name: keyof typeof work,
  ref: RunRef,
  heapMegabytes: number,
  environment: NodeJS.ProcessEnv,
): Promise<unknown> {
  const words = [`--max-old-space-size=${heapMegabytes}`, import.meta.filename, name, JSON.stringify(ref)];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { ...process.env, ...environment, NODE_OPTIONS: '' },
  });
  return JSON.parse(stdout);
}

if (process.argv[1] === import.meta.filename) {
  const [name, ref] = process.argv.slice(2) as [keyof typeof work, string];
  process.stdout.write(JSON.stringify(await work[name](JSON.parse(ref) as RunRef)));
}
