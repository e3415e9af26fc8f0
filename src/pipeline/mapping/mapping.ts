import { z } from 'zod';
import { typeFromSql } from '../columns/type-text.ts';
import {
  attributePath,
  entityPath,
  entryPath,
  isRoot,
  memberPath,
  type Path,
  ROOT,
  stepsOf,
  withoutAspect,
} from '../item/path.ts';
import { MAX_NAME_BYTES } from '../sql/identifier.ts';
import { EntityRoute } from './entity-route.ts';

/**
 * What a pipeline says about single paths and tables, instead of what Tributary would decide. Paths are written
 * as everywhere: `address.city`, `prizes[].name`; see path.ts for names with dots and the like.
 */

/** A path as it is written in one way only: what `attributePath` and `memberPath` would make of its steps. */
const PathText = z.string().refine((text) => canonical(text) === text, {
  error:
    'a path such as address.city or prizes[].name; in an attribute’s name write %2E for a dot, %5B for [ and %25 for %',
});

const ColumnPath = PathText.refine((text) => !isRoot(text), {
  error: 'the path of an attribute, not of the whole item',
});
const TablePath = PathText.refine((text) => text === ROOT || text.endsWith(']'), {
  error:
    'the path of a list or set with [] after it, e.g. prizes[], of a map of rows with [key], or "" for the table of the items themselves',
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

/** Also a step of paths, `[orders].lines[]`, so without characters that paths escape. */
const EntityName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_]{0,62}$/,
    'lower-case letters, digits and _, at most 63, not beginning with a digit',
  );

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
  asRows: z
    .boolean()
    .optional()
    .describe('true makes a row of each entry of a map, in a child table with the entry’s name in _key.'),
  split: z
    .boolean()
    .optional()
    .describe('true gives each kind of value a column of its own: __s, __n, __b and __bool.'),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

const TableMapping = z.strictObject({
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
type TableMapping = z.infer<typeof TableMapping>;

export const Mapping = z.strictObject({
  columns: z
    .record(ColumnPath, ColumnMapping.describe('What is said of one attribute.'))
    .default({})
    .describe('Single attributes, by path.'),
  tables: z
    .record(TablePath, TableMapping.describe('What is said of one table.'))
    .default({})
    .describe('Single tables, by path; "" is the items’ own.'),
  maxDepth: z
    .number()
    .int()
    .min(1)
    .max(32)
    .default(8)
    .describe('Maps and lists at this depth are kept whole, in a SUPER column; an attribute is at depth 1.'),
  entities: z
    .record(EntityName, EntityRoute)
    .default({})
    .describe(
      'Tables of their own for the items of single entities, by the table’s name. An item belongs to the first ' +
        'whose conditions it meets; items of none stay together in the table of the DynamoDB table’s name.',
    ),
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
  const columnPaths = new Set(
    tables.flatMap(({ columns }) => columns.flatMap(({ path }) => [path, withoutAspect(path)])),
  );
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

/** Nothing said: what Tributary does of itself. */
export const NO_MAPPING: Mapping = Mapping.parse({});

/** The root tables that items can go to: the catch-all first, then the entities' in their order. */
export function rootTables({ entities }: Pick<Mapping, 'entities'>): Path[] {
  return [ROOT, ...Object.keys(entities).map(entityPath)];
}

function canonical(text: string): Path {
  let path: Path = ROOT;
  for (const step of stepsOf(text)) {
    if (step === 'member') path = memberPath(path);
    else if (step === 'entry') path = entryPath(path);
    else if ('entity' in step) path = entityPath(step.entity);
    else if ('name' in step) path = attributePath(path, step.name);
    else return 'an aspect is no attribute';
  }
  return path;
}
