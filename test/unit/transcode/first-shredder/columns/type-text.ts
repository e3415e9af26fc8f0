import { MAX_VARCHAR_BYTES } from '../item/csv.ts';
import type { RedshiftType } from './redshift-type.ts';

const MAX_VARBYTE_BYTES = 16_777_216;

/**
 * Parses a type that a user wrote as SQL, in any case and spacing. Returns undefined unless a Tributary column can
 * have that type. Precision 19 is rejected: Redshift stores it in 8 bytes, which do not hold every 19-digit number.
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
      const maxBytes = name === 'VARCHAR' ? MAX_VARCHAR_BYTES : MAX_VARBYTE_BYTES;
      const legal = n !== undefined && second === undefined && n >= 1 && n <= maxBytes;
      return legal ? { type: name, bytes: n } : undefined;
    }
    default:
      return undefined;
  }
}
