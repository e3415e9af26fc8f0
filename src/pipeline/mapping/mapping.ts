import { z } from 'zod';
import { typeFromSql } from '../columns/type-text.ts';
import { EPOCH_UNITS } from '../item/epoch.ts';
import {
  attributePath,
  depthOf,
  entityPath,
  entryPath,
  isAtOrBelow,
  isRoot,
  memberPath,
  type Path,
  ROOT,
  stepsOf,
  withoutAspect,
} from '../item/path.ts';
import { MAX_NAME_BYTES } from '../sql/identifier.ts';
import { FIRST_NAMING, Naming } from '../sql/naming.ts';
import { EntityRoute } from './entity-route.ts';
import { pathHint } from './path-hint.ts';
import { FilterCondition } from './row-filter.ts';

/**
 * A pipeline's settings for single paths and tables, which override what Tributary would decide. Paths have their usual
 * form: `address.city`, `prizes[].name`. See path.ts for names with dots and other special characters.
 */

/** A path in its only canonical form: as `attributePath` and `memberPath` would build it from its steps. */
const PathText = z.string().refine((text) => canonical(text) === text, {
  error:
    'a path such as address.city or prizes[].name; in an attribute’s name, write %2E for a dot, %5B for [ and %25 for %, and %5F_proto__ for __proto__',
});

export const ColumnPath = PathText.refine((text) => !isRoot(text), {
  error: 'the path of an attribute, not of the whole item',
});
export const TablePath = PathText.refine((text) => text === ROOT || text.endsWith(']'), {
  error:
    'the path of a list or set followed by [], e.g. prizes[], of a map with asRows followed by [key], or "" for the root table',
});

/** A path, or a root: "" for the items of no entity, or [orders] for those of an entity. */
const IncludedPath = PathText;

export const SqlName = z
  .string()
  .regex(
    /^[\p{Ll}\p{Lo}\p{Lm}_][\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}_]*$/u,
    'lower-case letters, digits and _, without a leading digit',
  )
  .refine((name) => Buffer.byteLength(name, 'utf8') <= MAX_NAME_BYTES, {
    error: `at most ${MAX_NAME_BYTES} bytes`,
  });

const TypeText = z.string().refine((text) => typeFromSql(text) !== undefined, {
  error:
    'BOOLEAN, BIGINT, DECIMAL(precision,scale) up to 38, VARCHAR(bytes) up to 65535, VARBYTE(bytes) up to ' +
    '16777216, DATE or TIMESTAMPTZ',
});

/** The name of an entity. It is also a step in paths, as in `[orders].lines[]`, so it has no characters to escape. */
const EntityName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'at most 63 lower-case letters, digits and _, without a leading digit');

