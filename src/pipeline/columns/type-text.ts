import { MAX_VARCHAR_BYTES } from '../item/csv.ts';
import type { RedshiftType } from './redshift-type.ts';

const MAX_VARBYTE_BYTES = 16_777_216;

/**
 * The type that a person wrote as SQL, in any case and spacing; undefined where it is none of those a column of
 * Tributary can have. Precision 19 is refused, for Redshift keeps it in 8 bytes that do not hold every 19 digits.
 */
export function typeFromSql(text: string): RedshiftType | undefined {
  const match = /^([A-Z]+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(text.toUpperCase().replaceAll(/\s+/g, ''));
  if (match === null) return undefined;
  const [, name = '', first, second] = match;
  const n = first === undefined ? undefined : Number(first);
  switch (name) {
    case 'BOOLEAN':
    case 'BIGINT':
    case 'DATE':
    case 'TIMESTAMPTZ':
      return n === undefined ? { type: name } : undefined;
    case 'DECIMAL': {
      const scale = Number(second ?? 0);
      const legal = n !== undefined && n >= 1 && n <= 38 && n !== 19 && scale <= Math.min(n, 37);
      return legal ? { type: name, precision: n, scale } : undefined;
    }
    case 'VARCHAR':
    case 'VARBYTE': {
      const most = name === 'VARCHAR' ? MAX_VARCHAR_BYTES : MAX_VARBYTE_BYTES;
      const legal = n !== undefined && second === undefined && n >= 1 && n <= most;
      return legal ? { type: name, bytes: n } : undefined;
    }
    default:
      return undefined;
  }
}
