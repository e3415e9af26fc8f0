import type { AttributeValue, Item } from '../../item/attribute.ts';
import { type Path, rootOf, type Step, stepsBelow } from '../../item/path.ts';
import type { ItemMapping } from '../mapping.ts';
import { AS_HASHED, type HideRule, type Hiding, hiddenValue, hideRules, MASKED } from './hiding.ts';

/**
 * Where values are hidden. An item may have another shape than the mapping expects, so a path with `hash` or `mask` is
 * matched by its names: lists, sets and maps with asRows between them do not matter. A map where a list or a map with
 * asRows is expected may hold members under any name. A scalar above a hidden path is hidden too: nothing tells what it
 * holds.
 */
export class HiddenNames {
  readonly #roots = new Map<Path, HiddenAt>();

  constructor(mapping: Pick<ItemMapping, 'columns' | 'emptyAsNull'>, hiding: Hiding) {
    const starts = new Map<Path, State[]>();
    for (const [path, rule] of hideRules(mapping, hiding)) {
      const start = { steps: stepsTo(path), rule, next: 0, containers: 0 };
      starts.set(rootOf(path), [...(starts.get(rootOf(path)) ?? []), start]);
    }
    for (const [root, states] of starts) {
      const rows = Object.entries(mapping.columns).filter(
        ([path, { asRows }]) => asRows && rootOf(path) === root,
      );
      const known = new Known(rows.map(([path]) => path));
      this.#roots.set(root, known.at(states) as HiddenAt);
    }
  }

  /** Nothing is hidden. */
  get isEmpty(): boolean {
    return this.#roots.size === 0;
  }

  /** What is hidden at a path; undefined if nothing is, at or below it. */
  at(path: Path): HiddenAt | undefined {
    const root = rootOf(path);
    let at = this.#roots.get(root);
    if (at === undefined) return undefined;
    for (const step of stepsBelow(root, path)) {
      if (at === undefined || at.rule !== undefined) return at;
      if (step === 'member') at = at.member();
      else if (step === 'entry') at = at.entry();
      else if ('name' in step) at = at.attribute(step.name);
    }
    return at;
  }

  /** The item with hidden values. @param root the root table that it belongs to */
  hidden(item: Item, root: Path): Item {
    const at = this.#roots.get(root);
    return at === undefined ? item : hiddenAttributes(item, at);
  }
}

/** A step of a hidden path: a name, the members of a list or set, or the entries of a map. */
type HiddenStep = string | typeof MEMBER | typeof ENTRY;
const MEMBER = Symbol('member');
const ENTRY = Symbol('entry');

/** How far a value is on the way along a hidden path. */
interface State {
  readonly steps: readonly HiddenStep[];
  readonly rule: HideRule;
  /** The index of the step that comes next. */
  readonly next: number;
  /** The lists, sets and maps of members passed since the last name. */
  readonly containers: number;
}

/** What is hidden at one kind of place in the items, and below it. */
export class HiddenAt {
  readonly #states: readonly State[];
  readonly #known: Known;
  /** Hides the value, with everything in it. */
  readonly rule: HideRule | undefined;
  /** Hides the value if it is a scalar or a set. */
  readonly scalars: HideRule;
  /** The attributes of a map here that are hidden, or in which something is. */
  readonly names: ReadonlySet<string>;
  readonly #attributes = new Map<string, HiddenAt>();
  #member: HiddenAt | undefined;
  #entry: HiddenAt | undefined;
  #others: HiddenAt | 'none' | undefined;

  constructor(states: readonly State[], known: Known) {
    this.#states = states;
    this.#known = known;
    this.rule = strictest(states.filter(({ steps, next }) => next === steps.length));
    this.scalars = this.rule ?? (strictest(states) as HideRule);
    this.names = new Set(states.flatMap((state) => nextName(state)?.name ?? []));
  }

  /** The members of a list or set. Where a map of members is expected, a list may hold several of them. */
  member(): HiddenAt {
    this.#member ??= this.#known.at(
      this.#states.flatMap((state) =>
        state.steps[state.next] === ENTRY || this.#known.hasRows(state)
          ? [state, pastContainer(state)]
          : [pastContainer(state)],
      ),
    ) as HiddenAt;
    return this.#member;
  }

  /** The entries of a map that become rows. */
  entry(): HiddenAt {
    this.#entry ??= this.#known.at(this.#states.map(pastContainer)) as HiddenAt;
    return this.#entry;
  }

  /** An attribute of a map. */
  attribute(name: string): HiddenAt | undefined {
    if (!this.names.has(name)) return this.others();
    let at = this.#attributes.get(name);
    if (at === undefined) {
      const named = this.#states.flatMap((state) => {
        const found = nextName(state);
        return found?.name === name ? [{ ...state, next: found.index + 1, containers: 0 }] : [];
      });
      at = this.#known.at([...named, ...this.#asMembers()]) as HiddenAt;
      this.#attributes.set(name, at);
    }
    return at;
  }

  /** Any other attribute of a map. */
  others(): HiddenAt | undefined {
    this.#others ??= this.#known.at(this.#asMembers()) ?? 'none';
    return this.#others === 'none' ? undefined : this.#others;
  }

  #asMembers(): State[] {
    return this.#states
      .filter((state) => typeof state.steps[state.next] === 'symbol' || this.#known.hasRows(state))
      .map(pastContainer);
  }
}

