import type { Key } from '../../../src/pipeline/item/key.ts';
import { numberText } from '../../../src/pipeline/item/number.ts';
import type { Path } from '../../../src/pipeline/item/path.ts';
import { Manifest, type ManifestColumn, type ManifestTable } from '../../../src/pipeline/run/manifest.ts';
import { manifestKey } from '../../../src/pipeline/run/run-directory.ts';
import type { Plain } from '../../unit/pipeline/mapping/plain.ts';
import { itemsOf, type Row } from '../../unit/pipeline/mapping/reassemble.ts';
import type { Harness, TestPipeline } from './harness.ts';

/** Where items can be read. */
export type Stored = Pick<Harness, 'sql' | 'store'>;

/** The Data API returns rows of at most 64 KB: longer cells are read in pieces of this many characters or bytes. */
const PIECE = 10_000;
const COLUMNS_AT_ONCE = 100;
/** Columns that can hold more are read in pieces. */
const SHORT_BYTES = 512;

export async function readManifest(harness: Stored, of: TestPipeline, run: string): Promise<Manifest> {
  const { prefix } = of.definition.staging;
  const object = await harness.store.get(manifestKey({ prefix, pipeline: of.pipeline, run }));
  return Manifest.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
}

/** The items, reassembled from the live tables; the manifest only says what each column is. */
export async function itemsInWarehouse(
  harness: Stored,
  schema: string,
  manifest: Manifest,
  key: Key,
): Promise<Map<string, Plain>> {
  const tables = new Map<Path, Row[]>();
  for (const table of manifest.tables) tables.set(table.path, await rowsOf(harness, schema, table));
  return itemsOf(tables, key);
}

async function rowsOf(harness: Stored, schema: string, table: ManifestTable): Promise<Row[]> {
  const leading = table.columns.filter(({ role }) => role !== 'value');
  const values = table.columns.filter(({ role }) => role === 'value');
  const from = `FROM "${schema}"."${table.name}"`;
  const leadingSql = leading.map(({ name }) => quoted(name)).join(', ');
  type OpenRow = { key: string[]; positions: string[]; cells: Row['cells'][number][] };
  const rows = new Map<string, OpenRow>();
  const rowOf = (answer: Record<string, unknown>): OpenRow => {
    const texts = leading.map((column) => cellText(column, answer[column.name]) as string);
    const id = JSON.stringify(texts);
    const known = rows.get(id) ?? {
      key: texts.filter((_, i) => leading[i]?.role === 'key'),
      positions: texts.filter((_, i) => leading[i]?.role === 'position'),
      cells: [],
    };
    rows.set(id, known);
    return known;
  };
  const addCell = (row: OpenRow, { path, form }: ManifestColumn, text: string | null) => {
    if (text !== null) row.cells.push({ path, form: form ?? 'scalar', text });
  };

  for (const answer of await harness.sql(`SELECT ${leadingSql} ${from}`)) rowOf(answer);
  if (rows.size !== table.rows)
    throw new Error(`${table.name}: ${rows.size} different keys, not ${table.rows}`);
  const short = values.filter((column) => !isLong(column));
  for (let at = 0; at < short.length; at += COLUMNS_AT_ONCE) {
    const some = short.slice(at, at + COLUMNS_AT_ONCE);
    const columns = some.map(({ name }) => quoted(name)).join(', ');
    for (const answer of await harness.sql(`SELECT ${leadingSql}, ${columns} ${from}`)) {
      const row = rowOf(answer);
      for (const column of some) addCell(row, column, cellText(column, answer[column.name]));
    }
  }
  for (const column of values.filter(isLong)) {
    const name = quoted(column.name);
    const pieces = new Map<OpenRow, string>();
    for (let at = 1, more = true; more; at += PIECE) {
      const whole = column.type.type === 'SUPER' ? `json_serialize(${name})` : name;
      const piece = `substring(${whole}, ${at}, ${PIECE})`;
      const answers = await harness.sql(
        `SELECT ${leadingSql}, ${piece} AS "piece" ${from} WHERE ${name} IS NOT NULL`,
      );
      more = false;
      for (const answer of answers) {
        const row = rowOf(answer);
        const text = String(answer.piece);
        pieces.set(row, (pieces.get(row) ?? '') + text);
        more ||= text !== '';
      }
    }
    for (const [row, text] of pieces) addCell(row, column, text);
  }
  return [...rows.values()];
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

const isLong = ({ type }: ManifestColumn) =>
  type.type === 'SUPER' || ('bytes' in type && type.bytes > SHORT_BYTES);

/** The text of a cell as it was in the part file. */
function cellText({ type }: ManifestColumn, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value as string | number | boolean);
  if (type.type === 'DECIMAL') return numberText(text).text;
  return type.type === 'TIMESTAMPTZ' ? text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z') : text;
}
