import { Terminal } from '../../clients/errors.ts';
import { loaderTableKey } from '../../pipeline/loader/loader-directory.ts';
import { LoaderTable } from '../../pipeline/loader/loader-documents.ts';
import { besideName } from '../../pipeline/merge/beside-tables.ts';
import { columnType } from '../../pipeline/merge/column-type.ts';
import { createBesideTables } from '../../pipeline/merge/create-tables.ts';
import { adoptTable, initLock, type LockRow, lockQuery, lockRow } from '../../pipeline/merge/lock-table.ts';
import { targetProblems } from '../../pipeline/merge/target-problems.ts';
import { type FoundTarget, foundTarget, targetQuery } from '../../pipeline/merge/target-query.ts';
import { tombstonesProblem } from '../../pipeline/merge/tombstones.ts';
import { sqlOf } from '../../pipeline/sql/guarded-statement.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../pipeline/sql/identifier.ts';
import type { ResultRow } from '../../pipeline/sql/rows.ts';
import { BESIDE_KINDS, type BesideKind } from '../../pipeline/sql/system-tables.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { findDocument, JSON_FILE } from '../../store/document.ts';
import { randomToken } from '../sql/random-token.ts';
import { query, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import type { OpenLoader } from './open-batch.ts';

/** The table that batches are loaded into, and the version that its lock row has. */
export interface ReadyTarget {
  readonly target: FoundTarget;
  readonly version: number;
}

/** A column of a table to create. */
export interface WantedColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Finds the table and its lock row, and creates what is missing: the table if the loader says `create: true`, and the
 * tables beside it. Each in a short transaction of its own, which may be repeated.
 * @param columnsOfFiles the columns of a table to create, if the loader lists none
 * @throws Terminal `TargetMissing`, `TargetUnfit`, `TargetRecreated`
 */
export async function prepareTarget(
  open: OpenLoader,
  columnsOfFiles: () => Promise<readonly WantedColumn[]>,
): Promise<ReadyTarget> {
  const found = await lookAt(open);
  const target = found.target ?? (await createTarget(open, columnsOfFiles));
  const { merge } = open.definition;
  const { refusals } = targetProblems(target, merge);
  const outgrown =
    merge !== undefined && found.tombstones !== undefined
      ? tombstonesProblem(found.tombstones, target, merge)
      : undefined;
  const problems = outgrown === undefined ? refusals : [...refusals, outgrown];
  if (problems.length > 0) {
    throw new Terminal(
      'TargetUnfit',
      `${problems.join('; ')}. Nothing was loaded: change the table or the loader’s \`merge\`.`,
    );
  }
  if (!hasAllBeside(open, found.beside)) await createBeside(open, target, found.beside);
  const lock = await readLock(open, target);
  if (lock.tableId !== target.tableId) throw recreated(open);
  return { target, version: lock.version };
}

/** Reads the table again, after a column was added or a guard failed. @throws Terminal `TargetMissing` */
export async function rereadTarget(open: OpenLoader): Promise<FoundTarget> {
  const { target } = await lookAt(open);
  if (target === undefined) throw missing(open);
  return target;
}

/**
 * Takes over the table that now has the target's name, as an operator asked: its lock row names it from now on. What was
 * loaded before stays in the ledger, unless that is gone as well.
 * @throws Terminal `TargetMissing`, `TargetUnfit`
 */
export async function acceptTable(open: OpenLoader): Promise<void> {
  const { target, beside } = await lookAt(open);
  if (target === undefined) throw missing(open);
  if (!hasAllBeside(open, beside)) await runCreateBeside(open, target);
  const lock = await readLock(open, target);
  if (lock.tableId !== target.tableId) {
    await runAgain(open, `accept ${nameOf(open)}`, sqlOf(adoptTable(target, lock, target.tableId)));
  }
  const document = JSON.stringify({ version: 1, tableId: target.tableId } satisfies LoaderTable);
  await open.store.put(loaderTableKey(open.at), document, { signal: open.signal, ...JSON_FILE });
}

export const nameOf = ({ definition: { target } }: OpenLoader) => `${target.schema}.${target.table}`;

interface Looked {
  readonly target: FoundTarget | undefined;
  /** Names of the tables beside it that exist. */
  readonly beside: ReadonlySet<string>;
  /** One of them, with its columns. */
  readonly tombstones: FoundTarget | undefined;
}

async function lookAt(open: OpenLoader): Promise<Looked> {
  const { schema, table } = open.definition.target;
  const tombstones = besideName('tombstones', table);
  const [columns = [], beside = [], columnsOfTombstones = []] = await query(
    open.database,
    `tributary target ${nameOf(open)}`,
    [targetQuery(schema, table), besideQuery(schema, table), targetQuery(schema, tombstones)],
    open.signal,
    open.watch,
  );
  return {
    target: foundTarget(schema, table, columns),
    beside: new Set(beside.map((row: ResultRow) => String(row.name))),
    tombstones: foundTarget(schema, tombstones, columnsOfTombstones),
  };
}

const besideQuery = (schema: string, table: string) =>
  'SELECT c.relname::VARCHAR AS "name" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
  `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname IN ` +
  `(${BESIDE_KINDS.map((kind) => quoteLiteral(besideName(kind, table))).join(', ')})`;

/** A loader that merges needs all of them; one that appends does without tombstones and rows set aside. */
function hasAllBeside({ definition: { target, merge } }: OpenLoader, beside: ReadonlySet<string>): boolean {
  return BESIDE_KINDS.filter((kind) => merge !== undefined || !MERGE_ONLY.has(kind)).every((kind) =>
    beside.has(besideName(kind, target.table)),
  );
}

const MERGE_ONLY: ReadonlySet<BesideKind> = new Set(['tombstones', 'set_aside']);

/** The table that this loader has loaded into before. */
const knownTable = (open: OpenLoader) => ({
  store: open.store,
  key: loaderTableKey(open.at),
  schema: LoaderTable,
});

async function createTarget(
  open: OpenLoader,
  columnsOfFiles: () => Promise<readonly WantedColumn[]>,
): Promise<FoundTarget> {
  const { target } = open.definition;
  if (!target.create) throw missing(open);
  if ((await findDocument(knownTable(open), open.signal)) !== undefined) {
    // Another process may have created it since we looked.
    const { target: now } = await lookAt(open);
    if (now !== undefined) return now;
    throw dropped(open);
  }
  const columns =
    target.columns === undefined
      ? await columnsOfFiles()
      : Object.entries(target.columns).map(([name, type]) => ({ name, type }));
  const definitions = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${columnType(type).sql}`);
  const created = `CREATE TABLE IF NOT EXISTS ${qualified(target.schema, target.table)} (${definitions.join(', ')})`;
  // If the schema exists, CREATE SCHEMA IF NOT EXISTS would still need the right to create one.
  const schemas = (await hasSchema(open, target.schema))
    ? []
    : [`CREATE SCHEMA ${quoteIdentifier(target.schema)}`];
  await runAgain(open, `create ${nameOf(open)}`, [...schemas, created]);
  return rereadTarget(open);
}

async function hasSchema(open: OpenLoader, schema: string): Promise<boolean> {
  const sql = `SELECT nspname FROM pg_namespace WHERE nspname = ${quoteLiteral(schema)}`;
  const [rows = []] = await query(
    open.database,
    `tributary schema ${schema}`,
    [sql],
    open.signal,
    open.watch,
  );
  return rows.length > 0;
}

const missing = (open: OpenLoader) =>
  new Terminal(
    'TargetMissing',
    `${nameOf(open)} does not exist in database ${open.definition.target.database}. Create it, or set \`create: true\` ` +
      'in the loader’s target.',
  );

/** A new table would lack all that was loaded before, and the ledger would keep it from being loaded again. */
const dropped = (open: OpenLoader) =>
  new Terminal(
    'TargetMissing',
    `${nameOf(open)} does not exist any more in database ${open.definition.target.database}. This loader has loaded into it ` +
      'before, so it does not create it again, in spite of `create: true`: files that the table had are not loaded again by ' +
      `themselves. Restore it; or create it, then "tributary loader resume ${open.name} --accept-table". Then retry.`,
  );

/**
 * The tables beside the target are created once. If they are gone although this loader has loaded into the table before, so
 * is the ledger: another table has taken the name.
 */
async function createBeside(
  open: OpenLoader,
  target: FoundTarget,
  beside: ReadonlySet<string>,
): Promise<void> {
  const at = knownTable(open);
  const known = await findDocument(at, open.signal);
  if (known !== undefined) {
    // Another process may have created them since we looked: it writes the document after that.
    const now = beside.size === 0 ? (await lookAt(open)).beside : beside;
    if (known.tableId !== target.tableId || now.size === 0) throw recreated(open);
  }
  await runCreateBeside(open, target);
  await claim(at, { version: 1 as const, tableId: target.tableId }, anyWriter, open.signal);
}

async function runCreateBeside(open: OpenLoader, target: FoundTarget): Promise<void> {
  await runAgain(open, `tables beside ${nameOf(open)}`, createBesideTables(target, open.definition.merge));
  await runAgain(open, `lock row of ${nameOf(open)}`, initLock(target, target.tableId));
}

/**
 * Runs a short transaction that may be repeated. Its scope is random, because its text is the same each time: for hours, a
 * client token would return an earlier success, even if the table has been dropped since.
 */
export async function runAgain(
  open: OpenLoader,
  what: string,
  statements: readonly string[],
  watch: StatementWatch = open.watch,
): Promise<void> {
  const transaction = { name: `tributary ${what}`, scope: randomToken(), statements, watch };
  await runTransaction(open.database, transaction, open.signal);
}

async function readLock(open: OpenLoader, target: FoundTarget): Promise<LockRow> {
  const name = `tributary lock of ${nameOf(open)}`;
  const [rows = []] = await query(open.database, name, [lockQuery(target)], open.signal, open.watch);
  const found = lockRow(rows);
  if (found !== undefined) return found;
  // An attempt that created the table ended before it wrote the row.
  await runAgain(open, `lock row of ${nameOf(open)}`, initLock(target, target.tableId));
  return readLock(open, target);
}

const recreated = (open: OpenLoader) =>
  new Terminal(
    'TargetRecreated',
    `${nameOf(open)} is not the table that this loader has loaded into: it was dropped and created again, or another one ` +
      'took its name. Nothing was loaded into it, and files that the earlier table had are not loaded again by themselves. ' +
      `To continue with this table: "tributary loader resume ${open.name} --accept-table", then retry.`,
  );
