import type { LoadedCase } from './conformance-case.ts';
import { runAll } from './run-all.ts';
import type { ConformanceTarget } from './target.ts';

/** Runs cases and prints one line per failure, then the counts. @returns how many failed. */
export async function reportAll(
  cases: readonly LoadedCase[],
  target: ConformanceTarget,
  atOnce: number,
  print: (line: string) => void,
): Promise<number> {
  let failed = 0;
  for (const [{ file, test }, result] of runAll(cases, target, atOnce)) {
    const failures = await result;
    if (failures.length === 0) continue;
    failed++;
    print(`FAILED ${file}: ${test.name}: ${failures.join('; ')} [${test.source}]`);
  }
  print(`${cases.length - failed} passed, ${failed} failed`);
  return failed;
}
