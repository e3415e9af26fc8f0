/** A dataset and the datasets that it reads. */
export interface Node {
  readonly name: string;
  readonly reads: readonly string[];
}

/**
 * Datasets after all that they read; otherwise in the order given. Names that are not among them are left out.
 * @returns a cycle, from a dataset back to itself, if there is one
 */
export function graphOrder(
  nodes: readonly Node[],
): { readonly order: readonly string[] } | { readonly cycle: readonly string[] } {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    path.push(name);
    for (const read of byName.get(name)?.reads ?? []) {
      const cycle = byName.has(read) ? visit(read) : undefined;
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(name);
    order.push(name);
    return undefined;
  };
  for (const { name } of nodes) {
    const cycle = visit(name);
    if (cycle !== undefined) return { cycle };
  }
  return { order };
}

/** The datasets that read one of these, directly or through others, and these themselves. */
export function withDownstream(nodes: readonly Node[], names: readonly string[]): Set<string> {
  const found = new Set(names);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { name, reads } of nodes) if (reads.some((read) => found.has(read))) found.add(name);
  }
  return found;
}

/** The datasets that these read, directly or through others, and these themselves. */
export function withUpstream(nodes: readonly Node[], names: readonly string[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const read of byName.get(name)?.reads ?? []) visit(read);
  };
  for (const name of names) visit(name);
  return found;
}