/** The places that were met, each once: there are few, because the names on the way are few. */
class Known {
  readonly #places = new Map<string, HiddenAt>();
  readonly #numbers = new Map<readonly HiddenStep[], number>();
  /** Names and number of containers of the maps with asRows. */
  readonly #rows: ReadonlySet<string>;
  readonly #mostContainers: number;

  constructor(rows: readonly Path[]) {
    const steps = rows.map((path) => stepsBelow(rootOf(path), path));
    this.#rows = new Set(steps.map((all) => rowsKey(namesIn(all), containersAfter(all))));
    this.#mostContainers = steps.map(containersAfter).reduce((most, each) => Math.max(most, each), 0);
  }

  at(states: readonly State[]): HiddenAt | undefined {
    if (states.length === 0) return undefined;
    const byKey = new Map<string, State>();
    for (const state of states) {
      const containers = Math.min(state.containers, this.#mostContainers + 1);
      byKey.set(`${this.#numberOf(state.steps)}/${state.next}/${containers}`, { ...state, containers });
    }
    const key = [...byKey.keys()].sort().join(' ');
    const at = this.#places.get(key) ?? new HiddenAt([...byKey.values()], this);
    this.#places.set(key, at);
    return at;
  }

  /** Whether the entries of a map become rows. */
  hasRows({ steps, next, containers }: State): boolean {
    const names = steps.slice(0, next).filter((step) => typeof step === 'string');
    return this.#rows.has(rowsKey(names, containers));
  }

  #numberOf(steps: readonly HiddenStep[]): number {
    const number = this.#numbers.get(steps) ?? this.#numbers.size;
    this.#numbers.set(steps, number);
    return number;
  }
}

const rowsKey = (names: readonly string[], containers: number) => JSON.stringify([names, containers]);

const isMember = (step: Step) => step === 'member' || step === 'entry';

const namesIn = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (typeof step === 'object' && 'name' in step ? step.name : []));

const containersAfter = (steps: readonly Step[]) =>
  steps.length - 1 - steps.findLastIndex((step) => !isMember(step));

/** Hiding the members hides the list, so only what is between names counts. */
function stepsTo(path: Path): HiddenStep[] {
  const steps = stepsBelow(rootOf(path), path);
  return steps
    .slice(0, steps.length - containersAfter(steps))
    .flatMap((step): HiddenStep[] =>
      step === 'member' ? [MEMBER] : step === 'entry' ? [ENTRY] : namesIn([step]),
    );
}

const pastContainer = (state: State): State => ({
  ...state,
  next: typeof state.steps[state.next] === 'symbol' ? state.next + 1 : state.next,
  containers: state.containers + 1,
});

function nextName({ steps, next }: State): { readonly name: string; readonly index: number } | undefined {
  for (let index = next; index < steps.length; index++) {
    const name = steps[index];
    if (typeof name === 'string') return { name, index };
  }
  return undefined;
}

/** Of several rules, a mask decides: it shows least. What was hashed before is not hashed again. */
const strictest = (states: readonly State[]): HideRule | undefined =>
  [MASKED, AS_HASHED]
    .map((hide) => states.find(({ rule }) => rule.hide === hide))
    .concat(states[0])
    .find((state) => state !== undefined)?.rule;

function hiddenAttributes(attributes: Item, at: HiddenAt): Item {
  const names = at.others() === undefined ? at.names : Object.keys(attributes);
  let changed: Map<string, AttributeValue> | undefined;
  for (const name of names) {
    if (!Object.hasOwn(attributes, name)) continue;
    const value = attributes[name] as AttributeValue;
    const next = hiddenIn(value, at.attribute(name) as HiddenAt);
    if (next === value) continue;
    changed ??= new Map(Object.entries(attributes));
    changed.set(name, next);
  }
  // Unlike an assignment, this also keeps an attribute named __proto__.
  return changed === undefined ? attributes : Object.fromEntries(changed);
}

function hiddenIn(value: AttributeValue, at: HiddenAt): AttributeValue {
  if (at.rule !== undefined) return hiddenValue(value, at.rule);
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return value;
  if ('M' in value) {
    if (typeof value.M !== 'object' || value.M === null || Array.isArray(value.M)) return value;
    const map = hiddenAttributes(value.M, at);
    return map === value.M ? value : { M: map };
  }
  if ('L' in value) {
    if (!Array.isArray(value.L)) return value;
    const members = value.L.map((member) => hiddenIn(member, at.member()));
    return members.every((member, i) => member === value.L[i]) ? value : { L: members };
  }
  return hiddenValue(value, at.scalars);
}
