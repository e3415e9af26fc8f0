/** How a run whose workflow ended before it was done is gone on with: it takes no retries any more. */

/** What is known of the workflow that ended. */
export interface EndedRun {
  readonly pipeline: string;
  readonly run: string;
  /** The phase it says it was in. */
  readonly phase: string | undefined;
  /** All of them, in their order; none where they are not known. */
  readonly phases: readonly EndedPhase[];
  /** The last phase it was asked for, where that is known otherwise than by its phases. */
  readonly to?: string | undefined;
  /** Class of the failure that ended it. */
  readonly failureType?: string | undefined;
}

interface EndedPhase {
  readonly phase: string;
  readonly state: string;
  /** Another workflow's, which did it before. */
  readonly workflowId?: string | undefined;
}

/**
 * The command that goes on with what a run has, no further than it was asked to go: what was only to be looked at
 * must not go live.
 * @returns undefined where there is nothing to go on with.
 */
export function goOnCommand(ended: EndedRun): string | undefined {
  const { pipeline, run, failureType } = ended;
  if (failureType === 'RunNotFound') return undefined;
  const asked = ended.phases.filter(
    ({ state, workflowId }) => state !== 'skipped' && workflowId === undefined,
  );
  const last = ended.to ?? asked.at(-1)?.phase ?? 'replace';
  const to = last === 'replace' ? '' : ` --to ${last}`;
  // Of a workflow that ended before it began any, the first that it was asked for.
  const phase = asked.some((each) => each.phase === ended.phase) ? ended.phase : asked[0]?.phase;
  // Before its plan was made there is nothing to go on with.
  if (phase === 'plan') return `npx tributary run ${pipeline}${to}`;
  const accept = failureType === 'SchemaDrifted' ? ' --accept-drift' : '';
  return `npx tributary run ${pipeline} --run ${run} --from ${phase ?? '<phase>'}${to}${accept}`;
}
