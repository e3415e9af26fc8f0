import type { AttributeValue, Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { isRoot, type Path, ROOT, rootOf, stepsBelow } from '../item/path.ts';
import { type Mapping, rootTables } from './mapping.ts';

/** What is ignored at a path and below it. */
interface Node {
  ignored: boolean;
  readonly names: Map<string, Node>;
  /** The members of a list or set. */
  members: Node | undefined;
  /** The entries of a map with asRows. */
  entries: Node | undefined;
}

const NULL: AttributeValue = { NULL: true };

/**
 * Removes from items what the mapping ignores, before anything else is decided about them. So an ignored attribute is
 * in no file, not even in an item or a value that is kept whole.
 *
 * An ignored attribute of an item or a map is removed. An ignored member of a list or set, and the value of an ignored
 * entry of a map with asRows (`totals[key]`), becomes NULL, because the number of rows does not change. Key attributes
 * stay, and so do those that route items to entities: without them, an item that is kept whole could not be read again.
 */
export class Ignored {
  readonly #roots = new Map<Path, Node>();

  constructor(mapping: Pick<Mapping, 'columns' | 'entities'>, key: Key) {
    const needed = new Set([
      ...key.map(({ name }) => name),
      ...Object.values(mapping.entities).flatMap(({ attribute }) => attribute ?? []),
    ]);
    const roots = new Set(rootTables(mapping));
    for (const [path, { ignore }] of Object.entries(mapping.columns)) {
      const root = rootOf(path);
      if (!ignore || isRoot(path) || !roots.has(root)) continue;
      const steps = stepsBelow(root, path);
      const [first] = steps;
      if (steps.length === 1 && typeof first === 'object' && 'name' in first && needed.has(first.name)) {
        continue;
      }
      let node = this.#roots.get(root) ?? emptyNode();
      this.#roots.set(root, node);
      for (const step of steps) {
        if (step === 'member') node = node.members ??= emptyNode();
        else if (step === 'entry') node = node.entries ??= emptyNode();
        else if ('name' in step) {
          const next = node.names.get(step.name) ?? emptyNode();
          node.names.set(step.name, next);
          node = next;
        }
      }
      node.ignored = true;
    }
  }

  /**
   * The item without ignored attributes. It is the same object if nothing in it is ignored.
   * @param root the root table that the item belongs to
   */
  without(item: Item, root: Path = ROOT): Item {
    const node = this.#roots.get(root);
    return node === undefined ? item : withoutNames(item, node);
  }
}

const emptyNode = (): Node => ({ ignored: false, names: new Map(), members: undefined, entries: undefined });

function withoutNames(attributes: Item, node: Node): Item {
  let kept: Map<string, AttributeValue> | undefined;
  for (const [name, below] of node.names) {
    if (!Object.hasOwn(attributes, name)) continue;
    const value = attributes[name] as AttributeValue;
    const next = below.ignored ? undefined : withoutBelow(value, below);
    if (next === value) continue;
    kept ??= new Map(Object.entries(attributes));
    if (next === undefined) kept.delete(name);
    else kept.set(name, next);
  }
  // Unlike an assignment, this also keeps an attribute named __proto__.
  return kept === undefined ? attributes : Object.fromEntries(kept);
}

function withoutBelow(value: AttributeValue, node: Node): AttributeValue {
  const { members, entries } = node;
  if (typeof value !== 'object' || value === null) return value;
  if ('M' in value && isMap(value.M)) {
    const named = withoutNames(value.M, node);
    const map = entries === undefined ? named : mapEntries(named, entries);
    return map === value.M ? value : { M: map };
  }
  if (members === undefined) return value;
  if ('L' in value && Array.isArray(value.L)) {
    return { L: value.L.map((member) => (members.ignored ? NULL : withoutBelow(member, members))) };
  }
  const set = 'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined;
  return members.ignored && Array.isArray(set) ? { L: set.map(() => NULL) } : value;
}

function mapEntries(attributes: Item, node: Node): Item {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      node.ignored ? NULL : withoutBelow(value, node),
    ]),
  );
}

const isMap = (content: unknown): content is Item =>
  typeof content === 'object' && content !== null && !Array.isArray(content);