export const ColumnMapping = z.strictObject({
  name: SqlName.optional().describe('The name of the column; default: derived from its path, once.'),
  type: TypeText.optional().describe(
    'The type of the column. If a run reads a value that the type cannot hold exactly, it stops before it writes to ' +
      'the warehouse.',
  ),
  timestamp: z.boolean().optional().describe('false keeps text that looks like a date or time as text.'),
  epoch: z
    .enum(EPOCH_UNITS)
    .optional()
    .describe(
      'What the numbers count since 1970, so that they become times: s, ms or us. A number that is no exact time goes to a separate column, __n.',
    ),
  emptyAsNull: z.boolean().optional().describe('The pipeline’s emptyAsNull, for this column alone.'),
  hash: z
    .boolean()
    .optional()
    .describe(
      'true replaces each value at the path and below it by its keyed hash (HMAC-SHA-256, in hexadecimal). The key is the worker’s TRIBUTARY_HASH_KEY.',
    ),
  mask: z.boolean().optional().describe('true replaces each value at the path and below it by ***.'),
  ignore: z.boolean().optional().describe('true omits the attribute and everything below it.'),
  asSuper: z
    .boolean()
    .optional()
    .describe('true keeps a map or list whole, in one SUPER column, instead of separate columns or a table.'),
  asRows: z
    .boolean()
    .optional()
    .describe('true turns each entry of a map into a row of a child table, with the entry’s name in _key.'),
  split: z
    .boolean()
    .optional()
    .describe('true gives each kind of value a separate column: __s, __n, __b and __bool.'),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

const TableMapping = z.strictObject({
  name: SqlName.optional().describe('The name of the table; default: derived from its path, once.'),
  distKey: ColumnPath.optional().describe('The path of the column that distributes the rows; default: AUTO.'),
  sortKey: z
    .array(ColumnPath)
    .min(1)
    .max(400)
    .optional()
    .describe('The paths of the columns that sort the rows, in order; default: AUTO.'),
});
type TableMapping = z.infer<typeof TableMapping>;

export const Mapping = z.strictObject({
  naming: Naming.optional().describe(
    'How names are derived from attributes: snake_case (createdAt becomes created_at) or lower (createdat). It applies ' +
      'to new tables and columns; agreed names stay. Default: the naming that the agreed schema began with; ' +
      'snake_case for a new pipeline.',
  ),
  columns: z
    .record(ColumnPath, ColumnMapping.describe('Settings for one attribute.'))
    .default({})
    .describe('Settings for single attributes, by path.'),
  tables: z
    .record(TablePath, TableMapping.describe('Settings for one table.'))
    .default({})
    .describe('Settings for single tables, by path; "" is the root table.'),
  include: z
    .array(IncludedPath)
    .min(1)
    .optional()
    .describe(
      'The only paths to read, each with everything below it; "" or [orders] is a whole root table. The key, and the attributes by which items are routed, are always read. Default: everything.',
    ),
  exclude: z
    .array(ColumnPath)
    .min(1)
    .optional()
    .describe('Paths to leave out, each with everything below it: the same as `ignore: true` for each.'),
  emptyAsNull: z.boolean().optional().describe('true writes empty strings as NULL. Default: false.'),
  where: z
    .array(FilterCondition)
    .min(1)
    .optional()
    .describe(
      'The items to copy: those that meet every condition. The others are read and counted, but not copied. Default: all.',
    ),
  maxDepth: z
    .number()
    .int()
    .min(1)
    .max(32)
    .default(8)
    .describe('Maps and lists at this depth are kept whole, in a SUPER column. An attribute is at depth 1.'),
  maxTables: z
    .number()
    .int()
    .positive()
    .default(500)
    .describe(
      'The most tables. A run that would create more stops before it creates any: a map is probably used as a ' +
        'dictionary. Tables that exist are always allowed.',
    ),
  entities: z
    .record(EntityName, EntityRoute)
    .default({})
    .describe(
      'Entities whose items get separate tables, by the table’s name. An item belongs to the first entity whose ' +
        'conditions it meets. Items of no entity go into the table named after the DynamoDB table.',
    ),
});
export type Mapping = z.infer<typeof Mapping>;

/** What of a mapping decides what an item becomes. Names and types do not. */
export type ItemMapping = Pick<
  Mapping,
  'columns' | 'maxDepth' | 'entities' | 'include' | 'exclude' | 'emptyAsNull' | 'where'
>;

/** The naming of a planned run or inference: its plan has settled it. */
export const namingOf = ({ naming = FIRST_NAMING }: Pick<Mapping, 'naming'>): Naming => naming;

/** The settings for a path; undefined if there are none, even for a path such as `constructor`. */
export function columnMapping(mapping: Mapping, path: Path): ColumnMapping | undefined {
  return Object.hasOwn(mapping.columns, path) ? mapping.columns[path] : undefined;
}

/** The settings for a table; undefined if there are none. */
export function tableMapping(mapping: Mapping, table: Path): TableMapping | undefined {
  return Object.hasOwn(mapping.tables, table) ? mapping.tables[table] : undefined;
}

/** What of an agreed schema tells which paths items had. */
export interface MappedSchema {
  readonly key: readonly { readonly path: Path }[];
  readonly tables: readonly { readonly path: Path; readonly columns: readonly { readonly path: Path }[] }[];
}

/** The paths that a schema has. */
function pathsIn({ key, tables }: MappedSchema) {
  const keyPaths = new Set(key.map(({ path }) => path));
  const tablePaths = new Set(tables.map(({ path }) => path));
  const columnPaths = new Set(
    tables.flatMap(({ columns }) => columns.flatMap(({ path }) => [path, withoutAspect(path)])),
  );
  const all = [...new Set([...keyPaths, ...tablePaths, ...columnPaths])].filter((path) => !isRoot(path));
  const isSeen = (path: Path) => isRoot(path) || all.some((seen) => isAtOrBelow(seen, path));
  return { keyPaths, tablePaths, columnPaths, all, isSeen };
}

/** Whether a schema has a value at the path or below it. */
export const schemaHas = (schema: MappedSchema, path: Path): boolean => pathsIn(schema).isSeen(path);

/**
 * Messages about settings without effect, which are mostly typos. Ignored paths are exempt, because runs never see them:
 * see unmatched.ts.
 * @param guesses what was meant by a path, if more is known than the schema: see `pathHint`
 */
export function unusedMappings(
  mapping: Mapping,
  schema: MappedSchema,
  guesses: ReadonlyMap<Path, string> = new Map(),
): string[] {
  const { keyPaths, tablePaths, columnPaths, all, isSeen } = pathsIn(schema);
  const never = (path: Path) => `, which no run ever saw${guesses.get(path) || pathHint(path, all)}`;
  const isHidden = (path: Path, { hash, mask }: ColumnMapping) =>
    (hash || mask) && (isSeen(path) || isInWhole(mapping, path));
  const columns = Object.entries(mapping.columns).flatMap(([path, column]) =>
    keyPaths.has(path)
      ? [`mapping.columns has settings for ${path}, which have no effect: it belongs to the key`]
      : columnPaths.has(path) || column.ignore || isHidden(path, column)
        ? []
        : [`mapping.columns has settings for ${path}${never(path)}`],
  );
  return [
    ...columns,
    ...(mapping.include ?? [])
      .filter((path) => !keyPaths.has(path) && !isSeen(path))
      .map((path) => `mapping.include has ${path}${never(path)}`),
    ...Object.keys(mapping.tables)
      .filter((path) => !tablePaths.has(path))
      .map((path) => `mapping.tables has settings for ${path}${never(path)}`),
  ];
}

/** Whether values at the path are in one that is kept whole, so that they never have a column. */
function isInWhole({ columns, maxDepth }: Mapping, path: Path): boolean {
  const isWhole = (above: Path) =>
    columns[above]?.asSuper === true && above !== path && isAtOrBelow(path, above);
  return depthOf(path) > maxDepth || Object.keys(columns).some(isWhole);
}

/** No settings: Tributary's defaults. */
export const NO_MAPPING: Mapping = Mapping.parse({});

/** The root tables that items can go to: the catch-all, then the entities' tables in order. */
export function rootTables({ entities }: Pick<Mapping, 'entities'>): Path[] {
  return [ROOT, ...Object.keys(entities).map(entityPath)];
}

/** The types that the mapping sets, by path. */
export function typesIn({ columns }: Pick<Mapping, 'columns'>): Record<Path, string> {
  return Object.fromEntries(
    Object.entries(columns)
      .flatMap(([path, { type }]) => (type === undefined ? [] : [[path, type] as const]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The mapping with these types, and no others. Types do not change what is in part files. */
export function withTypes(mapping: Mapping, types: Readonly<Record<Path, string>>): Mapping {
  const columns: Mapping['columns'] = {};
  for (const path of new Set([...Object.keys(mapping.columns), ...Object.keys(types)])) {
    const column = { ...mapping.columns[path] };
    delete column.type;
    const type = Object.hasOwn(types, path) ? types[path] : undefined;
    columns[path] = { ...column, ...(type === undefined ? {} : { type }) };
  }
  return { ...mapping, columns };
}

/** The paths whose values the mapping puts into columns or rows of another form. */
export function mappedPaths({ columns }: Pick<Mapping, 'columns'>): ReadonlySet<Path> {
  const isMapped = ({ asRows, asSuper, split, epoch }: ColumnMapping) =>
    asRows || asSuper || split || epoch !== undefined;
  return new Set(Object.keys(columns).filter((path) => isMapped(columns[path] as ColumnMapping)));
}

function canonical(text: string): Path {
  let path: Path = ROOT;
  for (const step of stepsOf(text)) {
    if (step === 'member') path = memberPath(path);
    else if (step === 'entry') path = entryPath(path);
    else if ('entity' in step) path = entityPath(step.entity);
    else if ('name' in step) path = attributePath(path, step.name);
    else return 'an aspect is not an attribute';
  }
  return path;
}
