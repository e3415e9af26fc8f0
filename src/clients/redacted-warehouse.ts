import { hasEnded, type Warehouse } from './warehouse.ts';

/** A statement that reads values: its error may quote one. */
const COPY = /^\s*COPY\s/i;

/** Where the SQL of other sessions is found, which may contain values. */
const OTHERS_SQL = /\bsys_query_history\b/i;
const NOT_SHOWN = '(not shown, because redactValues is true)';

const QUOTED = /'[^']*'|"[^"]*"/g;

/** Names of Redshift's own that its errors quote. */
const KNOWN = new Set(['stl_load_errors', 'sys_load_error_detail']);

/**
 * The same warehouse, but the error of a transaction with a COPY quotes only what its statements contain, which are
 * names: anything else in quotes may be a value from the data. The column "sql" of a query about other sessions is
 * blanked.
 * @param isRedacted asked only in these two cases
 */
export function redactedWarehouse(warehouse: Warehouse, isRedacted: () => Promise<boolean>): Warehouse {
  const copies = new Map<string, readonly string[]>();
  const aboutOthers = new Set<string>();
  const note = (id: string, statements: readonly string[]) => {
    if (statements.some((sql) => COPY.test(sql))) copies.set(id, statements);
    if (statements.some((sql) => OTHERS_SQL.test(sql))) aboutOthers.add(id);
  };
  return {
    slots: warehouse.slots,
    async rows(id, n, options) {
      const rows = await warehouse.rows(id, n, options);
      if (!aboutOthers.has(id) || rows.length === 0 || !(await isRedacted())) return rows;
      return rows.map((row) => (typeof row.sql === 'string' ? { ...row, sql: NOT_SHOWN } : row));
    },
    cancel: (id) => warehouse.cancel(id),
    running: (name, options) => warehouse.running(name, options),
    async submit(statements, options) {
      const id = await warehouse.submit(statements, options);
      note(id, statements);
      return id;
    },
    async submitInSession(statement, options) {
      const submitted = await warehouse.submitInSession(statement, options);
      note(submitted.id, [statement]);
      return submitted;
    },
    async describe(id, options) {
      const state = await warehouse.describe(id, options);
      const statements = copies.get(id);
      if (statements === undefined || !hasEnded(state)) return state;
      copies.delete(id);
      if (state.status === 'FINISHED' || !(await isRedacted())) return state;
      return { ...state, error: quotingOnly(statements, state.error) };
    },
  };
}

function quotingOnly(statements: readonly string[], error: string): string {
  return error.replace(QUOTED, (quoted) => {
    const text = quoted.slice(1, -1);
    return KNOWN.has(text) || statements.some((sql) => sql.includes(text))
      ? quoted
      : `${quoted[0]}…${quoted[0]}`;
  });
}
