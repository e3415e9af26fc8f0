import type { MergeRule } from '../../../src/pipeline/merge/target.ts';
import type { TestFile } from './loaded-table.ts';
import type { Entry, Value } from './merge-model.ts';

/**
 * Generated histories of one table. A case is a few keys of its own, identified by its number, with rows and deletes of those
 * keys; many cases share a table and its batches. Everything follows from the seed.
 */

interface KindOfValues {
  readonly type: string;
  /** From the smallest to the greatest, by the rule: as in the file, and as a query shows it if that differs. */
  readonly values: readonly (string | readonly [text: string, shown: string])[];
}

/** Texts are ordered by value without trailing blanks, then by their bytes' number. */
const TEXT: KindOfValues = {
  type: 'VARCHAR(20)',
  values: ['', ' ', '  ', '"', 'A', 'a', 'a ', 'a  ', 'a b', 'a b ', 'b', 'é', 'é '],
};
const INT: KindOfValues = { type: 'INT', values: ['-7', '0', '3', '10', '2000000000'] };
const BIGINT: KindOfValues = {
  type: 'BIGINT',
  values: ['-9000000000000000000', '9', '10', '9000000000000000000'],
};
const DECIMAL: KindOfValues = {
  type: 'DECIMAL(10,2)',
  values: ['-1.50', ['-0.5', '-0.50'], ['0', '0.00'], ['0.1000', '0.10'], ['  2 ', '2.00'], '12345678.90'],
};
const DATE: KindOfValues = { type: 'DATE', values: ['1969-12-31', '2024-02-29', '2024-03-01'] };
const TIMESTAMP: KindOfValues = {
  type: 'TIMESTAMP',
  values: [
    '2024-01-01 00:00:00',
    ['2024-01-01T00:00:00.5', '2024-01-01 00:00:00.5'],
    '2024-01-01 00:00:01',
    '2100-01-01 12:00:00',
  ],
};
const BOOLEAN: KindOfValues = { type: 'BOOLEAN', values: ['false', 'true'] };
const DOUBLE: KindOfValues = { type: 'DOUBLE PRECISION', values: ['-1.5', '0', '2.5', '3'] };
/** By their JSON text. */
const SUPER: KindOfValues = {
  type: 'SUPER',
  values: ['"a "', '"a"', '1', '12', '[1,2]', '[1]', 'true', '{"a":1}', '{"a":2}'],
};
const VARBYTE: KindOfValues = { type: 'VARBYTE(8)', values: ['00', '0001', '61', '6120', 'ff'] };

const KEYS = [TEXT, TEXT, INT, BIGINT, DATE, DECIMAL, TIMESTAMP, VARBYTE];
const NEWEST = [TIMESTAMP, BIGINT, DATE, INT, DECIMAL, TEXT];
const OTHERS = [TEXT, TEXT, INT, DECIMAL, BOOLEAN, DOUBLE, SUPER, VARBYTE, TIMESTAMP];

interface GeneratedColumn {
  readonly name: string;
  readonly kind: KindOfValues;
  /** The batch before which it is added to the table; 0: the table is created with it. */
  readonly from: number;
}

interface GeneratedBatch {
  readonly files: readonly TestFile[];
  /** The entries of its files, with their case. */
  readonly entries: readonly CaseEntry[];
}

export interface CaseEntry {
  readonly entry: Entry;
  readonly caseNumber: number;
}

export interface GeneratedTable {
  readonly title: string;
  readonly rule: MergeRule;
  readonly columns: readonly GeneratedColumn[];
  /** What the table holds before the loader. */
  readonly stored: readonly CaseEntry[];
  readonly batches: readonly GeneratedBatch[];
}

/** mulberry32 */
export function randomFrom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const chance = (p: number) => next() < p;
  const shuffled = <T>(from: readonly T[]): T[] => {
    const all = [...from];
    for (let i = all.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all;
  };
  return { below, pick, chance, shuffled };
}
type Random = ReturnType<typeof randomFrom>;

