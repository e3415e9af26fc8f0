import { seededChoice, seededFraction, seededInteger } from '../../local/fault-proxy/seeded.ts';
import type { AttributeValue, Item } from '../../src/pipeline/item/attribute.ts';

/** What a key holds: a version from 0, or nothing, where it was not yet put. */
export type Version = number | 'absent';

export interface TableShape {
  readonly seed: number;
  readonly items: number;
  /** The first so many keys change while the table is scanned; the others hold still. */
  readonly moving: number;
}

export const KEY = ['pk', 'sk'] as const;

/** The table's keys are numbered; even ones are orders, odd ones people. */
const keyOf = (n: number) => ({
  pk: { S: n % 2 === 0 ? `order#${n}` : `person#${n}` },
  sk: { S: 'v' },
});
export const numberOf = (pk: string) => Number(pk.slice(pk.indexOf('#') + 1));

/**
 * The item that key `n` holds in a version. Everything in it follows from seed, key and version, its lists'
 * lengths too: a row that belongs to another version than its item says is told at once.
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
  // Attributes that come late, and ones that few items have: these take the way of the odd items.
  if (version > 0) item[`since_${version % 3}`] = { BOOL: version % 2 === 0 };
  if (n % 97 === 5) item[`rare_${n % 7}`] = { S: `rare ${n}.${version}` };
  return item;
}

/**
 * What a moving key holds in its k-th state; state 0 is the one before the run. Keys come, but do not go:
 * the local DynamoDB ends a scan early whose last key was deleted between two pages, where AWS's goes on.
 */
export function stateOf({ seed }: TableShape, n: number, k: number): Version {
  return k === 0 && seededFraction(seed, 'absent', n) < 0.2 ? 'absent' : k;
}

/** One change that was made, or tried: it may have been seen from the first moment on, surely from the second. */
export interface Change {
  readonly n: number;
  readonly state: Version;
  readonly fromMs: number;
  readonly doneMs: number;
}

interface TableWriter {
  put(item: Item): Promise<void>;
}

/** Changes moving keys one after another until it is told to stop. @returns what it did, in order. */
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

/** Every state in which a key may have been seen by a reader who looked once between the two moments. */
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
    // Gone for certain once the next change was done, there at the earliest when this one began.
    if (began <= toMs && (next === undefined || next.doneMs >= fromMs)) seen.add(state);
  });
  return seen;
}

/** What the table holds before the run. */
export function itemsBefore(shape: TableShape): Item[] {
  const items: Item[] = [];
  for (let n = 0; n < shape.items; n++) {
    const state = n < shape.moving ? stateOf(shape, n, 0) : 0;
    if (state !== 'absent') items.push(itemOf(shape, n, state));
  }
  return items;
}
