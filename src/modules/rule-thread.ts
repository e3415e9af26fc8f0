import { parentPort, workerData } from 'node:worker_threads';
import { fixClock } from './fixed-clock.ts';
import { loadBundle } from './load-bundle.ts';
import type { FromRule, RuleStart } from './rule-messages.ts';

/** What a rule's thread runs: the module's function, once for each partition. */

async function run({ code, file, partitions }: RuleStart): Promise<FromRule> {
  let rule: unknown;
  fixClock(undefined);
  try {
    rule = loadBundle(code, file).default;
  } catch (error) {
    return { kind: 'unusable', message: textOf(error) };
  }
  if (typeof rule !== 'function')
    return { kind: 'unusable', message: 'its default export is not a function' };
  const named: unknown[][] = [];
  for (const partition of partitions) {
    try {
      const answer: unknown = await (rule as (partition: string) => unknown)(partition);
      if (typeof answer !== 'object' || answer === null || !(Symbol.iterator in answer))
        throw new TypeError('it must return a list of days or months');
      named.push(
        [...(answer as Iterable<unknown>)].map((each) => (typeof each === 'string' ? each : String(each))),
      );
    } catch (error) {
      return { kind: 'failed', message: `for ${partition}: ${textOf(error)}` };
    }
  }
  return { kind: 'named', named };
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

if (parentPort !== null) {
  const port = parentPort;
  void run(workerData as RuleStart).then((answer) => port.postMessage(answer));
}
