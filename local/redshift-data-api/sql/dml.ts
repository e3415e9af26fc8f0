import { parseCopy } from './copy-statement.ts';
import { expression } from './expression.ts';
import { query, tableReference } from './query.ts';
import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { NotSupported } from './unsupported.ts';

/**
 * Writers of one table wait for each other in Redshift, and readers never wait: PostgreSQL's SHARE ROW EXCLUSIVE.
 * The lock comes first, before anything that takes the transaction's snapshot.
 */
export function writeLock(target: string): string {
  return `LOCK TABLE ${target} IN SHARE ROW EXCLUSIVE MODE`;
}

export function insert(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('insert', 'into');
  const target = t.target(t.relationName());
  const columns =
    reader.isOperator('(') &&
    !(reader.peek(1).kind === 'word' && ['select', 'with'].includes(reader.peek(1).value))
      ? ` (${reader.parenthesized(() => t.names.quote(reader.identifier())).join(', ')})`
      : '';
  let source: string;
  if (reader.acceptWords('default', 'values')) source = 'DEFAULT VALUES';
  else if (reader.acceptWords('values')) {
    source = `VALUES ${reader.list(() => `(${reader.parenthesized(() => expression(t)).join(', ')})`).join(', ')}`;
  } else source = query(t);
  return { command: 'INSERT', steps: [writeLock(target), `INSERT INTO ${target}${columns} ${source}`] };
}

export function update(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('update');
  const target = t.target(t.relationName());
  const alias =
    reader.acceptWords('as') || !reader.isWords('set') ? ` AS ${t.names.quote(reader.identifier())}` : '';
  reader.expectWords('set');
  const changes = reader.list(() => {
    const column = t.names.quote(reader.identifier());
    reader.expectOperator('=');
    return `${column} = ${expression(t)}`;
  });
  const from = reader.acceptWords('from') ? ` FROM ${reader.list(() => tableReference(t)).join(', ')}` : '';
  const where = reader.acceptWords('where') ? ` WHERE ${expression(t)}` : '';
  return {
    command: 'UPDATE',
    steps: [writeLock(target), `UPDATE ${target}${alias} SET ${changes.join(', ')}${from}${where}`],
  };
}

export function deleteRows(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('delete');
  reader.acceptWords('from');
  const target = t.target(t.relationName());
  if (reader.isIdentifier() && !reader.isWords('using') && !reader.isWords('where')) {
    throw new NotSupported('an alias in DELETE');
  }
  const using = reader.acceptWords('using')
    ? ` USING ${reader.list(() => tableReference(t)).join(', ')}`
    : '';
  const where = reader.acceptWords('where') ? ` WHERE ${expression(t)}` : '';
  return { command: 'DELETE', steps: [writeLock(target), `DELETE FROM ${target}${using}${where}`] };
}

export function select(t: Translation): StatementBody {
  return { command: 'SELECT', steps: [query(t)], hasResultSet: true };
}

export function lock(t: Translation): StatementBody {
  t.reader.expectWords('lock');
  t.reader.acceptWords('table');
  const targets = t.reader.list(() => t.target(t.relationName()));
  return { command: 'LOCK', steps: [`LOCK TABLE ${targets.join(', ')} IN ACCESS EXCLUSIVE MODE`] };
}

export function copy(t: Translation): StatementBody {
  t.reader.expectWords('copy');
  const statement = parseCopy(t);
  return { command: 'COPY', steps: [writeLock(statement.physicalTarget)], copy: statement };
}

export function analyze(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('analyze');
  if (reader.isWords('compression')) throw new NotSupported('ANALYZE COMPRESSION');
  reader.acceptWords('verbose');
  if (reader.atEnd || reader.isOperator(';'))
    throw new NotSupported('ANALYZE of the whole database (name a table)');
  const target = t.target(t.relationName());
  const columns = reader.isOperator('(')
    ? ` (${reader.parenthesized(() => t.names.quote(reader.identifier())).join(', ')})`
    : '';
  if (reader.acceptWords('predicate', 'columns') || reader.acceptWords('all', 'columns'))
    return { command: 'ANALYZE', steps: [`ANALYZE ${target}`] };
  return { command: 'ANALYZE', steps: [`ANALYZE ${target}${columns}`] };
}

export function truncate(t: Translation): StatementBody {
  t.reader.expectWords('truncate');
  t.reader.acceptWords('table');
  return {
    command: 'TRUNCATE TABLE',
    steps: [`TRUNCATE TABLE ${t.target(t.relationName())}`],
    transaction: 'commits',
  };
}
