import { isSystemColumn, positionNames } from '../columns/column-names.ts';
import type { RedshiftType } from '../columns/redshift-type.ts';
import { typeFromSql } from '../columns/type-text.ts';
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
  rootOf,
  stepsBelow,
  tableOf,
} from '../item/path.ts';
import { RUN_COLUMNS } from '../sql/run-columns.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { contradictions } from './contradictions.ts';
import type { EntityRoute } from './entity-route.ts';
import { MASK } from './hide/hiding.ts';
import { type ColumnMapping, columnMapping, type Mapping } from './mapping.ts';
import { Included } from './selection.ts';

/** The length of a hash in hexadecimal. */
const HASH_BYTES = 64;

/** A setting that contradicts another one, can never apply, or would stop every run later. */
export interface MappingProblem {
  /** Its place below `mapping`. */
  readonly at: readonly (string | number)[];
  /** What is expected there instead. */
  readonly message: string;
}

/** All problems of a mapping that do not depend on the data. The table's key is not known here. */
export function mappingProblems(mapping: Mapping): MappingProblem[] {
  return [
    ...Object.entries(mapping.columns).flatMap(([path, column]) => columnProblems(mapping, path, column)),
    ...columnNameProblems(mapping),
    ...selectionProblems(mapping),
    ...contradictions(mapping.where ?? []).map(({ at, message }) => ({ at: ['where', at], message })),
    ...Object.keys(mapping.tables).flatMap((table) => tableProblems(mapping, table)),
    ...tableNameProblems(mapping),
    ...entityProblems(mapping),
  ];
}

function columnProblems(mapping: Mapping, path: Path, column: ColumnMapping): MappingProblem[] {
  const at = (setting?: string) => ['columns', path, ...(setting === undefined ? [] : [setting])];
  const hides = column.hash === true || column.mask === true;
  const never =
    whyNever(mapping, path, column.ignore === true || hides) ??
    whyNotRead(mapping, path, column) ??
    whyHidden(mapping, path);
  if (never !== undefined) return [{ at: at(), message: never }];
  if (column.ignore) {
    const routed = routedBy(mapping, path);
    return [
      ...(routed === undefined
        ? []
        : [
            {
              at: at('ignore'),
              message: `no ignore: the conditions of entity ${routed} need this attribute, also to read an item again that was kept whole`,
            },
          ]),
      ...without(
        column,
        ['name', 'type', 'timestamp', 'epoch', 'emptyAsNull', 'hash', 'mask', 'asSuper', 'asRows', 'split'],
        at,
        'ignore, which leaves the attribute out',
      ),
    ];
  }
  if (column.hash || column.mask) {
    const problems = hidingProblems(mapping, path, column, at);
    if (problems.length > 0) return problems;
  }
  if (column.asSuper) {
    return without(
      column,
      ['type', 'timestamp', 'epoch', 'emptyAsNull', 'asRows', 'split'],
      at,
      'asSuper, which keeps every value in one SUPER column',
    );
  }
  if (column.asRows && depthOf(path) >= mapping.maxDepth) {
    return [
      {
        at: at('asRows'),
        message: `no asRows here: at maxDepth (${mapping.maxDepth}), maps are kept whole. Raise maxDepth to ${depthOf(path) + 1} or more`,
      },
    ];
  }
  if (column.split) {
    return without(
      column,
      ['name', 'type', 'timestamp', 'epoch'],
      at,
      'split, which makes a column for each kind',
    );
  }
  const type = column.type === undefined ? undefined : typeFromSql(column.type)?.type;
  if (column.timestamp === false && (type === 'DATE' || type === 'TIMESTAMPTZ')) {
    return [
      {
        at: at('timestamp'),
        message: `no timestamp: false beside type ${column.type}, which holds only such text`,
      },
    ];
  }
  if (column.epoch !== undefined) return epochProblems(column, type, at);
  return [];
}

