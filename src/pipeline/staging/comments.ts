import { joinOf } from '../columns/join.ts';
import { originText, withLevels } from '../columns/origin.ts';
import { type Descriptions, descriptionAt } from '../definition/descriptions.ts';
import { isRoot, listOf, type Path, ROOT, withoutAspect } from '../item/path.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { valueFacts } from '../mapping/suggest/value-facts.ts';
import type { Manifest, ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteComment, quoteIdentifier } from '../sql/identifier.ts';
import { EXTRACTED_AT_COLUMN, RUN_COLUMN } from '../sql/run-columns.ts';
import {
  LEDGER_TABLE,
  MARKER_TABLE,
  POSITIONS_TABLE,
  SET_ASIDE_TABLE,
  STATE_TABLE,
} from '../sql/system-tables.ts';

/** What the comments of a staging schema are made from. */
export interface Commented {
  readonly pipeline: string;
  readonly run: string;
  /** The DynamoDB table. */
  readonly source: string;
  readonly extractedFrom: string;
  readonly key: Manifest['key'];
  readonly descriptions: Descriptions | undefined;
  readonly mapping: Mapping;
  readonly detail: 'all' | 'tables' | 'none';
  /** It has the tables for that. */
  readonly followsChanges?: boolean;
}

/**
 * The end of every comment that Tributary writes. The swap carries over the comments that end otherwise: a user wrote
 * them, and they take precedence.
 */
export const OUR_COMMENT = ' [tributary]';

/** Paths may be as long as an item is. */
const MOST_CHARACTERS = 400;

/**
 * COMMENT ON SCHEMA, which works in Redshift although its documentation does not list it. So it is a transaction of its
 * own, and a failure is ignored.
 */
export function schemaComment(schema: string, about: Commented): string[] {
  if (about.detail === 'none') return [];
  const { pipeline, run, source, extractedFrom, descriptions } = about;
  const origin = `Copy of DynamoDB table ${source} by pipeline ${pipeline}, run ${run}, read from ${extractedFrom}`;
  return [
    `COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${commentText(descriptions?.schema, `${origin}.`)}`,
  ];
}

/** The comments on Tributary's own tables. */
export function systemComments(schema: string, { detail, followsChanges = false }: Commented): string[] {
  if (detail === 'none') return [];
  const texts = {
    [MARKER_TABLE]: 'where this schema comes from',
    [LEDGER_TABLE]: 'the files loaded into it',
    ...(followsChanges && {
      [POSITIONS_TABLE]: 'how far each shard of the change log is applied',
      [SET_ASIDE_TABLE]: 'keys whose newest item cannot be written exactly',
      [STATE_TABLE]: 'how far this schema has come',
    }),
  };
  return Object.entries(texts).map(
    ([table, what]) =>
      `COMMENT ON TABLE ${qualified(schema, table)} IS ${commentText(undefined, `Tributary’s own: ${what}.`)}`,
  );
}

/** A table with comments. Without counts, it is one that changes have added, or that they have added columns to. */
interface CommentedTable extends Pick<ManifestTable, 'path' | 'name'> {
  readonly rows?: number;
  readonly columns: readonly CommentedColumn[];
}

type CommentedColumn = Pick<ManifestColumn, 'name' | 'role' | 'path' | 'form'> &
  Partial<Pick<ManifestColumn, 'values' | 'kinds'>>;

/** The comments on a table and its columns, one statement each. */
export function tableComments(
  schema: string,
  table: CommentedTable,
  tables: readonly Pick<ManifestTable, 'path' | 'name'>[],
  about: Omit<Commented, 'pipeline' | 'run' | 'extractedFrom'>,
  runColumns: readonly string[],
): string[] {
  const { detail, descriptions } = about;
  if (detail === 'none') return [];
  const target = qualified(schema, table.name);
  const described = descriptionAt(descriptions?.tables, table.path);
  const onTable = `COMMENT ON TABLE ${target} IS ${commentText(described, rowsText(table, tables, about))}`;
  if (detail === 'tables') return [onTable];
  return [
    onTable,
    ...columnComments(schema, table, about),
    ...runColumns.map((name) =>
      commentOnColumn(target, name, commentText(undefined, RUN_COLUMN_TEXTS[name] ?? '')),
    ),
  ];
}

