import { type LoggedTransaction, MAX_SQL_CHARACTERS } from '../pipeline/run/statement-log.ts';
import type { Warehouse } from './warehouse.ts';
import { type EndedState, hasEnded } from './warehouse.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * The same warehouse, but it calls `record` with each transaction once its end is seen. SQL is truncated and stripped
 * of secrets. Results are never read.
 */
export function recordedWarehouse(
  warehouse: Warehouse,
  record: (transaction: LoggedTransaction) => Promise<void>,
): Warehouse {
  const pending = new Map<string, { name: string; statements: readonly string[]; submittedAt: string }>();
  const note = (id: string, name: string, statements: readonly string[]) =>
    pending.set(id, { name, statements, submittedAt: new Date().toISOString() });
  return {
    slots: warehouse.slots,
    rows: (id, n, options) => warehouse.rows(id, n, options),
    cancel: (id) => warehouse.cancel(id),
    running: (name, options) => warehouse.running(name, options),
    async submit(statements, options) {
      const id = await warehouse.submit(statements, options);
      note(id, options.name, statements);
      return id;
    },
    async submitInSession(statement, options) {
      const submitted = await warehouse.submitInSession(statement, options);
      note(submitted.id, options.name, [statement]);
      return submitted;
    },
    async describe(id, options) {
      const state = await warehouse.describe(id, options);
      const submitted = pending.get(id);
      if (submitted !== undefined && hasEnded(state)) {
        pending.delete(id);
        await record({ id, ...submitted, ...outcome(state), statements: statementsOf(submitted, state) });
      }
      return state;
    },
  };
}

function outcome(state: EndedState) {
  const submitted =
    state.createdAtMs === undefined || state.createdAtMs === 0
      ? {}
      : { submittedAt: new Date(state.createdAtMs).toISOString() };
  return state.status === 'FINISHED'
    ? { status: state.status, seconds: state.seconds, ...submitted }
    : { status: state.status, error: state.error, ...submitted };
}

function statementsOf(
  { statements }: { readonly statements: readonly string[] },
  { parts = [] }: EndedState,
) {
  return statements.map((sql, i) => ({
    sql: withoutSecrets(sql).slice(0, MAX_SQL_CHARACTERS),
    characters: sql.length,
    ...parts[i],
  }));
}