function hidingProblems(
  mapping: Mapping,
  path: Path,
  column: ColumnMapping,
  at: (setting: string) => string[],
): MappingProblem[] {
  const setting = column.hash ? 'hash' : 'mask';
  const [first] = stepsBelow(rootOf(path), path);
  const routed =
    typeof first === 'object' && 'name' in first
      ? routedBy(mapping, attributePath(rootOf(path), first.name))
      : undefined;
  if (routed !== undefined) {
    const message = `no ${setting}: the conditions of entity ${routed} need this attribute, also to read an item again that was kept whole`;
    return [{ at: at(setting), message }];
  }
  const others = without(
    column,
    column.hash ? ['mask', 'timestamp', 'epoch', 'split'] : ['timestamp', 'epoch', 'split'],
    at,
    `${setting}, which makes text of every value`,
  );
  if (whyNever(mapping, path, false) !== undefined) {
    const inside = `${setting} inside a value that is kept whole, or that becomes a row`;
    return [...others, ...without(column, ['name', 'type', 'asSuper', 'asRows'], at, inside)];
  }
  if (others.length > 0 || column.type === undefined) return others;
  const type = typeFromSql(column.type);
  const bytes = column.hash ? HASH_BYTES : MASK.length;
  return type?.type === 'VARCHAR' && type.bytes >= bytes
    ? []
    : [
        {
          at: at('type'),
          message: `VARCHAR(${bytes}) or longer beside ${setting}, instead of ${column.type}`,
        },
      ];
}

function epochProblems(
  { type: text, timestamp }: ColumnMapping,
  type: RedshiftType['type'] | undefined,
  at: (setting: string) => string[],
): MappingProblem[] {
  if (timestamp === false) {
    return [{ at: at('timestamp'), message: 'no timestamp: false beside epoch, which makes times' }];
  }
  return type === undefined || type === 'TIMESTAMPTZ' || type === 'VARCHAR'
    ? []
    : [{ at: at('type'), message: `TIMESTAMPTZ or VARCHAR beside epoch, which makes times, not ${text}` }];
}

/** Why no value of a path is read, although it has settings: it is excluded, or not included. */
function whyNotRead(mapping: Mapping, path: Path, { ignore }: ColumnMapping): string | undefined {
  if (mapping.exclude?.includes(path)) return `no settings for ${path}, which exclude leaves out`;
  return new Included(mapping).of(path) === 'none' && !ignore
    ? `a path that include reads: neither ${path} nor anything below it is included`
    : undefined;
}

function selectionProblems(mapping: Mapping): MappingProblem[] {
  const { include = [], exclude = [] } = mapping;
  const included = new Included(mapping);
  const twice = (paths: readonly Path[], path: Path, i: number) =>
    paths.indexOf(path) < i ? `each path once: ${path} is listed twice` : undefined;
  const isOut = (path: Path) => exclude.includes(path) || columnMapping(mapping, path)?.ignore;
  const problems = [
    ...include.map((path, i) => ({
      at: ['include', i],
      message:
        twice(include, path, i) ??
        (isOut(path) ? `a path that is not left out as well: ${path}` : whyNever(mapping, path, true)),
    })),
    ...exclude.map((path, i) => {
      const routed = routedBy(mapping, path);
      return {
        at: ['exclude', i],
        message:
          twice(exclude, path, i) ??
          (routed === undefined
            ? undefined
            : `another path: the conditions of entity ${routed} need ${path}`) ??
          whyNever(mapping, path, true) ??
          (included.of(path) === 'none'
            ? `a path that include reads: ${path} is left out anyway`
            : undefined),
      };
    }),
  ];
  return problems.flatMap(({ at, message }) => (message === undefined ? [] : [{ at, message }]));
}

/** One problem per setting that the deciding one leaves without effect. */
function without(
  column: ColumnMapping,
  settings: readonly (keyof ColumnMapping)[],
  at: (setting: string) => string[],
  beside: string,
): MappingProblem[] {
  return settings
    .filter((setting) => column[setting] !== undefined && column[setting] !== false)
    .map((setting) => ({ at: at(setting), message: `no ${setting} beside ${beside}` }));
}