/** The comments on a table's columns. @param only of the column with this name */
export function columnComments(
  schema: string,
  table: CommentedTable,
  { detail, descriptions, mapping }: Pick<Commented, 'detail' | 'descriptions' | 'mapping'>,
  only?: string,
): string[] {
  if (detail !== 'all') return [];
  const target = qualified(schema, table.name);
  const factsOf = valueFacts(mapping);
  return withLevels(table.columns).flatMap(({ column, level }) => {
    if (only !== undefined && column.name !== only) return [];
    const description =
      column.role === 'position'
        ? undefined
        : descriptionAt(descriptions?.columns, withoutAspect(column.path));
    const { path, form, role } = column;
    const facts = role === 'value' && form !== undefined ? factsOf({ path, form }) : [];
    const text = commentText(description, columnText(table, column, level, facts));
    return [commentOnColumn(target, column.name, text)];
  });
}

const commentOnColumn = (target: string, name: string, text: string) =>
  `COMMENT ON COLUMN ${target}.${quoteIdentifier(name)} IS ${text}`;

export const RUN_COLUMN_TEXTS: Readonly<Record<string, string>> = {
  [RUN_COLUMN]: 'The run that copied the row.',
  [EXTRACTED_AT_COLUMN]: 'When that run started to read: the row is not older.',
};

/** A count would be wrong soon. */
const ADDED = 'added by changes';

/** What a row is, how many there are, and how to join it. */
function rowsText(
  table: CommentedTable,
  tables: readonly Pick<ManifestTable, 'path' | 'name'>[],
  { source, key }: Pick<Commented, 'source' | 'key'>,
): string {
  const keyNames = table.columns.flatMap(({ role, name }) => (role === 'key' ? [name] : []));
  const join = joinOf(table.path, tables, keyNames.slice(0, key.length));
  const rows = table.rows === undefined ? ADDED : `${table.rows} ${table.rows === 1 ? 'row' : 'rows'}`;
  const joined = join === undefined ? '' : ` Join ${join.table} on ${join.on.join(', ')}.`;
  return `DynamoDB ${source}: ${rowOf(table.path)}, ${rows}.${joined}`;
}

/** `one row per item`, `one row per member of prizes`. */
export function rowOf(table: Path): string {
  if (table === ROOT) return 'one row per item';
  if (isRoot(table)) return `one row per item of entity ${table.slice(1, -1)}`;
  return `one row per ${table.endsWith('[key]') ? 'entry' : 'member'} of ${listOf(table)}`;
}

function columnText(
  table: CommentedTable,
  column: CommentedColumn,
  level: number,
  facts: readonly string[],
): string {
  const origin = shortened(originText(table.path, column, level));
  if (column.role === 'position') return `DynamoDB ${origin}.`;
  const kinds = column.kinds === undefined ? '' : ` (${column.kinds.join(', ')})`;
  const share =
    column.values === undefined || table.rows === undefined ? ADDED : shareText(column.values, table.rows);
  return `DynamoDB ${[`${origin}${kinds}`, ...facts, share].join(', ')}.`;
}

/** `in all rows`, `in 41.3% of rows`: 0% and 100% only if they are exact. */
export function shareText(values: number, rows: number): string {
  if (values === 0) return 'in no row';
  if (values >= rows) return 'in all rows';
  return `in ${Math.min(99.9, Math.max(0.1, (values / rows) * 100)).toFixed(1)}% of rows`;
}

const shortened = (text: string) =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).toWellFormed()}…`;

function commentText(description: string | undefined, origin: string): string {
  const sentence = description === undefined || /[.!?…]$/.test(description) ? description : `${description}.`;
  return quoteComment([...(sentence === undefined ? [] : [sentence]), origin].join(' ') + OUR_COMMENT);
}
