import type { NeedsRefresh, SkipOrder } from '../../contract/changes/apply-activities.ts';
import { addedOn, evolveTables, NameInUse } from '../../pipeline/apply/evolve-tables.ts';
import { layoutsInUse, type TableInUse } from '../../pipeline/apply/tables-in-use.ts';
import { type UnfitColumn, unfitColumns } from '../../pipeline/apply/unfit-columns.ts';
import { wantedLayouts } from '../../pipeline/apply/wanted-layouts.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { typeSql } from '../../pipeline/columns/redshift-type.ts';
import { limitsOf } from '../../pipeline/run/first-layouts.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { recordEvolved } from '../../store/changes/evolved-file.ts';
import type { LastImages } from '../../store/changes/last-images.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { GuardFailed } from '../sql/transaction.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import { agreeOnChanges } from './agree-on-changes.ts';
import { evolveSchema, WidthRefused } from './evolve-schema.ts';
import type { ImageReading } from './image-reading.ts';
import { type MadeRows, makeRows } from './make-rows.ts';
import type { Destination } from './open-destination.ts';
import type { SchemaInUse } from './schema-in-use.ts';

/** The rows of an apply, and the tables that take them. */
export interface RowsForTables {
  readonly made: MadeRows;
  readonly layouts: readonly Layout[];
  readonly tables: readonly TableInUse[];
}

/** Paths of one table are listed to a bound, so a few passes find everything. */
const MAX_PASSES = 5;
const MOST_CAUSE_CHARACTERS = 300;

/**
 * Makes the rows of the images. If the tables lack columns for them, or hold only shorter texts, that is agreed on, so that the
 * next run gives it the same names, and recorded.
 * @returns `grown` if it was recorded what the tables are to have: `growTables` comes next. Or why only a refresh can take the
 *   images, after what they showed was agreed on: so the refresh will fit them
 */
export async function rowsForTables(
  deps: Dependencies,
  destination: Destination,
  found: SchemaInUse,
  {
    images,
    reading,
    skips,
  }: {
    readonly images: LastImages;
    readonly reading: ImageReading;
    readonly skips?: readonly SkipOrder[] | undefined;
  },
  signal: AbortSignal,
): Promise<RowsForTables | 'grown' | NeedsRefresh> {
  const { plan } = found;
  const { key } = reading;
  const day = (await sharedTime(deps, destination.at.bucket, { signal })).toISOString().slice(0, 10);
  const addedToday = addedOn(found.evolved, day);
  const { maxTables } = plan.definition.mapping;
  const { compression } = plan.definition.staging;
  const limits = { addedToday, maxTables, ...limitsOf(plan.definition.mapping) };
  let layouts: readonly Layout[] = layoutsInUse(found.tables);
  let made = await makeRows(images, layouts, { ...reading, compression, skips }, signal);
  for (let passes = 0; made.odd > 0; passes++) {
    made.files.discard();
    if (passes === MAX_PASSES)
      throw new Error(`${made.odd} images do not fit the layouts made of everything seen`);
    layouts = wantedLayouts(layouts, made.seen, key, limits);
    made = await makeRows(images, layouts, { ...reading, compression, skips }, signal);
  }
  let keepsRows = false;
  try {
    const unfit = unfitColumns(found.tables, made.seen);
    const isGrown = layouts !== undefined && columns(layouts) > columns(layoutsInUse(found.tables));
    if (unfit.length > 0 || isGrown) {
      const agreed = await agreeOnChanges(deps, destination, found, { seen: made.seen, layouts }, signal);
      if (agreed === undefined) return epochEnded(found);
      const tooNarrow = unfit.find(({ isTooShort }) => !isTooShort);
      if (tooNarrow !== undefined) return typeChanges(tooNarrow);
      const { mapping } = plan.definition;
      const more = evolveTables(found.tables, { layouts, tooShort: unfit, agreed, mapping, day });
      await recordEvolved(destination.store, found.ref, more, signal);
      return 'grown';
    }
    keepsRows = true;
    return { made, layouts, tables: found.tables };
  } catch (error) {
    if (error instanceof NameInUse)
      return { code: 'NamesChange', message: `${error.message}. A refresh names it.` };
    throw error;
  } finally {
    if (!keepsRows) made.files.discard();
  }
}

/**
 * Adds to the tables what is recorded, and what they lack. It holds nothing in memory: the warehouse may not answer for hours.
 * @returns why only a refresh helps, if Redshift refuses a column's new width
 * @throws GuardFailed if the schema was replaced meanwhile
 */
export async function growTables(
  { database, warehouse }: Destination,
  { schema, marker, plan, evolved, tables }: SchemaInUse,
  signal: AbortSignal,
): Promise<NeedsRefresh | undefined> {
  if (evolved === undefined) return undefined;
  const watch = watchStatement({ database, warehouse, phase: 'load', signal });
  const { descriptions, mapping } = plan.definition;
  const about = {
    ...{ descriptions, mapping, source: plan.source.tableName, key: plan.source.key },
    detail: warehouse.comments,
  };
  try {
    if (await evolveSchema({ database, schema, marker, watch, about }, tables, signal)) return undefined;
  } catch (error) {
    if (error instanceof WidthRefused) return widthRefused(error);
    throw error;
  }
  throw new GuardFailed(`what the tables of ${schema} lack`, undefined);
}

/** @returns `again` if the schema was replaced while its tables were to be altered */
export async function unlessReplaced<T>(work: Promise<T>): Promise<T | 'again'> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GuardFailed) return 'again';
    throw error;
  }
}

const columns = (layouts: readonly Layout[]) =>
  layouts.reduce((sum, layout) => sum + layout.columns.length + 1, 0);

const epochEnded = ({ schema }: SchemaInUse): NeedsRefresh => ({
  code: 'NamesChange',
  message:
    `Changes need columns that ${schema} lacks, but an operator forgot or renamed something in the agreed schema since it ` +
    'was loaded. A refresh brings the tables up to it.',
});

const typeChanges = ({ table, column }: UnfitColumn): NeedsRefresh => ({
  code: 'TypesChange',
  message:
    `A change has a value that ${table.name}.${column.name}, of type ${typeSql(column.type)}, cannot hold exactly. A refresh ` +
    'gives the column another type, which is agreed on already. Changes wait in the log meanwhile.',
});

const widthRefused = ({ column, message }: WidthRefused): NeedsRefresh => ({
  code: 'TypesChange',
  message:
    `A change has a text that is too long for ${column}, and Redshift does not widen the column: ${cut(message, MOST_CAUSE_CHARACTERS)} ` +
    'A refresh gives the column the width, which is agreed on already. Changes wait in the log meanwhile.',
});
