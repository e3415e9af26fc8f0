import type { Key } from '../item/key.ts';
import { attributePath, isRoot, levelsOf, type Path, ROOT, type Step, stepsBelow } from '../item/path.ts';
import { compareBytes, giveName, legalCharacters, legalName, legalStart } from '../sql/identifier.ts';
import type { Column, Form } from './layout.ts';

/** The names of one table's columns. */
export interface ColumnNames {
  /** Of the key: the partition key first. The same in every table of a schema. */
  readonly key: readonly string[];
  /** `_pos`, `_pos2`, …: one a list level, the outermost first. */
  readonly positions: readonly string[];
  /** Values in the order of the DDL: those that had names already in the order given, then the new ones. */
  readonly values: readonly NamedColumn[];
}

interface NamedColumn extends Column {
  readonly name: string;
}

/** What tells the columns of one table apart, and from what their hashes are made. */
export const columnIdentity = ({ path, form }: Column) => `${form}:${path}`;

const FORMS: readonly Form[] = ['scalar', 'bytes', 'count'];

/**
 * Names a table's columns: the key first, then the positions, then the values that have no name yet, in byte order
 * of their paths. A name that was given stays, whatever comes later. A value is named by the steps below its table,
 * joined by `__`; a member itself is `value`; `__bytes` and `__count` tell the forms, `__s`, `__n`, `__b` and
 * `__bool` the kinds of a path that is split. A list member's attribute that meets a copied key column is
 * `value__<name>`. Of any other two that meet, the later one has a short hash of its path and form after its name,
 * and so has one that meets a name the warehouse keeps for itself.
 * @param columns without the key: those with names in their order, the others in any
 * @param given names by `columnIdentity`
 */
export function nameColumns(
  table: Path,
  key: Key,
  columns: readonly Column[],
  given: ReadonlyMap<string, string> = new Map(),
): ColumnNames {
  const keyNames = nameKey(key);
  const positions = positionNames(table);
  const copied = new Set(isRoot(table) ? [] : keyNames);
  const taken = new Set([...keyNames, ...positions, ...given.values()]);
  const named: NamedColumn[] = [];
  const unnamed: Column[] = [];
  for (const column of columns) {
    const name = given.get(columnIdentity(column));
    if (name === undefined) unnamed.push(column);
    else named.push({ ...column, name });
  }
  for (const column of unnamed.sort(compareForNaming)) {
    const plain = plainName(table, column);
    const wanted = copied.has(plain) ? `value__${plain}` : plain;
    named.push({ ...column, name: giveColumnName(wanted, columnIdentity(column), taken) });
  }
  return { key: keyNames, positions, values: named };
}

/** The key's column names: alike in the root and in every child, so that joins read `USING (id)`. */
export function nameKey(key: Key): string[] {
  const taken = new Set<string>();
  return key.map(({ name }) =>
    giveColumnName(
      legalName(name),
      columnIdentity({ path: attributePath(ROOT, name), form: 'scalar' }),
      taken,
    ),
  );
}

/** `_pos`, `_pos2`, … for the list levels of a table, `_key`, `_key2`, … for maps whose entries are rows. */
export function positionNames(table: Path): string[] {
  const levels = { member: 0, entry: 0 };
  return levelsOf(table).map((level) => {
    const name = level === 'member' ? '_pos' : '_key';
    return ++levels[level] === 1 ? name : `${name}${levels[level]}`;
  });
}

/** `_pos`, `_key` and their like are positions in every table, also where the table has none. */
/**
 * Names that PostgreSQL and Redshift keep for columns of their own in every table; CREATE TABLE refuses them.
 * Redshift's own two hold the transactions that wrote and deleted a row.
 */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  'oid tableoid xmin cmin xmax cmax ctid insertxid deletexid'.split(' '),
);

function giveColumnName(wanted: string, identity: string, taken: Set<string>): string {
  if (/^_(?:pos|key)\d*$/.test(wanted) || SYSTEM_COLUMNS.has(wanted)) taken.add(wanted);
  return giveName(wanted, identity, taken);
}

function compareForNaming(a: Column, b: Column): number {
  return compareBytes(a.path, b.path) || FORMS.indexOf(a.form) - FORMS.indexOf(b.form);
}

function plainName(table: Path, { path, form }: Column): string {
  const steps = stepsBelow(table, path);
  const names = steps.flatMap((step) => stepName(step) ?? []);
  const name = names.length === 0 ? 'value' : legalStart(names.join('__'));
  return form === 'scalar' ? name : `${name}__${form}`;
}

function stepName(step: Step): string | undefined {
  if (step === 'member' || step === 'entry') return 'value';
  if ('name' in step) return legalCharacters(step.name) || '_';
  if ('entity' in step) throw new Error(`${step.entity} is a table, not a column`);
  if (step.aspect === 'super') return undefined;
  return step.aspect === 'rest' ? '_rest' : step.aspect;
}
