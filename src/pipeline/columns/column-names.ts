import type { Key } from '../item/key.ts';
import { attributePath, isRoot, levelsOf, type Path, ROOT, type Step, stepsBelow } from '../item/path.ts';
import { compareBytes, giveName, legalName, legalStart } from '../sql/identifier.ts';
import { legalCharacters, type Naming } from '../sql/naming.ts';
import { RUN_COLUMNS } from '../sql/run-columns.ts';
import type { Column, Form } from './layout.ts';

/** The names of one table's columns. */
export interface ColumnNames {
  /** Names of the key columns, the partition key first. The same in every table of a schema. */
  readonly key: readonly string[];
  /** `_pos`, `_pos2`, …: one per list level, the outermost first. */
  readonly positions: readonly string[];
  /** Value columns in DDL order: those already named, in the order passed, then the new ones. */
  readonly values: readonly NamedColumn[];
}

interface NamedColumn extends Column {
  readonly name: string;
}

/** How names are given. */
export interface NamesGiven {
  readonly naming: Naming;
  /** Existing names, by `columnIdentity` or by the table's path; default: none. */
  readonly given?: ReadonlyMap<string, string>;
  /** Names that nothing else gets; default: none. */
  readonly reserved?: readonly string[];
}

/** Identifies a column within its table. The hashes in column names are computed from it. */
export const columnIdentity = ({ path, form }: Column) => `${form}:${path}`;

const FORMS: readonly Form[] = ['scalar', 'bytes', 'count'];

/**
 * Names a table's columns: the key first, then the positions, then the values that have no name yet, in byte order
 * of their paths.
 *
 * - Existing names never change.
 * - A value's name consists of the steps below its table, joined by `__`. A list or set member itself is `value`.
 * - `__bytes` and `__count` mark the forms; `__s`, `__n`, `__b` and `__bool` mark the kinds of a split path.
 * - If an attribute in a child table collides with a copied key column, it is named `value__<name>`.
 * - In any other collision, the later column gets a short hash of its path and form as a suffix. So does a column
 *   that collides with a name reserved by the warehouse.
 * @param keyNames the names of the key columns
 * @param columns all except the key: named ones in their order, the others in any order
 */
export function nameColumns(
  table: Path,
  keyNames: readonly string[],
  columns: readonly Column[],
  { naming, given = new Map(), reserved = [] }: NamesGiven,
): ColumnNames {
  const positions = positionNames(table);
  const copied = new Set(isRoot(table) ? [] : keyNames);
  const taken = new Set([...keyNames, ...positions, ...reserved, ...given.values()]);
  const named: NamedColumn[] = [];
  const unnamed: Column[] = [];
  for (const column of columns) {
    const name = given.get(columnIdentity(column));
    if (name === undefined) unnamed.push(column);
    else named.push({ ...column, name });
  }
  for (const column of unnamed.sort(compareForNaming)) {
    const plain = plainName(table, column, naming);
    const wanted = copied.has(plain) ? `value__${plain}` : plain;
    named.push({ ...column, name: giveColumnName(wanted, columnIdentity(column), taken) });
  }
  return { key: keyNames, positions, values: named };
}

/** The key's column names: the same in the root and every child, so that joins can say `USING (id)`. */
export function nameKey(key: Key, naming: Naming): string[] {
  const taken = new Set<string>();
  return key.map(({ name }) =>
    giveColumnName(
      legalName(name, naming),
      columnIdentity({ path: attributePath(ROOT, name), form: 'scalar' }),
      taken,
    ),
  );
}

/** `_pos`, `_pos2`, … for a table's list levels; `_key`, `_key2`, … for maps whose entries become rows. */
export function positionNames(table: Path): string[] {
  const levels = { member: 0, entry: 0 };
  return levelsOf(table).map((level) => {
    const name = level === 'member' ? '_pos' : '_key';
    return ++levels[level] === 1 ? name : `${name}${levels[level]}`;
  });
}

/**
 * Names that PostgreSQL and Redshift reserve for system columns in every table; CREATE TABLE rejects them.
 * `insertxid` and `deletexid`, Redshift's own, hold the transactions that inserted and deleted a row.
 */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  'oid tableoid xmin cmin xmax cmax ctid insertxid deletexid'.split(' '),
);

/** Whether CREATE TABLE rejects a column of this name in every table. */
export const isSystemColumn = (name: string): boolean => SYSTEM_COLUMNS.has(name);

/**
 * In addition to system columns, `_pos`, `_key`, `_pos2`, … are reserved for positions, even in tables without any, and
 * Tributary's own columns, even in schemas without them.
 */
function giveColumnName(wanted: string, identity: string, taken: Set<string>): string {
  if (/^_(?:pos|key)\d*$/.test(wanted) || isSystemColumn(wanted) || RUN_COLUMNS.includes(wanted))
    taken.add(wanted);
  return giveName(wanted, identity, taken);
}

function compareForNaming(a: Column, b: Column): number {
  return compareBytes(a.path, b.path) || FORMS.indexOf(a.form) - FORMS.indexOf(b.form);
}

function plainName(table: Path, { path, form }: Column, naming: Naming): string {
  const steps = stepsBelow(table, path);
  const names = steps.flatMap((step) => stepName(step, naming) ?? []);
  const name = names.length === 0 ? 'value' : legalStart(names.join('__'));
  return form === 'scalar' ? name : `${name}__${form}`;
}

function stepName(step: Step, naming: Naming): string | undefined {
  if (step === 'member' || step === 'entry') return 'value';
  if ('name' in step) return legalCharacters(step.name, naming) || '_';
  if ('entity' in step) throw new Error(`Entity ${step.entity} is a table, so it cannot name a column`);
  if (step.aspect === 'super') return undefined;
  return step.aspect === 'rest' ? '_rest' : step.aspect;
}
