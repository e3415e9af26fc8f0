import type { z } from 'zod';
import { entityPath, isAtOrBelow, isRoot, type Path, ROOT } from '../item/path.ts';
import type { Hiding } from './hide/hiding.ts';
import { ColumnMapping, Mapping } from './mapping.ts';
import type { MappingProblem } from './mapping-problems.ts';
import { leftOut } from './selection.ts';

/**
 * A destination's own mapping, and how it is joined with its pipeline's. The pipeline's comes first: the change log holds
 * only what it leaves, and every destination gets its items from there. So a destination may withhold more, and name and
 * shape what it gets in its own way, but never gets what the pipeline ignores, excludes, hashes, masks or filters.
 */

const { columns, tables, maxDepth, maxTables, entities } = Mapping.shape;
const unset = <Inner extends z.ZodType>(setting: z.ZodDefault<Inner>) =>
  setting
    .unwrap()
    .optional()
    .describe(setting.description ?? '');

/** The same settings, without defaults: what is absent is the pipeline's. */
export const DestinationMapping = Mapping.extend({
  columns: unset(columns),
  tables: unset(tables),
  maxDepth: unset(maxDepth),
  maxTables: unset(maxTables),
  entities: unset(entities),
});
export type DestinationMapping = z.infer<typeof DestinationMapping>;

/**
 * What a destination gets: both mappings at once.
 * @param own a mapping for which `destinationMappingProblems` finds nothing
 */
export function joinedMapping(pipeline: Mapping, own: DestinationMapping = {}): Mapping {
  const base = own.entities === undefined ? pipeline : forEntities(pipeline, Object.keys(own.entities));
  const { include, exclude, where, ...shared } = base;
  const { include: ownInclude, exclude: ownExclude, where: ownWhere, ...settings } = own;
  const both = intersection(include, ownInclude);
  return {
    ...shared,
    ...defined(settings),
    columns: joinedColumns(base, own),
    tables: joined(base.tables, own.tables ?? {}),
    ...listed('include', both),
    ...listed('exclude', unique([...(exclude ?? []), ...(ownExclude ?? [])])),
    ...listed('where', [...(where ?? []), ...(ownWhere ?? [])]),
  };
}

/** The most that both include; undefined if neither names anything. */
function intersection(
  a: readonly Path[] | undefined,
  b: readonly Path[] | undefined,
): readonly Path[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const inner = (paths: readonly Path[], others: readonly Path[]) =>
    paths.filter((path) => others.some((other) => isAtOrBelow(path, other)));
  return unique([...inner(a, b), ...inner(b, a)]);
}

function joinedColumns(pipeline: Mapping, own: DestinationMapping): Mapping['columns'] {
  const columns = joined(pipeline.columns, own.columns ?? {});
  for (const [path, before] of Object.entries(pipeline.columns)) {
    if (before.ignore) columns[path] = before;
    else if (before.hash || before.mask) columns[path] = hidden(before, columns[path]!);
    else continue;
    // An empty string that is NULL is not hidden, so for these values only the pipeline decides.
    const { emptyAsNull = own.emptyAsNull === undefined ? undefined : (pipeline.emptyAsNull ?? false) } =
      before;
    if (!before.ignore && emptyAsNull !== undefined) columns[path] = { ...columns[path], emptyAsNull };
  }
  return columns;
}

/** What is hashed or masked is text, whichever of the two hides it. A mask leaves less. */
function hidden(before: ColumnMapping, both: ColumnMapping): ColumnMapping {
  const { hash: _, emptyAsNull: __, ...column } = both;
  return before.mask || column.mask ? { ...column, mask: true } : { ...column, hash: true };
}

/** The settings of each path, key by key. */
function joined<Settings extends object>(
  shared: Readonly<Record<Path, Settings>>,
  own: Readonly<Record<Path, Settings>>,
): Record<Path, Settings> {
  const all: Record<Path, Settings> = { ...shared };
  for (const [path, settings] of Object.entries(own))
    all[path] = { ...(Object.hasOwn(shared, path) ? shared[path] : {}), ...settings };
  return all;
}

/** The pipeline has no entities: what it withholds of every item, it withholds of the items of each of these. */
function forEntities(pipeline: Mapping, names: readonly string[]): Mapping {
  const roots = names.map(entityPath);
  const everywhere = (path: Path) => [path, ...roots.map((root) => below(root, path))];
  const columns: Record<Path, ColumnMapping> = { ...pipeline.columns };
  for (const [path, { ignore, hash, mask }] of Object.entries(pipeline.columns)) {
    const withheld = defined({ ignore, hash, mask });
    if (ignore || hash || mask) for (const root of roots) columns[below(root, path)] = withheld;
  }
  return {
    ...pipeline,
    columns,
    ...listed('include', pipeline.include?.flatMap(everywhere)),
    ...listed('exclude', pipeline.exclude?.flatMap(everywhere)),
  };
}

