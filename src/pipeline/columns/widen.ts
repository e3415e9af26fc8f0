import type { ScalarSeen } from '../seen/seen.ts';
import { columnType, type RedshiftType } from './redshift-type.ts';

/** How types widen from run to run. Each new type holds every value seen so far. */

/** The smallest VARCHAR that joining different types gives; its final size follows from the texts seen. */
const MIXED_BYTES = 16;

/**
 * The narrowest type that both may widen to: associative, commutative and idempotent.
 *
 * INTEGER → BIGINT → DECIMAL(38,s) → VARCHAR. Two DECIMAL(p,s) join to the larger precision and the larger scale. Two
 * VARCHAR(n) or two VARBYTE(n) join to the larger n. Any other two, including DATE and TIMESTAMPTZ, join to VARCHAR.
 */
export function joinTypes(a: RedshiftType, b: RedshiftType): RedshiftType {
  if (a.type === 'DECIMAL' && b.type === 'DECIMAL') {
    return {
      type: 'DECIMAL',
      precision: Math.max(a.precision, b.precision),
      scale: Math.max(a.scale, b.scale),
    };
  }
  if ('bytes' in a && 'bytes' in b && a.type === b.type) {
    return { type: a.type, bytes: Math.max(a.bytes, b.bytes) };
  }
  if (a.type === b.type) return a;
  if (isWhole(a) && isWhole(b)) return { type: 'BIGINT' };
  if (isWhole(a) && b.type === 'DECIMAL') return { ...b, precision: 38 };
  if (a.type === 'DECIMAL' && isWhole(b)) return { ...a, precision: 38 };
  const bytesOf = (type: RedshiftType) => (type.type === 'VARCHAR' ? type.bytes : MIXED_BYTES);
  return { type: 'VARCHAR', bytes: Math.max(bytesOf(a), bytesOf(b)) };
}

/**
 * The type of a scalar column after another run: the join of its previous type, the type that this run alone would
 * give, and the type that everything ever seen would give. So the order of the runs does not matter.
 * @param before undefined if no value of the column was seen before
 * @param ofRun undefined if this run saw no value of the column
 */
export function widenedType(
  before: RedshiftType | undefined,
  ofRun: ScalarSeen | undefined,
  everSeen: ScalarSeen,
  role: 'key' | 'value',
): RedshiftType {
  const all = columnType(everSeen, role);
  const types = [before, ofRun === undefined ? undefined : columnType(ofRun, role)];
  const type = types.reduce<RedshiftType>(
    (joined, next) => (next === undefined ? joined : joinTypes(joined, next)),
    all,
  );
  if (type.type !== 'VARCHAR' && holds(type, everSeen)) return type;
  return joinTypes(type, columnType({ ...everSeen, kinds: ['S'], textForms: ['other'] }, role));
}

/** Whether a column of this type holds every scalar seen, exactly. */
export function holds(type: RedshiftType, seen: ScalarSeen): boolean {
  const only = (kind: ScalarSeen['kinds'][number]) => seen.kinds.every((each) => each === kind);
  const onlyForm = (form: ScalarSeen['textForms'][number]) =>
    only('S') && seen.textForms.every((each) => each === form);
  switch (type.type) {
    case 'BOOLEAN':
      return only('BOOL');
    case 'INTEGER':
      return only('N') && seen.allInt64 && seen.maxIntegerDigits < 10;
    case 'BIGINT':
      return only('N') && seen.allInt64;
    case 'DECIMAL':
      return (
        only('N') &&
        !seen.hasExponent &&
        seen.maxScale <= type.scale &&
        seen.maxIntegerDigits <= type.precision - type.scale
      );
    case 'DATE':
      return onlyForm('date');
    case 'TIMESTAMPTZ':
      return onlyForm('timestamp');
    case 'VARBYTE':
      // `maxBytes` measures the hexadecimal text, two digits per byte.
      return only('B') && seen.maxBytes <= type.bytes * 2;
    case 'VARCHAR':
      return seen.maxBytes <= type.bytes;
    case 'SUPER':
      return only('JSON');
  }
}

/** Whether every value of a column of type `a` keeps its type in one of type `b`, which holds at least as much. */
export function keepsType(a: RedshiftType, b: RedshiftType): boolean {
  if ('bytes' in a && 'bytes' in b) return a.type === b.type && a.bytes <= b.bytes;
  const [from, to] = [digitsOf(a), digitsOf(b)];
  if (from === undefined || to === undefined) return a.type === b.type;
  return from.precision <= to.precision && from.scale <= to.scale && !(isWhole(b) && !isWhole(a));
}

/** The digits of a numeric type; undefined for other types. */
function digitsOf(type: RedshiftType): { readonly precision: number; readonly scale: number } | undefined {
  if (type.type === 'DECIMAL') return type;
  return isWhole(type) ? { precision: type.type === 'INTEGER' ? 10 : 19, scale: 0 } : undefined;
}

const isWhole = ({ type }: RedshiftType) => type === 'INTEGER' || type === 'BIGINT';
