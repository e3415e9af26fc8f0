import type { RedshiftType } from '../columns/redshift-type.ts';
import type { Item } from '../item/attribute.ts';
import { hexOfBase64, measure, quoted } from '../item/csv.ts';
import { fingerprint } from '../item/fingerprint.ts';
import type { Key, KeyAttribute } from '../item/key.ts';
import { numberText } from '../item/number.ts';
import { cutToBytes } from '../sql/identifier.ts';
import type { ApplyTable } from './apply-plan.ts';
import { REASON_BYTES, type SetAsideEntry } from './set-aside.ts';

/**
 * The file of an apply's keys: the keys whose rows leave all tables, and which of them are set aside. A key attribute has a
 * column of its own for each form in which the tables hold it, because roots of entities may have other types.
 */
export interface KeyColumn {
  /** In the temporary table. */
  readonly name: string;
  /** The number of the attribute in the key, from 0. */
  readonly attribute: number;
  /** In SQL. */
  readonly type: string;
  readonly isText: boolean;
  /** The type of the tables' columns that it is compared with; of texts, any of them. */
  readonly form: RedshiftType;
}

/**
 * The columns of the keys file after `SET_ASIDE_FIELDS`, in order.
 * @param tables with their key columns
 */
export function keyColumns(key: Key, tables: readonly Pick<ApplyTable, 'key'>[]): KeyColumn[] {
  const columns: KeyColumn[] = [];
  for (const [attribute, { kind }] of key.entries()) {
    for (const { key: columnsOfTable } of tables) {
      const form = columnsOfTable[attribute]!.type;
      if (columns.some((each) => each.attribute === attribute && isSameForm(each.form, form))) continue;
      const name = `key_${columns.length + 1}`;
      columns.push({ name, attribute, type: keyType(kind, form), isText: form.type === 'VARCHAR', form });
    }
  }
  return columns;
}

/** The column of the temporary table that a table's key column is compared with. */
export function keyColumnFor(
  columns: readonly KeyColumn[],
  attribute: number,
  type: RedshiftType,
): KeyColumn {
  const found = columns.find((each) => each.attribute === attribute && isSameForm(each.form, type));
  if (found === undefined) throw new Error(`no column of the keys file has the form ${type.type}`);
  return found;
}

/** Texts of any length compare exactly with each other, and so do bytes. */
const isSameForm = (a: RedshiftType, b: RedshiftType) =>
  a.type === b.type &&
  (a.type !== 'DECIMAL' || b.type !== 'DECIMAL' || (a.precision === b.precision && a.scale === b.scale));

/** No key is longer: 2,048 bytes; in hexadecimal, twice as many; a number has at most 38 digits, sign, point and exponent. */
const MOST_BYTES = { S: 2048, N: 64, B: 4096 };

function keyType(kind: KeyAttribute['kind'], form: RedshiftType): string {
  if (form.type === 'VARCHAR') return `VARCHAR(${MOST_BYTES[kind]})`;
  if (form.type === 'VARBYTE') return `VARBYTE(${MOST_BYTES[kind]})`;
  return form.type === 'DECIMAL' ? `DECIMAL(${form.precision},${form.scale})` : form.type;
}

/** SHA-256 of a key, in hexadecimal: the same for the same key, whatever the order and spelling of its attributes. */
export const keyHash = (key: Key, item: Item): string =>
  fingerprint(JSON.stringify(key.map((attribute) => canonical(item, attribute))), 64);

function canonical(item: Item, { name, kind }: KeyAttribute): string {
  const content = contentOf(item, { name, kind });
  return kind === 'N' ? numberText(content).text : content;
}

function contentOf(item: Item, { name, kind }: KeyAttribute): string {
  const content = Object.hasOwn(item, name) ? (item[name] as Record<string, unknown>)[kind] : undefined;
  if (typeof content !== 'string') {
    throw new Error(`the key attribute ${JSON.stringify(name)} of kind ${kind} is missing`);
  }
  return content;
}

/** Fields of the keys file before those of `keyColumns`. */
export const SET_ASIDE_FIELDS = ['key_hash', 'epoch', 'shard', 'checkpoint', 'reason'] as const;

/**
 * One line of the keys file.
 * @param item the item's key attributes, at least
 * @param setAside the change that sets it aside, and why
 */
export function keyLine(
  key: Key,
  item: Item,
  columns: readonly KeyColumn[],
  { setAside, nullText }: { readonly setAside?: Omit<SetAsideEntry, 'keyHash'>; readonly nullText: string },
): string {
  const reason = (text: string) => cutToBytes(text.replaceAll('\0', '').toWellFormed(), REASON_BYTES);
  const entry =
    setAside === undefined
      ? SET_ASIDE_FIELDS.slice(1).map(() => nullText)
      : [setAside.epoch, setAside.shard, String(setAside.checkpoint), reason(setAside.reason)].map(quoted);
  const values = columns.map(({ attribute, form }) => {
    const text = textFor(key[attribute]!, item, form);
    // A key equal to the text that means NULL is rejected when it is read, so no table has it.
    return text === undefined || text === nullText ? nullText : quoted(text);
  });
  return `${[quoted(keyHash(key, item)), ...entry, ...values].join(',')}\n`;
}

/** A key attribute's value as a column of this type holds it; undefined if it cannot: then no row of the table has this key. */
function textFor(attribute: KeyAttribute, item: Item, form: RedshiftType): string | undefined {
  const content = contentOf(item, attribute);
  if (attribute.kind === 'B') return hexOfBase64(content);
  if (attribute.kind === 'S') return measure(content) < 0 ? undefined : content;
  const { text, int64, exponent, integerDigits, scale } = numberText(content);
  if (form.type === 'BIGINT') return int64 ? text : undefined;
  if (form.type !== 'DECIMAL') return text;
  return !exponent && scale <= form.scale && integerDigits <= form.precision - form.scale ? text : undefined;
}