/** Names whose byte order differs from their order in any locale, and from the order in which they are added. */
const NAMES = ['b', 'a_b', 'a', 'ab', 'a1', 'z', 'é', 'e', 'quoted "name"', 'select'];

export function generateTable(seed: number, cases: number): GeneratedTable {
  const random = randomFrom(seed);
  const { below, pick, chance, shuffled } = random;
  const batchCount = 2 + below(4);
  const keys: GeneratedColumn[] = Array.from({ length: below(3) }, (_, i) => ({
    name: `key_${i}`,
    kind: pick(KEYS),
    from: 0,
  }));
  // The case's number is part of each key: a column, or the beginning of a text.
  const caseColumn: GeneratedColumn = {
    name: 'case_key',
    kind: keys.length === 0 || chance(0.5) ? { ...TEXT, type: 'VARCHAR(40)' } : { type: 'INT', values: [] },
    from: 0,
  };
  const key = shuffled([...keys, caseColumn]);
  const newest: GeneratedColumn = { name: 'newest', kind: pick(NEWEST), from: 0 };
  const others = shuffled(NAMES)
    .slice(0, 1 + below(6))
    .map(
      (name): GeneratedColumn => ({
        name,
        kind: pick(OTHERS),
        from: chance(0.5) ? 0 : 1 + below(batchCount),
      }),
    );
  const marksIn = pick(['no column', 'a column of the files', 'a column of the table']);
  const op: GeneratedColumn = {
    name: 'op',
    kind: { type: 'VARCHAR(4)', values: ['', 'D', 'D ', 'I', 'U', 'd'] },
    from: 0,
  };
  const columns = shuffled([...key, newest, ...others, ...(marksIn === 'a column of the table' ? [op] : [])]);
  const rule: MergeRule = {
    key: key.map(({ name }) => name),
    newest: newest.name,
    ...(marksIn === 'no column' ? {} : { deletes: { column: 'Op', values: pick([['D'], ['D', 'd']]) } }),
  };
  const world: World = { random, keys, caseColumn, newest, others, op, rule, marksIn };

  const stored: CaseEntry[] = [];
  const batches: { files: TestFile[]; entries: CaseEntry[] }[] = Array.from({ length: batchCount }, () => ({
    files: [],
    entries: [],
  }));
  const perBatch: CaseEntry[][] = batches.map(() => []);
  for (let caseNumber = 0; caseNumber < cases; caseNumber++) {
    const someKeys = Array.from({ length: 1 + below(3) }, () => newKey(world, caseNumber));
    for (let n = 1 + below(9); n > 0; n--) {
      const batch = below(batchCount);
      const raw = newEntry(world, pick(someKeys), batch + 1);
      const times = chance(0.15) ? 2 : 1;
      for (let i = 0; i < times; i++) {
        // The same row again, in the same batch or a later one, which has all its columns.
        perBatch[i === 0 ? batch : batch + below(batchCount - batch)]!.push({ entry: raw, caseNumber });
      }
    }
    if (chance(0.2)) {
      const { values } = newEntry({ ...world, rule: { ...rule, deletes: undefined } }, pick(someKeys), 0);
      const entry: Entry = {
        isDelete: false,
        values: {
          ...values,
          ...(chance(0.2) ? { newest: null } : {}),
          ...(chance(0.1) ? { case_key: null } : {}),
        },
      };
      stored.push({ entry, caseNumber });
      if (chance(0.2)) stored.push({ entry, caseNumber });
    }
  }
  for (const [n, entries] of perBatch.entries()) {
    const batch = batches[n]!;
    const filesWith = Array.from({ length: 1 + below(3) }, () => fileColumns(world, n + 1));
    const perFile = filesWith.map((): CaseEntry[] => []);
    for (const one of shuffled(entries)) perFile[below(perFile.length)]!.push(one);
    for (const [i, names] of filesWith.entries()) {
      const inFile = perFile[i]!.map(({ entry, caseNumber }) => ({
        caseNumber,
        entry: cutTo(world, entry, names),
      }));
      const isEmpty = inFile.length === 0;
      if (isEmpty && chance(0.5)) continue;
      // Some columns are written with capitals: names match in any case.
      const header = names.map((name) => (name === 'op' ? 'Op' : name));
      batch.files.push({
        columns: header,
        rows: inFile.map(({ entry }) => names.map((name) => entry.values[name]?.text ?? null)),
      });
      batch.entries.push(...inFile.map((one) => ({ ...one, entry: withoutForeign(world, one.entry) })));
    }
  }
  const title =
    `key (${key.map(({ name, kind }) => `${name} ${kind.type}`).join(', ')}), newest ${newest.kind.type}, ` +
    `${others.length} others, deletes in ${marksIn}, ${batchCount} batches, seed ${seed}`;
  return { title, rule, columns, stored, batches };
}

