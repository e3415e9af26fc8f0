import { seededChoice, seededFraction, seededInteger } from '../../../local/fault-proxy/seeded.ts';
import type { Entry, Value } from '../../integration/loader/merge-model.ts';

/** The files of one schedule. What a version of a file holds follows from the seed, its number and its version alone. */
export interface FilesShape {
  readonly seed: number;
  readonly merges: boolean;
  readonly files: number;
  /** The file whose first version does not fit the table, if any. */
  readonly bad?: number;
}

/** One version of a file. The first is 1. */
export interface Version {
  readonly file: number;
  readonly version: number;
}

/** The columns of the table. */
export const COLUMNS = {
  append: { file: 'varchar(40)', version: 'integer', n: 'integer', note: 'varchar(40)' },
  merge: { k1: 'varchar(20)', k2: 'integer', seq: 'bigint', a: 'varchar(20)', b: 'integer' },
} as const;

export const MERGE = {
  key: ['k1', 'k2'],
  newest: 'seq',
  deletes: { column: 'op', values: ['D'] },
} as const;

/** Keys that differ in trailing blanks only are different keys. */
const SHARED_KEYS = ['a', 'a ', 'a  ', 'b', 'b '];
/** From the smallest to the greatest. */
const TEXTS = ['x', 'x ', 'y', 'z'];
/** Later versions of a file are newer in each of their keys, so it does not matter whether an earlier one was read. */
const NEWER = 1000;

/** The rows of an append. Each version is as long as the others of its file, unless the seed says otherwise. */
export function appendedRows({ seed }: FilesShape, { file, version }: Version): Record<string, string>[] {
  const more = seededFraction(seed, 'longer', file) < 0.5 ? version - 1 : 0;
  return Array.from({ length: seededInteger(1, 4, seed, 'rows', file) + more }, (_, n) => ({
    file: nameOf(file),
    version: String(version),
    n: String(n),
    note: seededChoice(['', 'a, b', 'says "no"', 'é '], seed, 'note', file, n),
  }));
}

/** Rows and deletes of a merge: one of a key of the file's own, and some of keys that many files have. */
export function mergedEntries(shape: FilesShape, { file, version }: Version): Entry[] {
  const { seed } = shape;
  const newer = (version - 1) * NEWER;
  const own = entry(nameOf(file), 0, newer, { a: 0, b: file % 5, isDelete: false });
  const shared = Array.from({ length: seededInteger(1, 4, seed, 'entries', file) }, (_, i) => {
    const pick = (most: number, what: string) => seededInteger(0, most, seed, what, file, i);
    return entry(SHARED_KEYS[pick(4, 'k1')]!, 1 + pick(1, 'k2'), newer + pick(5, 'seq'), {
      a: pick(TEXTS.length - 1, 'a'),
      b: pick(5, 'b'),
      isDelete: seededFraction(seed, 'delete', file, i) < 0.25,
    });
  });
  return [own, ...shared];
}

/** Rows of a merge without a key, or without a value to order them by: they are set aside. */
export function unorderedEntries({ seed }: FilesShape, { file, version }: Version): Entry[] {
  if (version > 1 || seededFraction(seed, 'unordered', file) > 0.15) return [];
  const others = { a: 1, b: 1, isDelete: false };
  return [
    seededFraction(seed, 'no key', file) < 0.5 ? entry('a', null, 3, others) : entry('a', 1, null, others),
  ];
}

function entry(
  k1: string,
  k2: number | null,
  seq: number | null,
  { a, b, isDelete }: { readonly a: number; readonly b: number; readonly isDelete: boolean },
): Entry {
  const number = (n: number | null): Value | null =>
    n === null ? null : { text: String(n), shown: String(n), rank: n };
  const text = (shown: string, rank: number): Value => ({ text: shown, shown, rank });
  const values = {
    k1: text(k1, 0),
    k2: number(k2),
    seq: number(seq),
    a: text(TEXTS[a]!, a),
    b: b === 5 ? null : number(b),
  };
  return { values, isDelete };
}

/** The version as CSV with a header. */
export function bodyOf(shape: FilesShape, at: Version): string {
  const isBad = shape.bad === at.file && at.version === 1;
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  if (!shape.merges) {
    const lines = appendedRows(shape, at).map(
      ({ file, version, n, note }) => `${quoted(file!)},${isBad ? 'one' : version},${n},${quoted(note!)}`,
    );
    return `file,version,n,note\n${lines.join('\n')}\n`;
  }
  const lines = [...mergedEntries(shape, at), ...unorderedEntries(shape, at)].map(({ values, isDelete }) => {
    const { k1, k2, seq, a, b } = values;
    const shown = [
      isDelete ? 'D' : 'I',
      quoted(k1!.text),
      k2?.text,
      isBad ? 'one' : seq?.text,
      quoted(a!.text),
      b?.text,
    ];
    return shown.map((text) => text ?? '').join(',');
  });
  return `op,k1,k2,seq,a,b\n${lines.join('\n')}\n`;
}

export const nameOf = (file: number) => `f${String(file).padStart(3, '0')}`;
