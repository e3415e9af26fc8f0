import { answerOf } from './answer-of.ts';
import { inSourceFiles } from './bundle-module.ts';
import { ModuleUnusable } from './module-unusable.ts';
import { moduleWorker } from './module-worker.ts';
import { ownFrames } from './own-frames.ts';
import type { FromRule, RuleStart } from './rule-messages.ts';

/** For all partitions together. */
const LIMITS = { seconds: 60, memoryMegabytes: 256 };

/**
 * What a rule that is a function names, for each of the partitions in their order. It runs in a thread of its own, within limits on
 * time and memory, without a clock.
 * @throws ModuleUnusable with what is wrong
 */
export async function runRule(
  start: RuleStart,
  signal: AbortSignal,
): Promise<readonly (readonly unknown[])[]> {
  signal.throwIfAborted();
  const answer = await answerOf<FromRule>(
    moduleWorker('src/modules/rule-thread.ts', start, LIMITS.memoryMegabytes),
    LIMITS,
    (message) => ({ kind: 'failed', message }),
    signal,
  );
  if (answer.kind === 'named') return answer.named;
  const message = await inSourceFiles(ownFrames(answer.message, start.file), start.file, start.code);
  throw new ModuleUnusable(`The rule ${start.file} cannot be used: ${message}`);
}
