/** A child that a run or inference awaits. */
interface ChildOfRun {
  /** Workflow id of the run or inference. */
  readonly parent: string;
  /** `segment 17`, `table orders`. */
  readonly what: string;
  /** How `retry` names it: `--segment 17`. */
  readonly option: string;
}

/** Parses the workflow id of a child, as built by `segmentWorkflowId` or `loadWorkflowId`. */
export function childOfRun(workflowId: string): ChildOfRun | undefined {
  const named = /^(?<parent>.+)\/(?:segment-(?<segment>\d+)|load-(?<table>[^/-]+))$/.exec(workflowId)?.groups;
  if (named === undefined) return undefined;
  const { parent = '', segment, table = '' } = named;
  const [kind, name] = segment === undefined ? ['table', table] : ['segment', String(Number(segment))];
  return { parent, what: `${kind} ${name}`, option: `--${kind} ${name}` };
}
