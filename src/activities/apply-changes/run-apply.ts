import { Terminal, Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { keyHash } from '../../pipeline/changes/apply-keys.ts';
import type { ApplyPlan } from '../../pipeline/changes/apply-plan.ts';
import { type ApplyGuard, applyStatements } from '../../pipeline/changes/apply-statements.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { positionsAfter, positionsOf, positionsQuery, samePositions } from '../../pipeline/load/positions.ts';
import { guardOf, sqlOf } from '../../pipeline/sql/guarded-statement.ts';
import { copyFailed, loadErrors } from '../sql/load-errors.ts';
import { GuardFailed, LoadFailed, query, runLongTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { applyName } from './earlier-applies.ts';
import { RefusedKeys } from './skipped-changes.ts';

/** Where an apply runs. */
export interface ApplyTarget {
  readonly database: Warehouse;
  /** Has the files that COPY reads. */
  readonly store: ObjectStore;
  readonly watch: StatementWatch;
  readonly isRedacted: boolean;
}

/** `changed`: nothing was applied, because the schema is no longer as it was when the apply was planned. */
export type ApplyOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'changed'; readonly guard: 'marker' | 'positions' | 'verified' };

/**
 * Runs one apply in one transaction, and finds out its outcome if the answer is lost: only this attempt can have
 * written the positions that it writes.
 * @throws Terminal `LoadFailed` if COPY refused rows, with file, line, column and value; `RowsDiffer` if the tables would not
 *   have held exactly what was sent. Transient if the warehouse is away.
 */
export async function runApply(
  target: ApplyTarget,
  plan: ApplyPlan,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const { database, watch } = target;
  const statements = applyStatements(plan);
  const name = applyName(plan.schema);
  const sinceMs = Date.now();
  try {
    const transaction = { name, scope: plan.schema, statements: sqlOf(statements), watch };
    await runLongTransaction(database, transaction, signal);
    return { kind: 'applied' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LoadFailed) throw await refusedRows(target, plan, { error, sinceMs }, signal);
    if (error instanceof GuardFailed) {
      const guard = guardOf(statements, error.statement);
      if (isFault(guard)) throw rowsDiffer(plan, guard);
      if (guard === 'positions' && (await wasApplied(target, plan, signal))) return { kind: 'applied' };
      return { kind: 'changed', guard };
    }
    // The session may have been lost after its COMMIT. If this cannot be found out now, the next attempt sees it.
    const isLost = error instanceof Transient && (await wasApplied(target, plan, signal).catch(() => false));
    if (isLost) return { kind: 'applied' };
    throw error;
  }
}

type Fault = Exclude<ApplyGuard, 'marker' | 'positions' | 'verified'> | undefined;

const isFault = (guard: ApplyGuard | undefined): guard is Fault =>
  guard === undefined || guard === 'keys' || guard === 'rows' || guard === 'attempt';

/** Waits for a transaction that still holds the positions. */
async function wasApplied(
  { database }: ApplyTarget,
  { schema, before, after, attempt }: ApplyPlan,
  signal: AbortSignal,
): Promise<boolean> {
  const [rows = []] = await query(
    database,
    `tributary positions of ${schema}`,
    [positionsQuery(schema)],
    signal,
  );
  return samePositions(positionsOf(rows), positionsAfter(before, after, attempt));
}

async function refusedRows(
  { database, store, isRedacted }: ApplyTarget,
  { schema, key, keys, tables }: ApplyPlan,
  { error, sinceMs }: { readonly error: LoadFailed; readonly sinceMs: number },
  signal: AbortSignal,
): Promise<Terminal> {
  const files = tables.flatMap(({ key: ofTable, copies }) =>
    copies.map((copy) => ({
      keys: copy.files ?? [],
      columns: copy.columns,
      keyColumns: ofTable.map((column) => column.name),
    })),
  );
  // The files of an apply are below one folder.
  const all = [...files, { keys: [keys.manifestKey], columns: [], keyColumns: [] }];
  const hashes = new Set<string>();
  const onFound = (found: Readonly<Record<string, string>>, keyColumns: readonly string[]) => {
    const texts = keyColumns.flatMap((column) => found[column] ?? []);
    if (key.length > 0 && texts.length === key.length) hashes.add(keyHash(key, itemOf(key, texts)));
  };
  const details = await loadErrors(database, store, { files: all, sinceMs, isRedacted, onFound }, signal);
  const { message } = copyFailed(details, `these changes of ${schema}`, error);
  return new RefusedKeys(message, [...hashes], { cause: error });
}

/** The key of an item, of the texts that its tables have. */
const itemOf = (key: Key, texts: readonly string[]): Item =>
  Object.fromEntries(
    key.map(({ name, kind }, i) => {
      const text = texts[i] as string;
      const value = kind === 'B' ? Buffer.from(text, 'hex').toString('base64') : text;
      return [name, { [kind]: value }];
    }),
  ) as Item;

const WHAT_DIFFERS: Readonly<Record<NonNullable<Fault>, string>> = {
  keys: 'COPY did not read each of its keys once',
  rows: 'the tables would not have held exactly the rows that were sent for its keys',
  attempt: 'its transaction was ended before its last statement, and another process wrote the positions',
};

const rowsDiffer = ({ schema }: ApplyPlan, fault: Fault) =>
  new Terminal(
    'RowsDiffer',
    `An apply of changes to ${schema} was given up: ` +
      `${fault === undefined ? 'a statement divided by zero' : WHAT_DIFFERS[fault]}. ` +
      'Send retryApply. If it happens again, refresh the destination and report it.',
  );
