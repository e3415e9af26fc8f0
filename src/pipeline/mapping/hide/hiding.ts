import type { AttributeValue } from '../../item/attribute.ts';
import { hexOfBase64 } from '../../item/csv.ts';
import type { Key } from '../../item/key.ts';
import { anyHash, type KeyedHash } from '../../item/keyed-hash.ts';
import { numberText } from '../../item/number.ts';
import { attributePath, isAtOrBelow, isRoot, type Path, rootOf } from '../../item/path.ts';
import type { ItemMapping } from '../mapping.ts';
import { neededAttributes } from '../selection.ts';

/**
 * How personal data is hidden: each string, number, binary and boolean at or below a path becomes a string, the keyed hash
 * of its text or the mask. Names of attributes, the lengths of lists and NULL stay.
 */

/** What hides values. `before`: the items were kept, so they were filtered and their values hidden before, which must not be hashed again. */
export type Hiding = HidingNow | 'before';

interface HidingNow {
  readonly hash: KeyedHash;
  /** Paths whose values were hashed before, with scalars above them: other rules do not hash these again. */
  readonly hashedBefore?: readonly Path[];
}

/** For what only looks at the form of items. */
export const FOR_LOOKS: Hiding = { hash: anyHash };

/** In place of a masked value. It shows neither the value's length nor its kind. */
export const MASK = '***';

/** What hides the values at and below a path. */
export interface HideRule {
  /** Hides the text of a value, which is as its column would hold it. */
  readonly hide: (text: string) => string;
  /** Empty strings are NULL, which is not hidden. */
  readonly emptyIsNull: boolean;
}

/** Hides with the mask. */
export const MASKED = () => MASK;

/** Leaves what was hashed before. */
export const AS_HASHED = (text: string) => text;

/** The paths that the mapping hides. Where their values are in an item: see hidden-names.ts. */
export function hideRules(
  { columns, emptyAsNull = false }: Pick<ItemMapping, 'columns' | 'emptyAsNull'>,
  hiding: Hiding,
): [Path, HideRule][] {
  if (hiding === 'before') return [];
  const rule = (path: Path, hide: HideRule['hide']): [Path, HideRule] => [
    path,
    { hide, emptyIsNull: columns[path]?.emptyAsNull ?? emptyAsNull },
  ];
  return [
    ...Object.entries(columns)
      .filter(([path, { hash, mask }]) => (hash || mask) && !isRoot(path))
      .map(([path, { hash }]) => rule(path, hash ? hiding.hash : MASKED)),
    ...(hiding.hashedBefore ?? []).filter((path) => !isRoot(path)).map((path) => rule(path, AS_HASHED)),
  ];
}

/** Whether a key is needed to hide values. */
export const isHashing = ({ columns }: Pick<ItemMapping, 'columns'>): boolean =>
  Object.values(columns).some(({ hash }) => hash);

/** An attribute that must stay as it is, because items are read again by it, but that the mapping hides, if only something in it. */
export function hiddenNeeded(
  mapping: Pick<ItemMapping, 'columns' | 'entities'>,
  key: Key,
): { readonly path: Path; readonly setting: 'hash' | 'mask'; readonly isKey: boolean } | undefined {
  const routing = neededAttributes(mapping);
  for (const [path, { hash, mask: isMasked }] of Object.entries(mapping.columns)) {
    if (!hash && !isMasked) continue;
    const isAt = (name: string) => isAtOrBelow(path, attributePath(rootOf(path), name));
    const isKey = key.some(({ name }) => isAt(name));
    if (isKey || routing.some(isAt)) return { path, setting: hash ? 'hash' : 'mask', isKey };
  }
  return undefined;
}

/** The value with everything in it hidden. What DynamoDB cannot have sent stays, to be refused. */
export function hiddenValue(value: AttributeValue, rule: HideRule): AttributeValue {
  const { hide, emptyIsNull } = rule;
  const hidden = (one: AttributeValue) => hiddenValue(one, rule);
  const [kind, content, ...others] = Object.entries(value).flat() as [string, unknown];
  if (others.length > 0) return value;
  if (typeof content === 'string') {
    if (kind === 'S') return emptyIsNull && content === '' ? { NULL: true } : { S: hide(content) };
    if (kind === 'N') return { S: hide(numberText(content).text) };
    if (kind === 'B') return { S: hide(hexOfBase64(content)) };
  }
  if (kind === 'BOOL' && typeof content === 'boolean') return { S: hide(String(content)) };
  if (kind === 'L' && Array.isArray(content)) return { L: content.map(hidden) };
  if (kind === 'M' && typeof content === 'object' && content !== null) {
    return { M: Object.fromEntries(Object.entries(content).map(([name, one]) => [name, hidden(one)])) };
  }
  if ((kind === 'SS' || kind === 'NS' || kind === 'BS') && Array.isArray(content)) {
    const of = kind.slice(0, 1) as 'S';
    return inOrder(content.map((member: string) => hidden({ [of]: member } as AttributeValue)));
  }
  return value;
}

/** The members of a set as a list, in an order that shows nothing of the hidden values. */
function inOrder(members: readonly AttributeValue[]): AttributeValue {
  const textOf = (member: AttributeValue) => ('S' in member ? member.S : '');
  return { L: [...members].sort((a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0)) };
}