interface World {
  readonly random: Random;
  readonly keys: readonly GeneratedColumn[];
  readonly caseColumn: GeneratedColumn;
  readonly newest: GeneratedColumn;
  readonly others: readonly GeneratedColumn[];
  readonly op: GeneratedColumn;
  readonly rule: MergeRule;
  readonly marksIn: string;
}

type Values = Record<string, Value | null>;

/** A value, of few: ties are wanted. */
function someValue({ below }: Random, { values }: KindOfValues): Value {
  const rank = below(values.length);
  const value = values[rank]!;
  return typeof value === 'string'
    ? { text: value, shown: value, rank }
    : { text: value[0], shown: value[1], rank };
}

function newKey({ random, keys, caseColumn }: World, caseNumber: number): Values {
  const values: Values = Object.fromEntries(keys.map(({ name, kind }) => [name, someValue(random, kind)]));
  const isText = caseColumn.kind.type.startsWith('VARCHAR');
  const text = `${caseNumber}${isText ? `:${someValue(random, TEXT).text}` : ''}`;
  return { ...values, [caseColumn.name]: { text, shown: text, rank: 0 } };
}

function newEntry({ random, newest, others, op, rule, marksIn }: World, key: Values, batch: number): Entry {
  const { chance } = random;
  const values: Values = { ...key };
  for (const name of Object.keys(key)) if (chance(0.02)) values[name] = null;
  values[newest.name] = chance(0.04) ? null : someValue(random, newest.kind);
  for (const { name, kind, from } of others)
    if (from <= batch) values[name] = chance(0.25) ? null : someValue(random, kind);
  if (marksIn !== 'no column') values[op.name] = chance(0.2) ? null : someValue(random, op.kind);
  return { values, isDelete: isMarked(rule, values[op.name]) };
}

const isMarked = ({ deletes }: MergeRule, mark: Value | null | undefined) =>
  mark != null && (deletes?.values.includes(mark.text) ?? false);

/** The columns of a file of this batch, in any order: always the key, mostly the others, and perhaps one that is unknown. */
function fileColumns(
  { random, keys, caseColumn, newest, others, op, marksIn }: World,
  batch: number,
): string[] {
  const { chance, shuffled } = random;
  return shuffled([
    ...[...keys, caseColumn].map(({ name }) => name),
    ...(chance(0.03) ? [] : [newest.name]),
    ...others.filter(({ from }) => from <= batch && chance(0.75)).map(({ name }) => name),
    ...(marksIn !== 'no column' && chance(0.8) ? [op.name] : []),
    ...(chance(0.2) ? ['Unknown Column'] : []),
  ]);
}

/** What is left of an entry in a file that has only these columns. */
function cutTo({ rule, op }: World, { values }: Entry, names: readonly string[]): Entry {
  const kept: Values = Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  return { values: kept, isDelete: isMarked(rule, kept[op.name]) };
}

/** The target has no other columns than its own. */
function withoutForeign({ op, marksIn }: World, { values, isDelete }: Entry): Entry {
  const kept = Object.entries(values).filter(
    ([name]) => name !== op.name || marksIn === 'a column of the table',
  );
  return { values: Object.fromEntries(kept), isDelete };
}
