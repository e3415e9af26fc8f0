import { z } from 'zod';
import { MAX_NAME_BYTES } from './identifier.ts';
import { attributePath, memberPath, type Path, ROOT, stepsOf } from './path.ts';
import { typeFromSql } from './type-text.ts';

/**
 * What a pipeline says about single paths and tables, instead of what Tributary would decide. Paths are written
 * as everywhere: `address.city`, `prizes[].name`; see path.ts for names with dots and the like.
 */

/** A path as it is written in one way only: what `attributePath` and `memberPath` would make of its steps. */
const PathText = z.string().refine((text) => canonical(text) === text, {
  error:
    'a path such as address.city or prizes[].name; in an attribute’s name write %2E for a dot, %5B for [ and %25 for %',
});

const ColumnPath = PathText.refine((text) => text !== ROOT, {
  error: 'the path of an attribute, not of the whole item',
});
const TablePath = PathText.refine((text) => text === ROOT || text.endsWith('[]'), {
  error:
    'the path of a list or set with [] after it, e.g. prizes[], or "" for the table of the items themselves',
});

const SqlName = z
  .string()
  .regex(
    /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}\p{Nd}_]*$/u,
    'lower-case letters, digits and _, not beginning with a digit',
  )
  .refine((name) => Buffer.byteLength(name, 'utf8') <= MAX_NAME_BYTES, {
    error: `at most ${MAX_NAME_BYTES} bytes`,
  });

const TypeText = z.string().refine((text) => typeFromSql(text) !== undefined, {
  error:
    'BOOLEAN, BIGINT, DECIMAL(precision,scale) up to 38, VARCHAR(bytes) up to 65535, VARBYTE(bytes) up to 16777216, ' +
    'DATE or TIMESTAMPTZ',
});

export const ColumnMapping = z.strictObject({
  name: SqlName.optional().describe('Name of the column, for good: it is given once.'),
  type: TypeText.optional().describe(
    'Type of the column; a run with a value that it cannot hold exactly stops before it writes anything.',
  ),
  timestamp: z.boolean().optional().describe('false keeps text that looks like dates or times as text.'),
  ignore: z.boolean().optional().describe('true leaves out the attribute and everything below it.'),
  asSuper: z
    .boolean()
    .optional()
    .describe(
      'true keeps a map or list whole, in one SUPER column, instead of columns or a table of its own.',
    ),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

export const TableMapping = z.strictObject({
  name: SqlName.optional().describe('Name of the table, for good: it is given once.'),
  distKey: ColumnPath.optional().describe(
    'Path of the column that distributes the rows; AUTO where it is not given.',
  ),
  sortKey: z
    .array(ColumnPath)
    .min(1)
    .max(400)
    .optional()
    .describe('Paths of the columns that sort the rows, the first first; AUTO where it is not given.'),
});
export type TableMapping = z.infer<typeof TableMapping>;

export const Mapping = z.strictObject({
  columns: z
    .record(ColumnPath, ColumnMapping.describe('What is said of one attribute.'))
    .default({})
    .describe('Single attributes, by path.'),
  tables: z
    .record(TablePath, TableMapping.describe('What is said of one table.'))
    .default({})
    .describe('Single tables, by path; "" is the items’ own.'),
});
export type Mapping = z.infer<typeof Mapping>;

/** What is said about a path; undefined where nothing is, whatever the path is called. */
export function columnMapping(mapping: Mapping, path: Path): ColumnMapping | undefined {
  return Object.hasOwn(mapping.columns, path) ? mapping.columns[path] : undefined;
}

export function tableMapping(mapping: Mapping, table: Path): TableMapping | undefined {
  return Object.hasOwn(mapping.tables, table) ? mapping.tables[table] : undefined;
}

interface MappedSchema {
  readonly key: readonly { readonly path: Path }[];
  readonly tables: readonly { readonly path: Path; readonly columns: readonly { readonly path: Path }[] }[];
}

/** What of the mapping has no effect, in sentences: slips of the pen, mostly. Ignored paths show nothing. */
export function unusedMappings(mapping: Mapping, { key, tables }: MappedSchema): string[] {
  const ofKey = new Set(key.map(({ path }) => path));
  const tablePaths = new Set(tables.map(({ path }) => path));
  const columnPaths = new Set(tables.flatMap(({ columns }) => columns.map(({ path }) => path)));
  const columns = Object.entries(mapping.columns).flatMap(([path, { ignore }]) =>
    ofKey.has(path)
      ? [`mapping.columns says something of ${path}, which is of the key and stays as it is`]
      : columnPaths.has(path) || ignore
        ? []
        : [`mapping.columns says something of ${path}, which no run ever saw`],
  );
  return [
    ...columns,
    ...Object.keys(mapping.tables)
      .filter((path) => !tablePaths.has(path))
      .map((path) => `mapping.tables says something of ${path}, which no run ever saw`),
  ];
}

function canonical(text: string): Path {
  let path: Path = ROOT;
  for (const step of stepsOf(text))
    path = step === 'member' ? memberPath(path) : attributePath(path, step.name);
  return path;
}
