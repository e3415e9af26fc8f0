import { analyze, copy, deleteRows, insert, lock, select, truncate, update } from './dml.ts';
import { alterDefaultPrivileges, grantOrRevoke } from './grants.ts';
import { merge } from './merge.ts';
import { query } from './query.ts';
import { alterSchema, comment, createIdentity, createSchema, createView, drop } from './schema-definition.ts';
import { begin, cancel, commit, reset, rollback, set, show, vacuum } from './session-statements.ts';
import { alterTable, createTable } from './table-definition.ts';
import type { StatementBody, TranslatedStatement } from './translated-statement.ts';
import { Translation, type Warehouse } from './translation.ts';
import { unload } from './unload/unload-statement.ts';
import { NotSupported } from './unsupported.ts';

/**
 * Parses one statement of Redshift's dialect and translates it for PostgreSQL.
 * @throws RedshiftError if Redshift would refuse it, NotSupported if this dialect does.
 */
export function translate(
  sql: string,
  warehouse: Warehouse,
  parameters: ReadonlyMap<string, string> = new Map(),
): TranslatedStatement {
  const t = new Translation(sql, warehouse, parameters, query);
  const body = statement(t);
  t.reader.expectEnd();
  return {
    hasResultSet: false,
    transaction: 'inside',
    ...body,
    read: t.read,
    functionsUsed: t.functionsUsed,
    systemRelations: t.systemRelations,
    longNames: t.names.seenLongNames,
  };
}

function statement(t: Translation): StatementBody {
  const { reader } = t;
  if (reader.isOperator('(')) return select(t);
  const token = reader.peek();
  if (token.kind !== 'word') throw reader.syntaxError();
  switch (token.value) {
    case 'select':
    case 'with':
      return select(t);
    case 'insert':
      return insert(t);
    case 'update':
      return update(t);
    case 'delete':
      return deleteRows(t);
    case 'copy':
      return copy(t);
    case 'unload':
      return unload(t);
    case 'merge':
      return merge(t);
    case 'set':
      return set(t);
    case 'reset':
      return reset(t);
    case 'show':
      return show(t);
    case 'begin':
    case 'start':
      return begin(t);
    case 'commit':
    case 'end':
      return commit(t);
    case 'rollback':
    case 'abort':
      return rollback(t);
    case 'vacuum':
      return vacuum(t);
    case 'cancel':
      return cancel(t);
    case 'lock':
      return lock(t);
    case 'analyze':
    case 'analyse':
      return analyze(t);
    case 'truncate':
      return truncate(t);
    case 'grant':
    case 'revoke':
      return grantOrRevoke(t);
    case 'create':
      reader.next();
      return create(t);
    case 'drop':
      reader.next();
      return drop(t);
    case 'alter':
      reader.next();
      if (reader.acceptWords('table')) return alterTable(t);
      if (reader.acceptWords('schema')) return alterSchema(t);
      if (reader.acceptWords('default', 'privileges')) return alterDefaultPrivileges(t);
      throw new NotSupported(`ALTER ${reader.peek().text.toUpperCase()}`);
    case 'comment':
      reader.next();
      reader.expectWords('on');
      return comment(t);
    default:
      if (NOT_YET.has(token.value)) throw new NotSupported(`the statement ${token.value.toUpperCase()}`);
      throw reader.syntaxError();
  }
}

/** Redshift's statements that this dialect does not support. */
const NOT_YET = new Set(
  `call close deallocate declare desc describe execute explain fetch prepare refresh use`.split(/\s+/),
);

function create(t: Translation): StatementBody {
  const { reader } = t;
  const orReplace = reader.acceptWords('or', 'replace');
  if (reader.acceptWords('view')) return createView(t, orReplace);
  if (!orReplace) {
    if (reader.acceptWords('table')) return createTable(t, false);
    if (reader.isWords('local') || reader.isWords('temp') || reader.isWords('temporary')) {
      reader.acceptWords('local');
      if (reader.acceptOneOf('temp', 'temporary') === undefined) throw reader.syntaxError();
      if (!reader.acceptWords('table'))
        throw new NotSupported(`CREATE TEMP ${reader.peek().text.toUpperCase()}`);
      return createTable(t, true);
    }
    if (reader.acceptWords('schema')) return createSchema(t);
    const identity = reader.acceptOneOf('user', 'group', 'role');
    if (identity !== undefined) return createIdentity(t, identity as 'user' | 'group' | 'role');
  }
  throw new NotSupported(`CREATE ${orReplace ? 'OR REPLACE ' : ''}${reader.peek().text.toUpperCase()}`);
}
