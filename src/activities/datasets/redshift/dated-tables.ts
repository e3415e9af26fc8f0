import { Terminal } from '../../../clients/errors.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { dayRuleOf } from '../../../pipeline/datasets/derived/step-warehouse.ts';
import type { Range } from '../../../pipeline/datasets/graph/calendar.ts';
import {
  type DatedVersions,
  type DayRule,
  daysRead,
  readOfTable,
} from '../../../pipeline/datasets/graph/dated-tables.ts';
import {
  type DatedTable,
  type DayVersion,
  datedInput,
  daySql,
  dayVersionsOf,
  dayVersionsQuery,
  dayVersionText,
  emptyDated,
  emptyDay,
  uncomparable,
} from '../../../pipeline/datasets/redshift/day-versions.ts';
import type { StepInput } from '../../../pipeline/datasets/redshift/step-transaction.ts';
import { foundTarget, targetQuery } from '../../../pipeline/merge/target-query.ts';
import { query } from '../../sql/transaction.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

/** A table with a version for each day that a step reads. */
interface DatedInput {
  readonly name: string;
  readonly rule: DayRule;
  readonly table: DatedTable;
  readonly isReference: boolean;
}

/** @throws Terminal `InputMissing` if a table does not exist, or its days cannot be compared */
async function datedInputs(
  open: OpenWarehouse,
  { tables, partition: { unit, timezone } }: Pick<DerivedDefinition, 'tables' | 'partition'>,
): Promise<DatedInput[]> {
  const found: DatedInput[] = [];
  for (const [name, { schema, table, reference: isReference, version }] of Object.entries(tables)) {
    if (version === undefined || unit === 'all') continue;
    const rule = dayRuleOf(version, unit);
    const at = { schema, table };
    const what = `tributary columns of ${nameOf(at)}`;
    const [rows = []] = await query(open.database, what, [targetQuery(schema, table)], open.signal);
    const target = foundTarget(schema, table, rows);
    if (target === undefined)
      throw new Terminal(
        'InputMissing',
        `There is no table ${nameOf(at)} in database ${open.target.database}.`,
      );
    const column = target.columns.find((each) => each.name === version.column);
    const day = column === undefined ? undefined : daySql(column, timezone);
    if (day === undefined)
      throw new Terminal(
        'InputMissing',
        `tables.${name}.version.column: ${nameOf(at)} has ${column === undefined ? `no column ${version.column}` : `${version.column} as ${column.type}`}: ` +
          'name a column of type DATE, TIMESTAMP or TIMESTAMPTZ.',
      );
    const others = uncomparable(target.columns);
    if (others.length > 0)
      throw new Terminal(
        'InputMissing',
        `The days of ${nameOf(at)} have no versions, because values of ${others.join(', ')} cannot be compared. Leave out ` +
          `tables.${name}.version, or read a table without them.`,
      );
    found.push({ name, rule, isReference, table: { at, columns: target.columns, day } });
  }
  return found;
}

async function versionsOf(open: OpenWarehouse, table: DatedTable, days: Range): Promise<DayVersion[]> {
  const what = `tributary days of ${nameOf(table.at)}`;
  const [rows = []] = await query(
    open.database,
    what,
    [dayVersionsQuery(table, days)],
    open.signal,
    open.watch,
  );
  return dayVersionsOf(rows);
}

const asVersions = ({ name, rule, table }: DatedInput, days: readonly DayVersion[]): DatedVersions => ({
  ...{ name, rule, empty: emptyDay(table) },
  versions: new Map(days.map((each) => [each.day, dayVersionText(table, each)])),
});

/**
 * The versions of all days that partitions read; references are left out, because they make nothing stale.
 * @param values of the partitions, at least one, sorted
 */
export async function datedTables(
  open: OpenWarehouse,
  definition: Pick<DerivedDefinition, 'tables' | 'partition'>,
  values: readonly string[],
): Promise<DatedVersions[]> {
  const found: DatedVersions[] = [];
  for (const input of await datedInputs(open, definition)) {
    if (input.isReference) continue;
    const ranges = values.map((value) => daysRead(input.rule, value));
    const first = ranges.map((range) => range.first).toSorted()[0];
    const last = ranges
      .map((range) => range.last)
      .toSorted()
      .at(-1);
    if (first === undefined || last === undefined) continue;
    found.push(asVersions(input, await versionsOf(open, input.table, { first, last })));
  }
  return found;
}

/** What a partition reads of tables that have a version for each day. */
export interface DatedRead {
  readonly recorded: readonly {
    readonly dataset: string;
    readonly partition: string;
    readonly generation: number;
    readonly id: string;
    readonly version: string;
    readonly isReference: boolean;
    readonly isTable: true;
  }[];
  readonly input: StepInput;
  /** The same without rows, and its columns as one text. */
  readonly empty: StepInput;
  readonly shape: string;
}

/** @throws Terminal `InputMissing` */
export async function datedReads(
  open: OpenWarehouse,
  definition: Pick<DerivedDefinition, 'tables' | 'partition'>,
  value: string,
): Promise<DatedRead[]> {
  const found: DatedRead[] = [];
  for (const [index, each] of (await datedInputs(open, definition)).entries()) {
    const { name, rule, table, isReference } = each;
    const range = daysRead(rule, value);
    const days = await versionsOf(open, table, range);
    found.push({
      recorded: readOfTable(asVersions(each, days), value).map((read) => ({
        ...read,
        ...{ generation: 0, id: '', isReference, isTable: true },
      })),
      input: datedInput(index, name, table, range, days),
      empty: emptyDated(name, table),
      shape: emptyDay(table),
    });
  }
  return found;
}