const below = (root: Path, path: Path): Path => (path === ROOT ? root : `${root}.${path}`);

/** What would bring back something that the pipeline withholds, or could hide it twice. */
export function destinationMappingProblems(pipeline: Mapping, own: DestinationMapping): MappingProblem[] {
  const hidden = Object.keys(pipeline.columns).filter(
    (path) => pipeline.columns[path]?.hash || pipeline.columns[path]?.mask,
  );
  const named = [...leftOut(pipeline), ...hidden, ...(pipeline.include ?? [])].filter(
    (path) => !isRoot(path),
  );
  const base = own.entities === undefined ? pipeline : forEntities(pipeline, Object.keys(own.entities));
  const columnProblems = Object.entries(own.columns ?? {}).flatMap(([path, column]): MappingProblem[] => {
    const problem = (setting: keyof ColumnMapping, message: string) => [
      { at: ['columns', path, setting], message },
    ];
    const before = Object.hasOwn(pipeline.columns, path) ? pipeline.columns[path] : undefined;
    for (const setting of ['ignore', 'hash', 'mask'] as const)
      if (column[setting] === false && before?.[setting])
        return problem(setting, `no ${setting}: false: the pipeline’s own mapping has ${setting}: true`);
    const shaped = SHAPES.find((setting) => column[setting] !== undefined && column[setting] !== false);
    const ignored = ignoredAbove(base, path);
    if (shaped !== undefined && ignored !== undefined)
      return problem(shaped, `no settings for ${path}: the pipeline’s own mapping ignores ${ignored}`);
    const inside = named.find((each) => each !== path && isAtOrBelow(each, path));
    if (column.asRows !== undefined && column.asRows !== (before?.asRows ?? false) && inside !== undefined)
      return problem('asRows', `asRows as the pipeline’s own mapping has it, which withholds by ${inside}`);
    const hiddenBelow = hidden.find((each) => each !== path && isAtOrBelow(each, path));
    return column.hash && hiddenBelow !== undefined
      ? problem('hash', `no hash above ${hiddenBelow}, which the pipeline’s own mapping hides already`)
      : [];
  });
  const hasBoth = Object.keys(pipeline.entities).length > 0 && Object.keys(own.entities ?? {}).length > 0;
  const includesNothing =
    own.include !== undefined && intersection(pipeline.include, own.include)?.length === 0;
  return [
    ...columnProblems,
    ...(hasBoth
      ? [{ at: ['entities'], message: 'entities of the pipeline, or of its destinations, but not of both' }]
      : []),
    ...(includesNothing
      ? [{ at: ['include'], message: 'paths of which the pipeline’s own mapping includes at least one' }]
      : []),
  ];
}

/**
 * The mapping for images of the change log: what the pipeline's mapping has hashed there is not hashed again.
 * @param pipeline the mapping by which the images were written
 * @param joined a destination's, joined with it
 */
export function mappingOfImages(pipeline: Mapping, joined: Mapping): Mapping {
  const { columns: written } = asWritten(pipeline, joined);
  const columns = Object.entries(joined.columns).map(([path, column]) => [
    path,
    column.hash && Object.hasOwn(written, path) && written[path]?.hash ? { ...column, hash: false } : column,
  ]);
  return { ...joined, columns: Object.fromEntries(columns) };
}

/** What settings of a column other than those that withhold it are about. */
const SHAPES = Object.keys(ColumnMapping.shape).filter(
  (setting): setting is keyof ColumnMapping => !['ignore', 'hash', 'mask'].includes(setting),
);

/** The path that a mapping ignores, at or above another one. */
const ignoredAbove = ({ columns }: Mapping, path: Path): Path | undefined =>
  Object.keys(columns).find((each) => columns[each]?.ignore && isAtOrBelow(path, each));

/** What hides values in images of the change log: what is hashed there, also as a scalar above a hashed path, stays as it is. */
export function hidingOfImages(pipeline: Mapping, joined: Mapping, hiding: Hiding): Hiding {
  if (hiding === 'before') return hiding;
  const { columns: written } = asWritten(pipeline, joined);
  return { ...hiding, hashedBefore: Object.keys(written).filter((path) => written[path]?.hash) };
}

/** The pipeline's mapping, as it is for the items of the joined one. */
const asWritten = (pipeline: Mapping, joined: Mapping): Mapping =>
  Object.keys(pipeline.entities).length > 0 ? pipeline : forEntities(pipeline, Object.keys(joined.entities));

const unique = (paths: readonly Path[]) => [...new Set(paths)];

const listed = <Key extends string, Value>(key: Key, values: readonly Value[] | undefined) =>
  (values === undefined || values.length === 0 ? {} : { [key]: [...values] }) as { [key in Key]?: Value[] };

const defined = <Settings extends object>(settings: Settings) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Settings]?: Exclude<Settings[Key], undefined>;
  };