/** Why the settings for a path can never apply: because of the path itself, or of the settings above it. */
function whyNever(mapping: Mapping, path: Path, ignore: boolean): string | undefined {
  const root = rootOf(path);
  const unknown = unknownEntity(mapping, root);
  if (unknown !== undefined) return unknown;
  let above = root;
  for (const step of stepsBelow(root, path)) {
    const settings = above === root ? undefined : columnMapping(mapping, above);
    if (settings?.ignore) return `nothing below ${above}, which is ignored`;
    if (mapping.exclude?.includes(above)) return `nothing below ${above}, which exclude leaves out`;
    if (settings?.asSuper && !ignore)
      return `nothing but ignore, hash and mask below ${above}, which asSuper keeps whole`;
    const isName = typeof step === 'object';
    if (step === 'entry' && !settings?.asRows)
      return `asRows: true for ${above}, whose entries this path means`;
    if (isName && settings?.asRows && !ignore) {
      return `a path that begins with ${entryPath(above)}: the entries of ${above} become rows`;
    }
    if (step === 'member') above = memberPath(above);
    else if (step === 'entry') above = entryPath(above);
    else if ('name' in step) above = attributePath(above, step.name);
  }
  return depthOf(path) > mapping.maxDepth && !ignore
    ? `a path of at most ${mapping.maxDepth} levels (maxDepth), or a higher maxDepth: what is deeper is kept whole`
    : undefined;
}

/** Why the settings that decide the form of a path's values have no effect: because all of them are hidden. */
function whyHidden(mapping: Mapping, path: Path): string | undefined {
  const { hash, mask, epoch, emptyAsNull, split } = columnMapping(mapping, path) ?? {};
  if (!hash && !mask && !epoch && !split && emptyAsNull === undefined) return undefined;
  const hidden = Object.entries(mapping.columns).find(
    ([above, column]) => (column.hash || column.mask) && above !== path && isAtOrBelow(path, above),
  );
  return hidden === undefined
    ? undefined
    : `no other form of values below ${hidden[0]}, which ${hidden[1].hash ? 'hash' : 'mask'} hides`;
}

function unknownEntity({ entities }: Mapping, root: Path): string | undefined {
  const name = root.slice(1, -1);
  if (root === ROOT || Object.hasOwn(entities, name)) return undefined;
  const known = Object.keys(entities);
  return known.length === 0
    ? `a path without [${name}], because mapping.entities is empty`
    : `an entity of this mapping (${known.join(', ')}) instead of ${name}`;
}

/** The entity whose conditions test this attribute. */
function routedBy({ entities }: Mapping, path: Path): string | undefined {
  const entry = Object.entries(entities).find(
    ([, { attribute }]) => attribute !== undefined && attributePath(rootOf(path), attribute) === path,
  );
  return entry?.[0];
}

/** Names that two columns of a table would share, or that the warehouse reserves. */
function columnNameProblems({ columns }: Mapping): MappingProblem[] {
  const taken = new Map<string, Path>();
  return Object.entries(columns).flatMap(([path, { name }]) => {
    if (name === undefined) return [];
    const table = tableOf(path);
    const at = ['columns', path, 'name'];
    if (isSystemColumn(name))
      return [{ at, message: `another name: the warehouse reserves ${name} in every table` }];
    if (RUN_COLUMNS.includes(name))
      return [{ at, message: `another name: Tributary reserves ${name} in every table` }];
    if (positionNames(table).includes(name)) {
      return [{ at, message: `another name: ${name} is the position in this table` }];
    }
    const identity = JSON.stringify([table, name]);
    const holder = taken.get(identity);
    if (holder === undefined) taken.set(identity, path);
    return holder === undefined
      ? []
      : [
          {
            at,
            message: `a name of its own: the column of ${holder} in the same table has the name ${name}`,
          },
        ];
  });
}

