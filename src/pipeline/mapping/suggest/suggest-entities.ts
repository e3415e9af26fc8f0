import type { AttributeValue, Item } from '../../item/attribute.ts';
import type { Key } from '../../item/key.ts';
import { legalName } from '../../sql/identifier.ts';
import type { EntityRoute } from '../entity-route.ts';

/** Entities of a single-table design, guessed from a sample of its items. An operator decides whether to use them. */
export interface EntitySuggestion {
  /** What distinguishes them, for the heading. */
  readonly by: string;
  /** In the order in which their routes must be tried. */
  readonly entities: readonly SuggestedEntity[];
  /** Sampled items that match none of them. */
  readonly others: number;
}

interface SuggestedEntity {
  readonly name: string;
  readonly route: EntityRoute;
  /** The number of sampled items that match. */
  readonly items: number;
}

/** A key prefix that names the entity: `ORDER#`, `user:`. */
const PREFIX = /^[A-Za-z][A-Za-z0-9_-]*?[#:|/~]/;
const MAX_ENTITIES = 40;
/** An attribute that distinguishes entities is in nearly every item and has few values. */
const MIN_SHARE = 0.95;
const MAX_VALUES = 20;
/** The least average difference between the attributes of two values' items: 0 is equal, 1 is disjoint. */
const MIN_DIFFERENCE = 0.2;

/** The routes that the sample suggests, the most likely first; none if it looks like a single entity. */
export function suggestEntities(items: readonly Item[], key: Key): EntitySuggestion[] {
  return [byKeyPrefix(items, key), ...byAttribute(items, key)].filter(
    (suggestion) => suggestion !== undefined && suggestion.entities.length > 1,
  ) as EntitySuggestion[];
}

function byKeyPrefix(items: readonly Item[], key: Key): EntitySuggestion | undefined {
  const [partition, sort] = key;
  if (partition?.kind !== 'S') return undefined;
  const groups = groupBy(items, (item) => prefixOf(item, partition.name));
  const entities = [...groups].flatMap(([keyPrefix, ofPrefix]): SuggestedEntity[] => {
    if (keyPrefix === undefined) return [];
    const bySort = groupBy(ofPrefix, (item) => (sort?.kind === 'S' ? prefixOf(item, sort.name) : undefined));
    const own = (some: readonly Item[]): SuggestedEntity => ({
      name: pluralName(keyPrefix),
      route: { keyPrefix },
      items: some.length,
    });
    if (bySort.size < 2) return [own(ofPrefix)];
    // Items of one partition that differ by sort key.
    return [...bySort].map(
      ([sortKeyPrefix, some]): SuggestedEntity =>
        sortKeyPrefix === undefined
          ? own(some)
          : { name: pluralName(sortKeyPrefix), route: { keyPrefix, sortKeyPrefix }, items: some.length },
    );
  });
  if (entities.length > MAX_ENTITIES) return undefined;
  const routed = entities.reduce((sum, entity) => sum + entity.items, 0);
  return {
    by: 'the prefix of the key',
    entities: withDistinctNames(entities.sort(compareEntities)),
    others: items.length - routed,
  };
}

function byAttribute(items: readonly Item[], key: Key): EntitySuggestion[] {
  const keys = new Set(key.map(({ name }) => name));
  const names = new Set(items.flatMap((item) => Object.keys(item)).filter((name) => !keys.has(name)));
  return [...names]
    .map((attribute) => ({ attribute, groups: groupBy(items, (item) => textOf(item, attribute)) }))
    .map(({ attribute, groups }) => {
      const others = groups.get(undefined)?.length ?? 0;
      groups.delete(undefined);
      return { attribute, groups: groups as Map<string, Item[]>, others };
    })
    .filter(
      ({ groups, others }) =>
        others <= items.length * (1 - MIN_SHARE) &&
        groups.size > 1 &&
        groups.size <= MAX_VALUES &&
        groups.size * 2 <= items.length,
    )
    .map((found) => ({ ...found, difference: differenceOf([...found.groups.values()]) }))
    .filter(({ difference }) => difference >= MIN_DIFFERENCE)
    .sort((a, b) => b.difference - a.difference || (a.attribute < b.attribute ? -1 : 1))
    .map(({ attribute, groups, others }) => ({
      by: `the attribute ${attribute}`,
      entities: withDistinctNames(
        [...groups]
          .map(([equals, some]) => ({
            name: pluralName(equals),
            route: { attribute, equals },
            items: some.length,
          }))
          .sort(compareEntities),
      ),
      others,
    }));
}

/**
 * The more specific routes must be tried first. Otherwise the order is that of their size, whatever the order in which
 * DynamoDB returned the items.
 */
function compareEntities(a: SuggestedEntity, b: SuggestedEntity): number {
  const isGeneral = ({ route }: SuggestedEntity) => Number(route.sortKeyPrefix === undefined);
  return isGeneral(a) - isGeneral(b) || b.items - a.items || (a.name < b.name ? -1 : 1);
}

/** How much the attribute names of the groups' items differ, averaged over all pairs of groups: 0 to 1. */
function differenceOf(groups: readonly (readonly Item[])[]): number {
  const names = groups.map((items) => new Set(items.flatMap((item) => Object.keys(item))));
  let sum = 0;
  let pairs = 0;
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(i + 1)) {
      sum += 1 - a.intersection(b).size / a.union(b).size;
      pairs++;
    }
  }
  return pairs === 0 ? 0 : sum / pairs;
}

function prefixOf(item: Item, name: string): string | undefined {
  return PREFIX.exec(textOf(item, name) ?? '')?.[0];
}

function textOf(item: Item, name: string): string | undefined {
  const value: AttributeValue | undefined = Object.hasOwn(item, name) ? item[name] : undefined;
  return value !== undefined && 'S' in value ? value.S : undefined;
}

function groupBy<K>(items: readonly Item[], groupOf: (item: Item) => K): Map<K, Item[]> {
  const groups = new Map<K, Item[]>();
  for (const item of items) {
    const group = groupOf(item);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [item]);
    else known.push(item);
  }
  return groups;
}

/** `ORDER#` → `orders`, `Category` → `categories`: a table name without characters that paths escape. */
function pluralName(word: string): string {
  const name = legalName(word, 'snake_case')
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 50);
  const legal = name === '' || /^\d/.test(name) ? `_${name}` : name;
  if (/[^aeiou]y$/.test(legal)) return `${legal.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(legal) ? (legal.endsWith('s') ? legal : `${legal}es`) : `${legal}s`;
}

/** Numbers the names that occur more than once. */
function withDistinctNames(entities: readonly SuggestedEntity[]): SuggestedEntity[] {
  const taken = new Map<string, number>();
  return entities.map((entity) => {
    const n = (taken.get(entity.name) ?? 0) + 1;
    taken.set(entity.name, n);
    return n === 1 ? entity : { ...entity, name: `${entity.name}_${n}` };
  });
}
