import { fingerprint } from '../item/fingerprint.ts';
import { byteLength, cutToBytes, MAX_NAME_BYTES, qualified } from '../sql/identifier.ts';
import { type BesideKind, besidePrefix } from '../sql/system-tables.ts';
import type { Target } from './target.ts';

const HASH_DIGITS = 16;

/**
 * The name of one of our tables beside a target table: `_tributary_<kind>__<table>`. If that is too long for Redshift, the
 * table's name is cut and gets a hash, after `_tributary_<kind>_x_`: no table's name makes the one form equal to the other,
 * so different tables have different names.
 */
export function besideName(kind: BesideKind, table: string): string {
  const name = `${besidePrefix(kind)}_${table}`;
  if (byteLength(name) <= MAX_NAME_BYTES) return name;
  const prefix = `${besidePrefix(kind)}x_`;
  const kept = cutToBytes(table, MAX_NAME_BYTES - byteLength(prefix) - HASH_DIGITS - 1);
  return `${prefix}${kept}_${fingerprint(table, HASH_DIGITS)}`;
}

/** `"schema"."_tributary_<kind>__<table>"` */
export const beside = (kind: BesideKind, { schema, table }: Pick<Target, 'schema' | 'table'>) =>
  qualified(schema, besideName(kind, table));
