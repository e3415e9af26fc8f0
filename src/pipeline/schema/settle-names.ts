/**
 * Decides which of a mapping's names take effect. A name that the mapping sets belongs to its path, whether or not a
 * value was seen there, so attributes that appear later never take it.
 */

/** A table of the schema, or a column of one table. */
export interface Named {
  readonly id: string;
  /** What it is, for a message. */
  readonly title: string;
  /** The agreed name, if it has one. */
  readonly given: string | undefined;
  /** The name that the mapping sets, if any. */
  readonly wanted: string | undefined;
  /** Whether the mapping can still put values there. If not, others may take its name. */
  readonly fillable: boolean;
}

export interface NameConflict {
  /** What the mapping names. */
  readonly title: string;
  readonly name: string;
  /** What has the name already. */
  readonly holder: string;
}

export interface SettledNames {
  /** The names that are certain, by id. The others are derived from the paths. */
  readonly given: ReadonlyMap<string, string>;
  /** The mapping's names that cannot be given. */
  readonly conflicts: readonly NameConflict[];
}

/**
 * The names that the mapping sets, and the agreed names of all others.
 *
 * - Names that move to another path are first released, so two paths may exchange their names.
 * - A name is taken over from what the mapping no longer fills.
 * - Any other name that is taken or reserved is a conflict. What wanted it keeps its own name, if it had one.
 * @param all at most one per wanted name may be fillable without a conflict
 * @param holderOf what has a name that nothing in the schema may have; undefined for all other names
 */
export function settleNames(
  all: readonly Named[],
  holderOf: (name: string) => string | undefined,
): SettledNames {
  const renamed = new Map<string, Named>();
  const conflicts: NameConflict[] = [];
  for (const each of all) {
    if (each.wanted === undefined) continue;
    const rival = renamed.get(each.wanted)?.title ?? holderOf(each.wanted);
    if (rival === undefined) renamed.set(each.wanted, each);
    else conflicts.push({ title: each.title, name: each.wanted, holder: rival });
  }
  // Each conflict keeps a name that another one may want.
  for (let settled = false; !settled; ) {
    settled = true;
    const moving = new Set([...renamed.values()].map(({ id }) => id));
    for (const { id, title, given, fillable } of all) {
      const taker = given === undefined ? undefined : renamed.get(given);
      if (taker === undefined || taker.id === id || !fillable || moving.has(id)) continue;
      renamed.delete(given as string);
      conflicts.push({ title: taker.title, name: given as string, holder: title });
      settled = false;
    }
  }
  const names = new Map<string, string>();
  for (const { id, given } of all) if (given !== undefined && !renamed.has(given)) names.set(id, given);
  for (const [name, { id }] of renamed) names.set(id, name);
  return { given: names, conflicts };
}
