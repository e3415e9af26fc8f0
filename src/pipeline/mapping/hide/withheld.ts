import type { AttributeValue, Item } from '../../item/attribute.ts';
import type { Key } from '../../item/key.ts';
import {
  attributePath,
  entryPath,
  memberPath,
  type Path,
  ROOT,
  rootOf,
  stepsBelow,
} from '../../item/path.ts';
import { type ItemMapping, rootTables } from '../mapping.ts';
import { Included, leftOut, neededAttributes } from '../selection.ts';
import { HiddenNames } from './hidden-names.ts';
import { type Hiding, hiddenNeeded } from './hiding.ts';

/** What is left out at a path and below it. */
interface Node {
  /** The value at the path is left out, with everything below it. */
  ignored: boolean;
  /** What no node below names is read. If not, the value itself is only read as far as nodes below name it. */
  readsOthers: boolean;
  readonly names: Map<string, Node>;
  /** The members of a list or set. */
  members: Node | undefined;
  /** The entries of a map with asRows. */
  entries: Node | undefined;
}

const NULL: AttributeValue = { NULL: true };

/**
 * Removes from items what the mapping leaves out, and hides personal data, before anything else is decided about them. So
 * an ignored attribute and a hidden value are in no file, not even in an item or a value that is kept whole.
 *
 * An attribute of an item or a map is removed. A member of a list or set, and the value of an entry of a map with asRows
 * (`totals[key]`), becomes NULL, because the number of rows does not change. Key attributes stay, and so do those that
 * route items to entities: without them, an item that is kept whole could not be read again.
 */
export class Withheld {
  readonly #roots = new Map<Path, Node>();
  readonly #hidden: HiddenNames;

  /** @throws Error if the mapping hides what must stay: see refuse-hidden-key.ts */
  constructor(mapping: ItemMapping, key: Key, hiding: Hiding) {
    const needs = hiddenNeeded(mapping, key);
    if (needs !== undefined)
      throw new Error(`the mapping hides ${needs.path}, by which items are read again`);
    this.#hidden = new HiddenNames(mapping, hiding);
    const needed = new Set([...key.map(({ name }) => name), ...neededAttributes(mapping)]);
    const included = new Included(mapping);
    const roots = new Set(rootTables(mapping));
    if (included.paths !== undefined) {
      for (const root of roots) {
        const node = this.#nodeAt(root, included);
        for (const name of needed) node.names.set(name, newNode(true));
      }
      for (const path of included.paths) if (roots.has(rootOf(path))) this.#nodeAt(path, included);
    }
    for (const path of leftOut(mapping)) {
      const root = rootOf(path);
      const [first, ...deeper] = stepsBelow(root, path);
      const isNeeded =
        deeper.length === 0 && typeof first === 'object' && 'name' in first && needed.has(first.name);
      if (roots.has(root) && !isNeeded && included.of(path) !== 'none')
        this.#nodeAt(path, included).ignored = true;
    }
  }

  /** Nothing is left out or hidden of any item. */
  get isEmpty(): boolean {
    return this.#roots.size === 0 && this.#hidden.isEmpty;
  }

  #nodeAt(path: Path, included: Included): Node {
    let at = rootOf(path);
    let node = this.#roots.get(at) ?? newNode(included.of(at) === 'all');
    this.#roots.set(at, node);
    for (const step of stepsBelow(at, path)) {
      if (step === 'member') {
        at = memberPath(at);
        node = node.members ??= newNode(included.of(at) === 'all');
      } else if (step === 'entry') {
        at = entryPath(at);
        node = node.entries ??= newNode(included.of(at) === 'all');
      } else if ('name' in step) {
        at = attributePath(at, step.name);
        const next = node.names.get(step.name) ?? newNode(included.of(at) === 'all');
        node.names.set(step.name, next);
        node = next;
      }
    }
    return node;
  }

  /**
   * The item without what is left out, and with hidden values. It is the same object if it has neither.
   * @param root the root table that the item belongs to
   */
  without(item: Item, root: Path = ROOT): Item {
    const node = this.#roots.get(root);
    return this.#hidden.hidden(node === undefined ? item : withoutNames(item, node), root);
  }
}

const newNode = (readsOthers: boolean): Node => ({
  ignored: false,
  readsOthers,
  names: new Map(),
  members: undefined,
  entries: undefined,
});

function withoutNames(attributes: Item, node: Node): Item {
  return node.readsOthers ? withoutSome(attributes, node) : onlySome(attributes, node);
}

function withoutSome(attributes: Item, { names }: Node): Item {
  let kept: Map<string, AttributeValue> | undefined;
  for (const [name, below] of names) {
    if (!Object.hasOwn(attributes, name)) continue;
    const value = attributes[name] as AttributeValue;
    const next = withoutBelow(value, below);
    if (next === value) continue;
    kept ??= new Map(Object.entries(attributes));
    if (next === undefined) kept.delete(name);
    else kept.set(name, next);
  }
  // Unlike an assignment, this also keeps an attribute named __proto__.
  return kept === undefined ? attributes : Object.fromEntries(kept);
}

function onlySome(attributes: Item, { names }: Node): Item {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]): [string, AttributeValue][] => {
      const below = names.get(name);
      const next = below && withoutBelow(value, below);
      return next === undefined ? [] : [[name, next]];
    }),
  );
}

/** Undefined if nothing of the value is read. */
function withoutBelow(value: AttributeValue, node: Node): AttributeValue | undefined {
  const { ignored, readsOthers, names, members, entries } = node;
  if (ignored) return undefined;
  const rest = readsOthers ? value : undefined;
  if (typeof value !== 'object' || value === null) return rest;
  if ('M' in value && isMap(value.M)) {
    if (names.size === 0 && entries === undefined) return rest;
    const named = readsOthers || names.size > 0 ? withoutNames(value.M, node) : value.M;
    const map = entries === undefined ? named : mapEntries(named, entries);
    return map === value.M ? value : { M: map };
  }
  if (members === undefined) return rest;
  if ('L' in value && Array.isArray(value.L)) {
    return { L: value.L.map((member) => withoutBelow(member, members) ?? NULL) };
  }
  const set = 'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined;
  if (!Array.isArray(set)) return rest;
  return members.ignored || !members.readsOthers ? { L: set.map(() => NULL) } : value;
}

function mapEntries(attributes: Item, node: Node): Item {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, withoutBelow(value, node) ?? NULL]),
  );
}

const isMap = (content: unknown): content is Item =>
  typeof content === 'object' && content !== null && !Array.isArray(content);
