import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import { numberText } from '../../../../src/pipeline/item/number.ts';
import { textForm } from '../../../../src/pipeline/seen/text-form.ts';

/**
 * A document without what the tables do not tell apart: scalars are texts whatever their kind, sets are lists in
 * their fixed order, and NULL and empty maps are not there (null as a list's member).
 */
export type Plain = string | null | Plain[] | Map<string, Plain>;

/** What the tables are to say of a value; undefined for what leaves no trace. */
export function plain(value: AttributeValue): Plain | undefined {
  if ('S' in value) return isHeld(value.S) ? plainText(value.S) : plainBytes(Buffer.from(value.S));
  if ('N' in value) return numberText(value.N).text;
  if ('B' in value) {
    const bytes = Buffer.from(value.B, 'base64');
    return bytes.length > 32_767 ? plainBytes(bytes) : bytes.toString('hex');
  }
  if ('BOOL' in value) return String(value.BOOL);
  if ('NULL' in value) return undefined;
  if ('L' in value) return value.L.map((member) => plain(member) ?? null);
  if ('SS' in value) return value.SS.toSorted(byUtf8).map((S) => plain({ S }) ?? null);
  if ('NS' in value)
    return value.NS.toSorted((a, b) => Number(a) - Number(b)).map((N) => plain({ N }) ?? null);
  if ('BS' in value) return value.BS.map((B) => Buffer.from(B, 'base64').toString('hex')).sort();
  return plainMap(value.M);
}

export function plainMap(attributes: Item): Plain | undefined {
  const map = new Map<string, Plain>();
  for (const [name, value] of Object.entries(attributes)) {
    const content = plain(value);
    if (content !== undefined) map.set(name, content);
  }
  return map.size === 0 ? undefined : map;
}

/** The same of the JSON of a value that was kept whole. */
export function plainJson(json: unknown): Plain | undefined {
  if (json === null) return undefined;
  if (typeof json === 'string') return plain({ S: json });
  if (typeof json === 'number') return numberText(String(json)).text;
  if (typeof json === 'boolean') return String(json);
  if (Array.isArray(json)) return json.map((member) => plainJson(member) ?? null);
  const members = Object.entries(json as object).flatMap(([name, value]): [string, Plain][] => {
    const content = plainJson(value);
    return content === undefined ? [] : [[name, content]];
  });
  return members.length === 0 ? undefined : new Map(members);
}

/** The bytes that VARCHAR cannot hold: they say nothing of their kind. */
export const plainBytes = (bytes: Buffer) => `bytes ${bytes.toString('hex')}`;

/** A point in time, however many zeros it is written with: TIMESTAMPTZ keeps the time. */
export function plainText(text: string): string {
  if (textForm(text) !== 'timestamp') return text;
  const [seconds, fraction = ''] = text.slice(0, -1).split('.');
  const significant = fraction.replace(/0+$/, '');
  return significant === '' ? `${seconds}Z` : `${seconds}.${significant}Z`;
}

const isHeld = (text: string) =>
  Buffer.byteLength(text) <= 65_535 && !text.includes('\0') && text !== NULL_TEXT;

const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
