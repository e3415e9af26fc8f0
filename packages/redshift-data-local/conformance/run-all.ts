import type { LoadedCase } from './conformance-case.ts';
import { runCase } from './run-case.ts';
import type { ConformanceTarget } from './target.ts';

/** Runs cases, `atOnce` at the same time. @returns for each case a promise of its failures. */
export function runAll(
  cases: readonly LoadedCase[],
  target: ConformanceTarget,
  atOnce: number,
): Map<LoadedCase, Promise<string[]>> {
  const waiting = cases.map((one) => ({ one, promise: Promise.withResolvers<string[]>() }));
  const queue = [...waiting];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      next.promise.resolve(await runCase(next.one.test, target));
    }
  };
  for (let i = 0; i < atOnce; i++) void worker();
  return new Map(waiting.map(({ one, promise }) => [one, promise.promise]));
}
