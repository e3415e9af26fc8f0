import { workflowInfo } from '@temporalio/workflow';
import { PHASES, type Phase, type RefreshInput, type RefreshResult } from '../../contract/refresh.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { successorName } from '../../pipeline/definition/run-name.ts';
import { terminalFailure } from '../terminal-failure.ts';

/** A run of a workflow, which may need several: each over the part files of the one before. */
export interface RunInTurn {
  readonly input: RefreshInput;
  readonly wanted: readonly Phase[];
  /** From 1. */
  readonly nth: number;
  /** Why it takes part files. */
  readonly origin?: string;
  /** The workflow, if it resumed a run that another one may have begun. */
  readonly resumedBy?: string | undefined;
}

/** What waits in the log is agreed on before tables are made again, so another time takes changes that arrived meanwhile. */
const MOST_RUNS = 5;

/** Makes one run after the other, until the columns of one fit all changes. */
export async function untilColumnsFit(
  input: RefreshInput,
  wanted: readonly Phase[],
  make: (run: RunInTurn) => Promise<RefreshResult | RunInTurn>,
): Promise<RefreshResult> {
  const isResumed = input.from !== undefined && input.from !== 'plan';
  const resumedBy = isResumed ? workflowInfo().firstExecutionRunId : undefined;
  let next: RunInTurn = { input, wanted, nth: 1, resumedBy };
  for (;;) {
    const ended = await make(next);
    if (!('nth' in ended)) return ended;
    next = ended;
  }
}

/**
 * The run that takes the place of one whose columns cannot hold a change.
 * @throws a terminal failure `StagingCannotFollow` if there were enough
 */
export function runInstead(
  { input, nth, resumedBy }: RunInTurn,
  { ref, stagingSchema }: OnStaging,
  why: string,
): RunInTurn & { readonly origin: string } {
  if (nth === MOST_RUNS) {
    throw terminalFailure(
      'StagingCannotFollow',
      `Changes since the scan needed other columns than the tables had, ${MOST_RUNS} times in a row, so nothing is ` +
        `replaced. The last time, in ${stagingSchema}: ${why}`,
    );
  }
  const { from: _from, replay: _replay, segments: _segments, preferReuse: _preferred, ...kept } = input;
  const run = successorName(ref.run, resumedBy);
  return {
    input: { ...kept, run, reuse: ref.run },
    ...{ wanted: PHASES, nth: nth + 1, resumedBy },
    origin: `Run ${run} takes the part files of run ${ref.run}, whose tables could not take the changes since then: ${why}`,
  };
}
