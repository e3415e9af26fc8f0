/** Decides which run directories may be removed, from facts about each of them, before anything is deleted. */

export interface RunFacts {
  readonly run: string;
  /** When it was planned. Without a plan, the time in its name; undefined if there is none. */
  readonly plannedAt: string | undefined;
  /** Its last workflow replaced the live schema. */
  readonly replaced: boolean;
  /** The live schema or a backup holds it. */
  readonly inWarehouse: boolean;
  /** A workflow is open for it, running or waiting for an operator. */
  readonly open: boolean;
  /** Runs whose files it uses. */
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
 * Keeps the newest `keep` successful runs and everything planned since the oldest of them. Of the older runs, it keeps
 * those in the warehouse, those with an open workflow, those that a kept run refers to, and those of unknown age. If
 * there are fewer successful runs than `keep`, all runs are kept.
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

/**
 * When a run with a name like `20261121t064617z_1f0c22` was started, ISO 8601: its plan may never have been written, or
 * was deleted before the rest. Undefined for names that users chose.
 */
export function timeInName(run: string): string | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z_/.exec(run)?.slice(1);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The runs that a plan or manifest names under `refersTo`, in any form: one or several, as a name or an object. */
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
