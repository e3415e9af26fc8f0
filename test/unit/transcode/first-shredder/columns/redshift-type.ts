import { z } from 'zod';
import { MAX_VARCHAR_BYTES } from '../item/csv.ts';
import type { KeyAttribute } from '../item/key.ts';
import type { BytesSeen, ScalarSeen } from '../seen/seen.ts';

/** A Redshift column type as data. Lengths of VARCHAR and VARBYTE are bytes. */
export const RedshiftType = z.discriminatedUnion('type', [
  z.object({ type: z.literal('BOOLEAN') }),
  z.object({ type: z.literal('INTEGER') }),
  z.object({ type: z.literal('BIGINT') }),
  z.object({ type: z.literal('DECIMAL'), precision: z.number().int(), scale: z.number().int() }),
  z.object({ type: z.literal('VARCHAR'), bytes: z.number().int() }),
  z.object({ type: z.literal('VARBYTE'), bytes: z.number().int() }),
  z.object({ type: z.literal('DATE') }),
  z.object({ type: z.literal('TIMESTAMPTZ') }),
  z.object({ type: z.literal('SUPER') }),
]);
export type RedshiftType = z.infer<typeof RedshiftType>;

/** Sizes of VARCHAR. There are few, so that a slightly longer text seldom changes the type. */
const VARCHAR_BYTES = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, MAX_VARCHAR_BYTES];
/** Sizes of VARBYTE. The last one is its limit. The one before was its limit until 2024, and fits any DynamoDB item. */
const VARBYTE_BYTES = [
  ...VARCHAR_BYTES.slice(0, -1),
  65_536,
  131_072,
  262_144,
  524_288,
  1_024_000,
  16_777_216,
];
/** Size of a column in which no value was seen. */
const UNSEEN_BYTES = 256;

/** The two precisions used for DECIMAL: 8 and 16 bytes. Redshift stores precision 19 in 8 bytes, too few for it. */
const SMALL_DECIMAL = 18;
const LARGE_DECIMAL = 38;
const MAX_SCALE = 37;
/** Digits that a DECIMAL(18) must have to spare; otherwise the column is DECIMAL(38). */
const SPARE_DIGITS = 3;

/**
 * The type that holds every value seen, with room to grow.
 *
 * Values of one kind: BOOL → BOOLEAN. N → BIGINT if every number fits, else DECIMAL if 38 digits hold every number,
 * else VARCHAR with the exact texts. S → DATE or TIMESTAMPTZ if every text is one, else VARCHAR. B → VARBYTE, or VARCHAR
 * if any value is empty. Values kept whole → SUPER. Values of several kinds → VARCHAR with each value's text.
 * @param role a `key` is never DATE or TIMESTAMPTZ: `…00Z` and `….000Z` are two keys but one time.
 */
export function columnType(seen: ScalarSeen, role: 'key' | 'value'): RedshiftType {
  const [kind, ...others] = seen.kinds;
  if (kind === undefined || others.length > 0) return varchar(seen.maxBytes);
  switch (kind) {
    case 'BOOL':
      return { type: 'BOOLEAN' };
    case 'N':
      return numberType(seen);
    case 'S':
      return role === 'key' ? varchar(seen.maxBytes) : textType(seen);
    case 'B':
      // `maxBytes` measures the hexadecimal text, two digits per byte.
      return varbyte(Math.ceil(seen.maxBytes / 2));
    case 'emptyB':
      return varchar(seen.maxBytes);
    case 'JSON':
      return { type: 'SUPER' };
  }
}

/** The type of `<name>__bytes`. */
export function bytesType(seen: BytesSeen): RedshiftType {
  return varbyte(seen.maxBytes);
}

/** The type of `<name>__count` and of positions: no list in an item of 400 KB is too long for it. */
export const COUNT_TYPE: RedshiftType = { type: 'INTEGER' };

/** The type of a column that is in the layout but in which no value was seen. */
export const UNSEEN_TYPE: RedshiftType = { type: 'VARCHAR', bytes: UNSEEN_BYTES };

/** The type of a key attribute of an empty table: the narrowest for its kind, because types only ever widen. */
export function emptyKeyType(kind: KeyAttribute['kind']): RedshiftType {
  if (kind === 'N') return { type: 'BIGINT' };
  return { type: kind === 'S' ? 'VARCHAR' : 'VARBYTE', bytes: UNSEEN_BYTES };
}

/** The type as DDL writes it. */
export function typeSql(type: RedshiftType): string {
  if (type.type === 'DECIMAL') return `DECIMAL(${type.precision},${type.scale})`;
  return 'bytes' in type ? `${type.type}(${type.bytes})` : type.type;
}

function numberType(seen: ScalarSeen): RedshiftType {
  if (seen.allInt64) return { type: 'BIGINT' };
  const digits = seen.maxIntegerDigits + seen.maxScale;
  if (seen.hasExponent || digits > LARGE_DECIMAL || seen.maxScale > MAX_SCALE) return varchar(seen.maxBytes);
  const precision = digits + SPARE_DIGITS <= SMALL_DECIMAL ? SMALL_DECIMAL : LARGE_DECIMAL;
  return { type: 'DECIMAL', precision, scale: seen.maxScale };
}

function textType(seen: ScalarSeen): RedshiftType {
  const [form, ...others] = seen.textForms;
  if (others.length === 0 && form === 'date') return { type: 'DATE' };
  if (others.length === 0 && form === 'timestamp') return { type: 'TIMESTAMPTZ' };
  return varchar(seen.maxBytes);
}

const varchar = (maxBytes: number): RedshiftType => ({
  type: 'VARCHAR',
  bytes: sized(VARCHAR_BYTES, maxBytes),
});

const varbyte = (maxBytes: number): RedshiftType => ({
  type: 'VARBYTE',
  bytes: sized(VARBYTE_BYTES, maxBytes),
});

/** The smallest size that the longest value fills by at most two thirds, else the largest. */
function sized(sizes: readonly number[], maxBytes: number): number {
  return sizes.find((size) => maxBytes * 3 <= size * 2) ?? (sizes.at(-1) as number);
}
