/** Which run directories may go: decided from facts about each of them, before anything is deleted. */

export interface RunFacts {
  readonly run: string;
  /** When it was planned; undefined where it has no plan, or is being planned. */
  readonly plannedAt: string | undefined;
  /** Its last workflow replaced the live schema. */
  readonly replaced: boolean;
  /** The live schema or a backup holds it. */
  readonly inWarehouse: boolean;
  /** A workflow works on it, or waits for a person. */
  readonly open: boolean;
  /** Runs whose files it names as its own. */
  readonly refersTo: readonly string[];
}

export interface KeptRun {
  readonly run: string;
  readonly why: string;
}

interface PrunePlan {
  /** The oldest first. */
  readonly remove: readonly string[];
  readonly keep: readonly KeptRun[];
}

/**
 * Keeps the newest `keep` successful runs and everything planned since the oldest of them. Of the older runs it
 * keeps those in the warehouse, those a workflow is open for, those that a kept run refers to, and those it cannot
 * tell the age of. With fewer successful runs than `keep`, all are kept.
 */
export function planPruning(runs: readonly RunFacts[], keep: number): PrunePlan {
  const successful = runs
    .flatMap(({ replaced, plannedAt }) => (replaced && plannedAt !== undefined ? [plannedAt] : []))
    .sort()
    .reverse();
  const limit = keep > 0 ? successful[keep - 1] : undefined;
  const kept = new Map<string, string>();
  for (const { run, plannedAt, open, inWarehouse } of runs) {
    if (open) kept.set(run, 'a workflow is open for it');
    else if (inWarehouse) kept.set(run, 'the live schema or a backup holds it');
    else if (plannedAt === undefined) kept.set(run, 'it has no plan.json, so its age is not known');
    else if (limit === undefined) kept.set(run, `there are no ${keep} successful runs yet`);
    else if (plannedAt >= limit) kept.set(run, `it is not older than the newest ${keep} successful runs`);
  }
  const facts = new Map(runs.map((each) => [each.run, each]));
  const referring = [...kept.keys()];
  for (const run of referring) {
    for (const referred of facts.get(run)?.refersTo ?? []) {
      if (!facts.has(referred) || kept.has(referred)) continue;
      kept.set(referred, `run ${run} refers to it`);
      referring.push(referred);
    }
  }
  const age = (run: string) => facts.get(run)?.plannedAt ?? '';
  const inOrder = [...facts.keys()].sort((a, b) =>
    age(a) < age(b) || (age(a) === age(b) && a < b) ? -1 : 1,
  );
  return {
    remove: inOrder.filter((run) => !kept.has(run)),
    keep: inOrder.flatMap((run) => {
      const why = kept.get(run);
      return why === undefined ? [] : [{ run, why }];
    }),
  };
}

/** The runs that a plan or a manifest names under `refersTo`, in whichever form: one, several, by name or with more said. */
export function refersTo(document: unknown): string[] {
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (Array.isArray(value)) for (const each of value) collect(each);
    else if (typeof value === 'object' && value !== null && 'run' in value) collect(value.run);
  };
  if (typeof document === 'object' && document !== null && 'refersTo' in document) collect(document.refersTo);
  return [...new Set(found)];
}
