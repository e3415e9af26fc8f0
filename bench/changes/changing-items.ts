import { createHash } from 'node:crypto';
import type { AttributeValue, Item } from '../../src/pipeline/item/attribute.ts';
import { itemSize } from '../speed/item-size.ts';
import { Random } from '../speed/random.ts';
import { longText } from '../speed/text.ts';

export const KEY = 'pk';
/** An item has one member in so many of the lists. */
const FILLED_LISTS = 3;
/** One change of so many deletes its item, if there is one. */
const DELETES_EVERY = 20;
const STATUSES = ['new', 'paid', 'packed', 'shipped', 'returned'];
const CITIES = ['Ghent', 'Oslo', 'Zürich', 'Łódź', 'Córdoba'];

/** A change of the table, as the local DynamoDB records it. */
export interface ChangeOfTable {
  readonly key: Item;
  readonly before?: Item;
  readonly after?: Item;
}

export interface ChangingItemsOptions {
  /** How many items there are at most. */
  readonly keys: number;
  /** Tables that the items fill: the root, and one per list. */
  readonly tables: number;
  /** The size of an item, as DynamoDB counts it. */
  readonly itemBytes: number;
  readonly seed: number;
}

/**
 * Items that change at random, and what a copy of them has to hold. An item depends on its number and version alone, so the
 * model is a version per number.
 */
export class ChangingItems {
  readonly #options: ChangingItemsOptions;
  readonly #random: Random;
  /** The number of changes of an item so far; negative if the last one deleted it. */
  readonly #versions: Int32Array;

  constructor(options: ChangingItemsOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#versions = new Int32Array(options.keys);
  }

  /** The names of the attributes that are lists. */
  get lists(): string[] {
    return Array.from({ length: this.#options.tables - 1 }, (_, list) => listName(list));
  }

  /** The first items, which fill all tables. They count as changed once. */
  *first(count: number): Generator<Item> {
    for (let number = 0; number < count; number++) {
      this.#versions[number] = 1;
      yield this.#item(number, 1);
    }
  }

  next(): ChangeOfTable {
    const number = this.#random.below(this.#options.keys);
    const before = this.#versions[number]!;
    const version = Math.abs(before) + 1;
    const key = keyOf(number);
    if (before > 0 && this.#random.below(DELETES_EVERY) === 0) {
      this.#versions[number] = -version;
      return { key, before: key };
    }
    this.#versions[number] = version;
    // The stream has new images only, so that the image before does not matter.
    return { key, ...(before > 0 ? { before: key } : {}), after: this.#item(number, version) };
  }

  /** What a copy has to hold: of each item, the digest of `rootValues`; of each list, `memberText` of all members, sorted. */
  expected(): { readonly root: Map<string, string>; readonly members: Map<string, string[]> } {
    const root = new Map<string, string>();
    const members = new Map(this.lists.map((name): [string, string[]] => [name, []]));
    for (const [number, version] of this.#versions.entries()) {
      if (version <= 0) continue;
      const item = this.#item(number, version);
      root.set(text(item[KEY]), digest(rootValues(item)));
      for (const [name, texts] of members)
        for (const member of (item[name] as { L?: AttributeValue[] } | undefined)?.L ?? [])
          texts.push(memberText(text(item[KEY]), (member as { M: Item }).M));
    }
    for (const texts of members.values()) texts.sort();
    return { root, members };
  }

  #item(number: number, version: number): Item {
    const random = Random.of(this.#options.seed + number, version);
    const item: Item = {
      ...keyOf(number),
      version: { N: String(version) },
      status: { S: random.pick(STATUSES) },
      amount: { N: String(random.below(1_000_000)) },
      active: { BOOL: random.chance(0.5) },
      customer: { M: { name: { S: `Customer ${random.below(100_000)}` }, city: { S: random.pick(CITIES) } } },
      ...this.#members(number, version, random),
    };
    const left = this.#options.itemBytes - itemSize(item) - 'note'.length;
    return { ...item, note: { S: longText(random, Math.max(1, left)) } };
  }

  #members(number: number, version: number, random: Random): Item {
    const lists = this.#options.tables - 1;
    const members: [string, AttributeValue][] = [];
    for (let filled = 0; filled < Math.min(FILLED_LISTS, lists); filled++) {
      const sku = { S: `sku-${random.below(10_000)}` };
      const member = { M: { sku, quantity: { N: String(random.below(100)) } } };
      members.push([listName((number + version + filled) % lists), { L: [member] }]);
    }
    return Object.fromEntries(members);
  }
}

const listName = (list: number) => `list_${String(list + 1).padStart(2, '0')}`;
const keyOf = (number: number): Item => ({ [KEY]: { S: `item-${String(number).padStart(8, '0')}` } });
const text = (value: AttributeValue | undefined) => (value as { S: string }).S;

/** The columns of the root table that are compared, and the values of an item for them, as texts. */
export const ROOT_COLUMNS = [
  'version',
  'status',
  'amount',
  'active',
  'customer__name',
  'customer__city',
  'note',
] as const;

function rootValues(item: Item): string[] {
  const { name, city } = (item.customer as { M: Item }).M;
  return [
    (item.version as { N: string }).N,
    text(item.status),
    (item.amount as { N: string }).N,
    String((item.active as { BOOL: boolean }).BOOL),
    text(name),
    text(city),
    text(item.note),
  ];
}

const memberText = (key: string, { sku, quantity }: Item) =>
  `${key}|${text(sku)}|${(quantity as { N: string }).N}`;

const digest = (values: readonly string[]) => createHash('md5').update(values.join('|')).digest('hex');
