import type { Item } from '../../item/attribute.ts';
import type { Key } from '../../item/key.ts';
import { attributePath, entityPath, type Path, ROOT, stepsOf } from '../../item/path.ts';
import { textForm } from '../../seen/text-form.ts';
import { legalName } from '../../sql/identifier.ts';
import type { Mapping } from '../mapping.ts';
import { type Scalar, visitScalars } from '../visit-scalars.ts';

/** Numbers that look like times, and times beside empty text, guessed from a sample. An operator decides. */
export interface TimeSuggestions {
  readonly epochs: readonly SuggestedEpoch[];
  /** The same in the key, whose columns keep their type whatever the settings. */
  readonly keys: readonly SuggestedEpoch[];
  /** Paths of text that is a date or time, or empty: without `emptyAsNull`, their columns are text. */
  readonly emptyOrTime: readonly Path[];
}

interface SuggestedEpoch {
  readonly path: Path;
  readonly unit: 's' | 'ms' | 'us';
  /** The earliest and latest time in the sample, ISO 8601. */
  readonly from: string;
  readonly to: string;
}

const UNITS = { s: 1, ms: 1e3, us: 1e6 } as const;

/** Numbers that are called a time are one if all are in these years. */
const CALLED = { from: Date.UTC(1980) / 1000, to: Date.UTC(2100) / 1000 };
/** Other numbers are one if all are in these years, have at least milliseconds, and so many are different. */
const UNCALLED = { from: Date.UTC(2010) / 1000, to: Date.UTC(2040) / 1000, values: 20 };

/** The last word of a name that means a time. `at` alone is the usual name of a sort key. */
const TIME_WORDS = new Set(
  'at on ts time timestamp date datetime epoch millis ms created updated modified deleted expires expiry expiration ttl since until start started end ended begin began seen login due sent received published'.split(
    ' ',
  ),
);

export function suggestTimes(
  items: readonly Item[],
  key: Key,
  mapping: Pick<Mapping, 'columns' | 'entities'>,
): TimeSuggestions {
  const found = new Map<Path, Found>();
  visitScalars(items, key, mapping, (path, scalar) => {
    const at = found.get(path) ?? new Found();
    found.set(path, at);
    at.add(scalar);
  });
  const roots = [ROOT, ...Object.keys(mapping.entities).map(entityPath)];
  const keys: SuggestedEpoch[] = [];
  for (const { name } of key) {
    const inKey = roots.flatMap(
      (root) => found.get(attributePath(root, name))?.epoch(isCalledTime(name)) ?? [],
    );
    if (inKey[0] !== undefined) keys.push({ path: name, ...inKey[0] });
    for (const root of roots) found.delete(attributePath(root, name));
  }
  const epochs: SuggestedEpoch[] = [];
  const emptyOrTime: Path[] = [];
  for (const [path, at] of found) {
    const epoch = at.epoch(isCalledTime(path));
    if (epoch !== undefined) epochs.push({ path, ...epoch });
    if (at.isEmptyOrTime()) emptyOrTime.push(path);
  }
  return { epochs, keys, emptyOrTime };
}

function isCalledTime(path: Path): boolean {
  const last = stepsOf(path).findLast((step) => typeof step === 'object' && 'name' in step);
  if (last === undefined || typeof last !== 'object' || !('name' in last)) return false;
  const words = legalName(last.name, 'snake_case').split('_');
  return TIME_WORDS.has(words.at(-1) ?? '');
}

/** What was found at one path. */
class Found {
  readonly #different = new Set<string>();
  #numbers = 0;
  #least = Infinity;
  #most = -Infinity;
  #areWhole = true;
  #empty = 0;
  #times = 0;
  #others = 0;

  add(scalar: Scalar): void {
    if ('N' in scalar) this.#addNumber(scalar.N);
    else if (!('S' in scalar)) this.#others++;
    else if (scalar.S === '') this.#empty++;
    else if (textForm(scalar.S) === 'other') this.#others++;
    else this.#times++;
  }

  #addNumber(text: string): void {
    const number = Number(text);
    this.#numbers++;
    this.#areWhole &&= Number.isInteger(number);
    this.#least = Math.min(this.#least, number);
    this.#most = Math.max(this.#most, number);
    if (this.#different.size < UNCALLED.values) this.#different.add(text);
  }

  isEmptyOrTime(): boolean {
    return this.#empty > 0 && this.#times > 0 && this.#others === 0 && this.#numbers === 0;
  }

  /** @param isCalled the name of the path means a time */
  epoch(isCalled: boolean): Omit<SuggestedEpoch, 'path'> | undefined {
    const isPure = this.#numbers > 0 && this.#areWhole && this.#others + this.#times + this.#empty === 0;
    if (!isPure || (!isCalled && this.#different.size < UNCALLED.values)) return undefined;
    const { from, to } = isCalled ? CALLED : UNCALLED;
    for (const unit of ['s', 'ms', 'us'] as const) {
      const perSecond = UNITS[unit];
      if (unit === 's' && !isCalled) continue;
      if (this.#least < from * perSecond || this.#most >= to * perSecond) continue;
      return { unit, from: iso(this.#least / perSecond), to: iso(this.#most / perSecond) };
    }
    return undefined;
  }
}

const iso = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
