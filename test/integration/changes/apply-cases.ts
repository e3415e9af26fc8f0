import type { RedshiftType } from '../../../src/pipeline/columns/redshift-type.ts';
import type { AttributeValue } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import type { randomFrom } from '../loader/merge-cases.ts';
import { type AppliedKey, bigint, type TestTable, text } from './applied-schema.ts';

type Random = ReturnType<typeof randomFrom>;

/** A key attribute's value: as DynamoDB sends it, and as a column holds it. */
interface KeyValue {
  readonly sent: AttributeValue;
  readonly held: string;
}

interface KindOfKey {
  readonly kind: 'S' | 'N' | 'B';
  readonly type: RedshiftType;
  readonly values: readonly KeyValue[];
}

const S = (s: string): KeyValue => ({ sent: { S: s }, held: s });
const N = (n: string, held = n): KeyValue => ({ sent: { N: n }, held });
const B = (hex: string): KeyValue => ({ sent: { B: Buffer.from(hex, 'hex').toString('base64') }, held: hex });

/** Values that Redshift could take for each other, and others. */
const KINDS: readonly KindOfKey[] = [
  {
    kind: 'S',
    type: text(16),
    values: ['a', 'a ', 'a  ', ' a', 'A', 'é', '"', "'", '\\', 'a,b', 'a\nb'].map(S),
  },
  { kind: 'N', type: bigint, values: ['0', '1', '-1', '9223372036854775807'].map((n) => N(n)) },
  {
    kind: 'N',
    type: { type: 'DECIMAL', precision: 38, scale: 4 },
    values: [N('0', '0.0000'), N('1.50', '1.5000'), N('1E2', '100.0000'), N('-0.0001', '-0.0001')],
  },
  { kind: 'N', type: text(64), values: [N('0'), N('1.50', '1.5'), N('1E+125'), N('-1E-130')] },
  { kind: 'B', type: { type: 'VARBYTE', bytes: 16 }, values: ['00', '0000', '61', '6120', '2061'].map(B) },
];

/** What one apply does. */
interface GeneratedApply {
  readonly keys: readonly AppliedKey[];
  /** Expected afterwards: the rows of each table, as texts in the order of its columns. */
  readonly tables: Readonly<Record<string, readonly (readonly (string | null)[])[]>>;
  /** Expected afterwards: how many keys are set aside. */
  readonly setAside: number;
}

export interface GeneratedApplies {
  readonly title: string;
  readonly key: Key;
  readonly tables: readonly TestTable[];
  readonly applies: readonly GeneratedApply[];
}

/** The model: what each key has, by its values. */
type Model = Map<string, Pick<AppliedKey, 'rows' | 'setAside'>>;

/** Random applies to random tables, each with the tables that a map holds afterwards. */
export function generateApplies(random: Random, seed: number, count: number): GeneratedApplies {
  const { below, pick, chance } = random;
  const kinds = Array.from({ length: 1 + below(2) }, () => pick(KINDS));
  const keyColumns = kinds.map(({ type }, i) => [`key_${i}`, type] as const);
  const key: Key = kinds.map(({ kind }, i) => ({ name: `attribute ${i}`, kind }));
  const roots = Array.from(
    { length: 1 + below(2) },
    (_, i): TestTable => ({ name: `root_${i}`, columns: [...keyColumns, ['v', text()]] }),
  );
  const children = Array.from(
    { length: below(4) },
    (_, i): TestTable => ({
      name: `root_0__list_${i}`,
      columns: [...keyColumns, ['_pos', { type: 'INTEGER' }], ['v', text()]],
    }),
  );
  const tables = [...roots, ...children];
  const model: Model = new Map();
  const applies = Array.from({ length: count }, (_, checkpoint): GeneratedApply => {
    const applied = new Map<string, AppliedKey>();
    for (let n = chance(0.05) ? 0 : 1 + below(12); n > 0; n--) {
      const values = kinds.map((each) => pick(each.values));
      const held = values.map((value) => value.held);
      const item = Object.fromEntries(values.map(({ sent }, i) => [key[i]!.name, sent]));
      const some = chance(0.1)
        ? { setAside: { epoch: 'e', shard: 's', checkpoint, reason: 'unfit' } }
        : chance(0.25)
          ? {}
          : { rows: rowsOf(random, held, pick(roots), children) };
      // A later change of the same batch takes the place of an earlier one, such as a recreation that of a delete.
      applied.set(JSON.stringify(held), { key: item, ...some });
    }
    for (const [id, { rows, setAside }] of applied)
      model.set(id, { ...(rows && { rows }), ...(setAside && { setAside }) });
    const all = [...model.values()];
    return {
      keys: [...applied.values()],
      tables: Object.fromEntries(
        tables.map(({ name }) => [name, all.flatMap(({ rows }) => rows?.[name] ?? [])]),
      ),
      setAside: all.filter(({ setAside }) => setAside !== undefined).length,
    };
  });
  const title = `key (${kinds.map(({ type }) => type.type).join(', ')}), ${roots.length} roots, ${children.length} lists, seed ${seed}`;
  return { title, key, tables, applies };
}

function rowsOf(
  { below, pick, chance }: Random,
  held: readonly string[],
  root: TestTable,
  children: readonly TestTable[],
): NonNullable<AppliedKey['rows']> {
  const value = () => (chance(0.2) ? null : pick(['', 'x', 'x ', 'é"\n']));
  const lists = children.map(({ name }) => [
    name,
    Array.from({ length: below(4) }, (_, i) => [...held, String(i), value()]),
  ]);
  return { [root.name]: [[...held, value()]], ...(root.name === 'root_0' ? Object.fromEntries(lists) : {}) };
}
