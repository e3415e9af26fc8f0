import { type FailedPart, type NextStep, nextStep } from '../../pipeline/run/outcome.ts';
import { explainingFailure } from '../explaining-failure.ts';

/** A segment or table, and the run it belongs to. */
interface PartOfRun {
  readonly pipeline: string;
  readonly run: string;
  /** The workflow to notify; absent if the part was started alone. */
  readonly parent?: string | undefined;
  readonly part: Omit<FailedPart, 'code'>;
}

/** Does the work of a segment or table. If it fails, its own failure says why, and how to retry it. */
export function explainingPartFailure<T>(of: PartOfRun, work: () => Promise<T>): Promise<T> {
  const { pipeline, run, part } = of;
  return explainingFailure(
    () => `Failed: ${part.kind} ${part.child} of ${pipeline}, run ${run}`,
    (code) => stepOf(of, code),
    work,
  );
}

function stepOf({ pipeline, run, parent, part }: PartOfRun, code: string): NextStep | undefined {
  const { kind, child } = part;
  const phase = kind === 'segment' ? 'extract' : 'load';
  const step = nextStep({ pipeline, run, state: 'waiting', phase, phases: [], failed: [{ ...part, code }] });
  if (step === undefined || parent !== undefined) return step;
  // Without a parent, no run waits for the part, and none can be asked to retry it or need be cancelled.
  const [first = '', ...others] = step.commands;
  const alone = `tributary run ${pipeline} --run ${run} --from ${phase} --${kind} ${child}`;
  return { ...step, commands: first.startsWith('tributary retry ') ? [alone] : others };
}
