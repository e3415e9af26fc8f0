import { parseCopy } from './copy/copy-statement.ts';
import { expression } from './expression.ts';
import { query, tableReference } from './query.ts';
import { Scope } from './scope.ts';
import type { StatementBody } from './translated-statement.ts';
import type { RelationName, Translation } from './translation.ts';
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
  const relation = t.relationName();
  const target = t.target(relation);
  const known = reader.acceptWords('as') || !reader.isWords('set') ? reader.identifier() : undefined;
  const alias = known === undefined ? '' : ` AS ${t.names.quote(known)}`;
  openScope(t, known === undefined ? relation : { name: known });
  reader.expectWords('set');
  const set = reader.position;
  // FROM comes after the expressions that use its names: they are read twice.
  const readChanges = () =>
    reader.list(() => {
      const column = t.names.quote(reader.identifier());
      reader.expectOperator('=');
      return `${column} = ${expression(t)}`;
    });
  readChanges();
  const afterChanges = reader.position;
  if (reader.acceptWords('from')) reader.list(() => tableReference(t));
  reader.position = set;
  const changes = readChanges();
  reader.position = afterChanges;
  const from = reader.acceptWords('from') ? ` FROM ${reader.list(() => tableReference(t)).join(', ')}` : '';
  const where = reader.acceptWords('where') ? ` WHERE ${expression(t)}` : '';
  return {
    command: 'UPDATE',
    steps: [writeLock(target), `UPDATE ${target}${alias} SET ${changes.join(', ')}${from}${where}`],
  };
}

function openScope(t: Translation, relation: RelationName): void {
  t.scope = new Scope(undefined);
  t.scope.addTable(relation.name, relation.schema);
}

export function deleteRows(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('delete');
  reader.acceptWords('from');
  const relation = t.relationName();
  const target = t.target(relation);
  openScope(t, relation);
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
