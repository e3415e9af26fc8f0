import { Terminal, Transient } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { TableColumn } from '../../pipeline/apply/evolved.ts';
import {
  addColumn,
  createTableLike,
  foundTablesOf,
  foundTablesQuery,
  type Lacking,
  lackingIn,
  widenColumn,
} from '../../pipeline/changes/evolve-statements.ts';
import { type Path, rootOf } from '../../pipeline/item/path.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import { columnKey } from '../../pipeline/replace/catalogue.ts';
import { rightsLike } from '../../pipeline/replace/rights-like.ts';
import { RUN_COLUMN } from '../../pipeline/sql/run-columns.ts';
import { type Commented, columnComments, tableComments } from '../../pipeline/staging/comments.ts';
import { createTable, runColumnsOf, type TableDefinition } from '../../pipeline/staging/ddl.ts';
import { catalogueIn, markerIn } from '../live/live-schema.ts';
import { randomToken } from '../sql/random-token.ts';
import { GuardFailed, NotInTime, query, runLongTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';

/** While ALTER TABLE waits for a query to end, every later query of the table waits behind it. */
const WAIT_SECONDS = 30;

/** Redshift does not widen the column: because of its encoding, for example, or of a view that reads it. */
export class WidthRefused extends Error {
  override readonly name = 'WidthRefused';
  /** The table and the column. */
  readonly column: string;

  constructor(column: string, cause: Terminal | Transient) {
    super(cause.message, { cause });
    this.column = column;
  }
}

/** The schema that an apply is about to change. */
export interface EvolvedSchema {
  readonly database: Warehouse;
  readonly schema: string;
  readonly marker: Marker;
  readonly watch: StatementWatch;
  /** What comments on what is added are made from. Default: there are none. */
  readonly about?: Omit<Commented, 'pipeline' | 'run' | 'extractedFrom'>;
}

/** A table as it has to be, and the path of its rows. */
interface PlacedTable extends TableDefinition {
  readonly path: Path;
  readonly columns: readonly TableColumn[];
}

/**
 * Adds what the tables of an apply lack: columns, wider texts, whole tables with the rights of their roots. Each is a short
 * transaction of its own, before the apply. It may be repeated, also by several attempts at once.
 * @param wanted the tables as they have to be, the root first
 * @returns false if the schema belongs to another run by now: plan again
 * @throws WidthRefused; Transient `TargetBusy` if queries hold a table for too long: the next attempt comes later
 */
export async function evolveSchema(
  open: EvolvedSchema,
  wanted: readonly PlacedTable[],
  signal: AbortSignal,
): Promise<boolean> {
  const lacking = async () => lackingIn(await foundTables(open, signal), wanted);
  for (const one of await lacking()) {
    try {
      await add(open, one, wanted, signal);
    } catch (error) {
      if (error instanceof GuardFailed) return false;
      if (error instanceof NotInTime) throw busy(open.schema, one);
      // Another attempt may have added it: neither ADD COLUMN nor a grant has IF NOT EXISTS.
      const isLeft = async () => (await lacking()).some((each) => nameOf(each) === nameOf(one));
      const isRefused = one.kind === 'width' && isStatementFailed(error);
      if (!(error instanceof Terminal || isRefused)) throw error;
      if (await isLeft()) throw isRefused ? new WidthRefused(nameOf(one), error) : error;
    }
  }
  return true;
}

async function foundTables({ database, schema }: EvolvedSchema, signal: AbortSignal) {
  const [rows = []] = await query(
    database,
    `tributary columns of ${schema}`,
    [foundTablesQuery(schema)],
    signal,
  );
  return foundTablesOf(rows);
}

async function add(
  open: EvolvedSchema,
  one: Lacking<PlacedTable>,
  wanted: readonly PlacedTable[],
  signal: AbortSignal,
): Promise<void> {
  const { schema, marker, about } = open;
  switch (one.kind) {
    case 'column': {
      const table = wanted.find(({ name }) => name === one.table);
      const comments =
        table === undefined || about === undefined ? [] : columnComments(schema, table, about, one.name);
      return runShortly(open, nameOf(one), addColumn(schema, marker, one, comments), signal);
    }
    case 'width':
      return runShortly(open, nameOf(one), [widenColumn(schema, one)], signal);
    case 'table':
      return runShortly(open, nameOf(one), await newTable(open, one.table, wanted, signal), signal);
  }
}

/** A table and its rights are one transaction: no attempt finds it without them. */
async function newTable(
  open: EvolvedSchema,
  table: PlacedTable,
  wanted: readonly PlacedTable[],
  signal: AbortSignal,
): Promise<string[]> {
  const { database, schema, marker, about } = open;
  const root =
    wanted.find(({ path, name }) => path === rootOf(table.path) && name !== table.name) ?? wanted[0];
  const catalogue = await catalogueIn(database, schema, signal);
  const now = await markerIn(database, schema, signal);
  const [[user] = []] = await query(
    database,
    'tributary user',
    ['SELECT current_user::VARCHAR AS "user"'],
    signal,
  );
  const like = { schema, like: root!.name, table: table.name, createdBy: String(user?.user) };
  const hasRunColumns = catalogue.columns.has(columnKey(root!.name, RUN_COLUMN));
  const stamp = hasRunColumns ? { run: marker.run, extractedFrom: marker.extractedFrom } : undefined;
  return createTableLike(schema, marker, {
    create: createTable(schema, table, stamp),
    comments:
      about === undefined
        ? []
        : tableComments(schema, table, wanted, about, hasRunColumns ? runColumnsOf(table) : []),
    rights: rightsLike(catalogue, like),
    tables: now?.tables === undefined ? undefined : [...new Set([...now.tables, table.name])],
  });
}

async function runShortly(
  { database, schema, watch }: EvolvedSchema,
  what: string,
  statements: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const name = `tributary add ${what} to ${schema}`;
  const limited: StatementWatch = {
    timeLimitSeconds: WAIT_SECONDS,
    isOnlyTry: true,
    whoBlocks: (pid) => watch.whoBlocks(pid),
  };
  // Its own scope: what the same statements did in an earlier schema of the name says nothing.
  await runLongTransaction(database, { name, scope: randomToken(), statements, watch: limited }, signal);
}

/** Redshift refused the statement itself, also in words that are not known: not for want of a privilege, which no refresh brings. */
const isStatementFailed = (error: unknown): error is Terminal | Transient =>
  (error instanceof Terminal || error instanceof Transient) && error.code === 'StatementFailed';

const nameOf = (one: Lacking<PlacedTable>): string =>
  one.kind === 'table' ? one.table.name : `${one.table}.${one.name}`;

const busy = (schema: string, one: Lacking<PlacedTable>) =>
  new Transient(
    'TargetBusy',
    `${schema}.${nameOf(one)} could not be ${one.kind === 'width' ? 'widened' : 'added'} within ${WAIT_SECONDS} s, because ` +
      'queries use the table. It is tried again later, so that new queries do not wait behind it.',
  );
