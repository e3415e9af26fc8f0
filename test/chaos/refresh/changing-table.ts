import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';

/** What a key holds: a version, from 0, or nothing if it has not been put yet. */
export type Version = number | 'absent';

export interface TableShape {
  readonly seed: number;
  readonly items: number;
  /** How many keys change during the scan: the first ones; the others stay the same. */
  readonly moving: number;
}

export const KEY = ['pk', 'sk'] as const;

/** The table's keys are numbered. Even ones are orders, odd ones people. */
const keyOf = (n: number) => ({
  pk: { S: n % 2 === 0 ? `order#${n}` : `person#${n}` },
  sk: { S: 'v' },
});
export const numberOf = (pk: string) => Number(pk.slice(pk.indexOf('#') + 1));

/**
 * The item that key `n` holds in a version. Everything in it, even the lengths of its lists, follows from seed, key and
 * version: so a row of another version than its item is noticed at once.
 */
export function itemOf({ seed }: TableShape, n: number, version: number): Item {
  const random = (...names: string[]) => seededFraction(seed, 'item', n, version, ...names);
  const length = (name: string, most: number) => Math.floor(random(name) * (most + 1));
  const item: Record<string, AttributeValue> = {
    ...keyOf(n),
    version: { N: String(version) },
    stamp: { S: `${n}.${version}.${random('stamp').toString(36)}` },
  };
  if (n % 2 === 0) {
    item.lines = {
      L: Array.from({ length: length('lines', 4) }, (_, i) => ({
        M: { sku: { S: `sku ${n}.${version}.${i}` }, quantity: { N: String(i + version) } },
      })),
    };
  } else {
    item.address = { M: { street: { S: `street ${random('street')}` }, number: { N: String(n) } } };
    item.tags = {
      L: Array.from({ length: length('tags', 3) }, (_, i) => ({ S: `tag ${n}.${version}.${i}` })),
    };
  }
  // Late attributes, and rare ones: these items become odd items.
  if (version > 0) item[`since_${version % 3}`] = { BOOL: version % 2 === 0 };
  if (n % 97 === 5) item[`rare_${n % 7}`] = { S: `rare ${n}.${version}` };
  return item;
}

/**
 * What a moving key holds in its k-th state; state 0 is the one before the run. Keys appear but never disappear: if the
 * last key of a page is deleted, the local DynamoDB ends the scan early, where AWS continues.
 */
export function stateOf({ seed }: TableShape, n: number, k: number): Version {
  return k === 0 && seededFraction(seed, 'absent', n) < 0.2 ? 'absent' : k;
}

/** One change, made or attempted: readers may see it from the first moment on, and must from the second. */
export interface Change {
  readonly n: number;
  readonly state: Version;
  readonly fromMs: number;
  readonly doneMs: number;
}

interface TableWriter {
  put(item: Item): Promise<void>;
}

/** Changes moving keys one after another until stopped. @returns the changes, in order. */
export async function keepChanging(
  shape: TableShape,
  writer: TableWriter,
  stopped: () => boolean,
  pause: (milliseconds: number) => Promise<void>,
): Promise<Change[]> {
  const changes: Change[] = [];
  const states = new Map<number, number>();
  for (let i = 0; !stopped() && shape.moving > 0; i++) {
    const n = seededInteger(0, shape.moving - 1, shape.seed, 'moves', i);
    const k = (states.get(n) ?? 0) + 1;
    states.set(n, k);
    const fromMs = Date.now();
    await writer.put(itemOf(shape, n, k));
    changes.push({ n, state: k, fromMs, doneMs: Date.now() });
    await pause(seededChoice([5, 10, 20, 40], shape.seed, 'pause', i));
  }
  return changes;
}

/** Every state of a key that a single read between the two moments may have seen. */
export function statesBetween(
  shape: TableShape,
  changes: readonly Change[],
  n: number,
  fromMs: number,
  toMs: number,
): Set<Version> {
  const history = [
    { state: stateOf(shape, n, 0), fromMs: 0, doneMs: 0 },
    ...changes.filter((c) => c.n === n),
  ];
  const seen = new Set<Version>();
  history.forEach(({ state, fromMs: began }, i) => {
    const next = history[i + 1];
    // Visible at the earliest when this change began, and certainly gone once the next one was done.
    if (began <= toMs && (next === undefined || next.doneMs >= fromMs)) seen.add(state);
  });
  return seen;
}

/** The table's items before the run. */
export function itemsBefore(shape: TableShape): Item[] {
  const items: Item[] = [];
  for (let n = 0; n < shape.items; n++) {
    const state = n < shape.moving ? stateOf(shape, n, 0) : 0;
    if (state !== 'absent') items.push(itemOf(shape, n, state));
  }
  return items;
}