function tableProblems(mapping: Mapping, table: Path): MappingProblem[] {
  const at = ['tables', table];
  const unknown = unknownEntity(mapping, rootOf(table));
  if (unknown !== undefined) return [{ at, message: unknown }];
  if (!isRoot(table)) {
    const never = whyNever(mapping, table, false);
    if (never !== undefined) return [{ at, message: never }];
  }
  const { distKey, sortKey = [] } = mapping.tables[table] ?? {};
  const repeated = sortKey.filter((path, i) => sortKey.indexOf(path) < i);
  return [
    ...(distKey === undefined ? [] : keyProblem(mapping, table, distKey, [...at, 'distKey'])),
    ...sortKey.flatMap((path, i) => keyProblem(mapping, table, path, [...at, 'sortKey', i])),
    ...repeated.map((path) => ({
      at: [...at, 'sortKey'],
      message: `each path once: ${path} is listed twice`,
    })),
  ];
}

/** Why a table cannot be distributed or sorted by the column of a path. A key attribute is written without a table. */
function keyProblem(mapping: Mapping, table: Path, path: Path, at: MappingProblem['at']): MappingProblem[] {
  const problem = (message: string) => [{ at, message }];
  const isKey = tableOf(path) === ROOT && depthOf(path) === 1;
  if (tableOf(path) !== table && !isKey) {
    const example = table === ROOT ? 'city' : isRoot(table) ? `${table}.city` : `${table}.name`;
    return problem(`the path of a column in this table, such as ${example}, or of a key attribute`);
  }
  const never = whyNever(mapping, path, false);
  if (never !== undefined) return problem(never);
  const { ignore, asSuper, split, type } = columnMapping(mapping, path) ?? {};
  if (ignore || mapping.exclude?.includes(path)) return problem(`a path that is not ignored`);
  if (!isKey && new Included(mapping).of(path) !== 'all') return problem('a path that include reads');
  if (asSuper) return problem(`a path without asSuper: Redshift cannot sort or distribute by SUPER`);
  if (split) return problem(`a path without split, because it has several columns`);
  return type !== undefined && typeFromSql(type)?.type === 'VARBYTE'
    ? problem(`a path whose type is not VARBYTE: Redshift cannot sort or distribute by it`)
    : [];
}

/** Names that two tables would share, or that Tributary reserves. */
function tableNameProblems({ tables, entities }: Mapping): MappingProblem[] {
  const taken = new Map<string, string>();
  for (const name of Object.keys(entities)) {
    if (tables[entityPath(name)]?.name === undefined) taken.set(name, `entity ${name}`);
  }
  return Object.entries(tables).flatMap(([table, { name }]) => {
    if (name === undefined) return [];
    const at = ['tables', table, 'name'];
    if (isSystemTable(name))
      return [{ at, message: `another name: Tributary reserves ${name} in every schema` }];
    const holder = taken.get(name);
    if (holder === undefined) taken.set(name, table === ROOT ? 'the root table' : `the table ${table}`);
    return holder === undefined ? [] : [{ at, message: `a name of its own: ${holder} has the name ${name}` }];
  });
}

/** Entities that can get no items, because an earlier one takes all of theirs. */
function entityProblems({ entities }: Mapping): MappingProblem[] {
  const routes = Object.entries(entities);
  return routes.flatMap(([name, route], i) => {
    const earlier = routes.slice(0, i).find(([, other]) => includes(other, route));
    if (earlier === undefined) return [];
    const message = `conditions that leave items for ${name}: an item goes to the first entity that it fits, and every item that fits ${name} also fits ${earlier[0]}. Put ${name} before ${earlier[0]}, or change one of them`;
    return [{ at: ['entities', name], message }];
  });
}

/** Whether every item that meets the conditions of `b` meets those of `a`. */
function includes(a: EntityRoute, b: EntityRoute): boolean {
  const prefix = (of: string | undefined, other: string | undefined) =>
    of === undefined || (other?.startsWith(of) ?? false);
  const values = ({ equals = [] }: EntityRoute) => (typeof equals === 'string' ? [equals] : equals);
  return (
    prefix(a.keyPrefix, b.keyPrefix) &&
    prefix(a.sortKeyPrefix, b.sortKeyPrefix) &&
    (a.attribute === undefined ||
      (a.attribute === b.attribute && values(b).every((value) => values(a).includes(value))))
  );
}
