import { quoteLiteral } from './identifier.ts';
import { query } from './query.ts';
import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** `CREATE SCHEMA …` after the words. */
export function createSchema(t: Translation): StatementBody {
  const { reader } = t;
  const ifNotExists = reader.acceptWords('if', 'not', 'exists') ? 'IF NOT EXISTS ' : '';
  const schema = schemaName(t);
  const steps = [`CREATE SCHEMA ${ifNotExists}${schema}`];
  if (reader.acceptWords('authorization')) steps.push(`ALTER SCHEMA ${schema} OWNER TO ${owner(t)}`);
  if (reader.acceptWords('quota')) throw new NotSupported('QUOTA of a schema');
  return { command: 'CREATE SCHEMA', steps };
}

export function alterSchema(t: Translation): StatementBody {
  const { reader } = t;
  const schema = schemaName(t);
  if (reader.acceptWords('rename', 'to')) {
    return { command: 'ALTER SCHEMA', steps: [`ALTER SCHEMA ${schema} RENAME TO ${schemaName(t)}`] };
  }
  reader.expectWords('owner', 'to');
  return { command: 'ALTER SCHEMA', steps: [`ALTER SCHEMA ${schema} OWNER TO ${owner(t)}`] };
}

function schemaName(t: Translation): string {
  const name = t.reader.identifier();
  if (/^(pg_|_redshift)/.test(name) || name === 'information_schema') {
    throw new RedshiftError(`unacceptable schema name "${name}"`, '42939');
  }
  return t.names.quote(name);
}

function owner(t: Translation): string {
  return t.names.quote(t.warehouse.roleOf('user', t.reader.identity('user')));
}

/** `DROP SCHEMA|TABLE|VIEW [IF EXISTS] name, … [CASCADE|RESTRICT]` after the word DROP. */
export function drop(t: Translation): StatementBody {
  const { reader } = t;
  const kind = reader.acceptOneOf('schema', 'table', 'view');
  if (kind === undefined) return dropIdentity(t);
  const ifExists = reader.acceptWords('if', 'exists') ? 'IF EXISTS ' : '';
  const names = reader.list(() => (kind === 'schema' ? schemaName(t) : t.target(t.relationName())));
  const behaviour = reader.acceptWords('cascade') ? 'CASCADE' : 'RESTRICT';
  if (behaviour === 'RESTRICT') reader.acceptWords('restrict');
  const what = kind.toUpperCase();
  return { command: `DROP ${what}`, steps: [`DROP ${what} ${ifExists}${names.join(', ')} ${behaviour}`] };
}

/** `CREATE [OR REPLACE] VIEW …` after the word VIEW. */
export function createView(t: Translation, orReplace: boolean): StatementBody {
  const { reader } = t;
  const view = t.target(t.relationName());
  const columns = reader.isOperator('(') ? reader.parenthesized(() => reader.identifier()) : undefined;
  reader.expectWords('as');
  const start = reader.peek().start;
  const text = query(t);
  const definition = t.source.slice(start, reader.peek().start).trim();
  const create = `CREATE ${orReplace ? 'OR REPLACE ' : ''}VIEW ${view}`;
  if (!reader.acceptWords('with', 'no', 'schema', 'binding')) {
    const list =
      columns === undefined ? '' : ` (${columns.map((column) => t.names.quote(column)).join(', ')})`;
    const createdView = { view, query: definition };
    return { command: 'CREATE VIEW', steps: [`${create}${list} AS ${text}`], createdView };
  }
  if (columns !== undefined) throw new NotSupported('a column list on a late-binding view');
  if (t.read.some((relation) => relation.schema === undefined)) {
    throw new RedshiftError(
      'All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.',
      '42P17',
    );
  }
  // An empty view in PostgreSQL holds the name, the owner and the grants.
  const record = `SELECT "_redshift_state"."record_late_binding_view"(${quoteLiteral(view)}::regclass, ${quoteLiteral(definition)}, ${quoteLiteral(t.source)})`;
  return { command: 'CREATE VIEW', steps: [`${create} AS SELECT`, record] };
}

/** `COMMENT ON SCHEMA|TABLE|VIEW|COLUMN … IS 'text'|NULL` after the words COMMENT ON. */
export function comment(t: Translation): StatementBody {
  const { reader } = t;
  const kind = reader.acceptOneOf('schema', 'table', 'view', 'column');
  if (kind === undefined) throw reader.notSupported('COMMENT ON this kind of object');
  let object: string;
  if (kind === 'schema') object = schemaName(t);
  else if (kind === 'column') object = columnName(t);
  else object = t.target(t.relationName());
  reader.expectWords('is');
  const text = reader.acceptWords('null') ? 'NULL' : quoteLiteral(reader.string());
  return { command: 'COMMENT', steps: [`COMMENT ON ${kind.toUpperCase()} ${object} IS ${text}`] };
}

function columnName(t: Translation): string {
  const parts = [t.reader.identifier()];
  while (t.reader.acceptOperator('.')) parts.push(t.reader.identifier());
  if (parts.length === 4) parts.shift();
  if (parts.length === 2) parts.unshift('public');
  if (parts.length !== 3) throw t.reader.syntaxError();
  return parts.map((part) => t.names.quote(part)).join('.');
}

/** `CREATE USER|GROUP|ROLE name …` after the kind. Users have no password here: the Data API does not ask for it. */
export function createIdentity(t: Translation, kind: 'user' | 'group' | 'role'): StatementBody {
  const { reader } = t;
  const name = reader.identity(kind);
  const steps = [
    `SELECT "_redshift_state"."create_identity"('${kind}', ${quoteLiteral(name)}, ${quoteLiteral(t.warehouse.roleOf(kind, name))})`,
  ];
  reader.acceptWords('with');
  if (kind === 'user') {
    if (!reader.acceptWords('password', 'disable')) {
      reader.expectWords('password');
      reader.string();
    }
    reader.acceptOneOf('createdb', 'nocreatedb');
    reader.acceptOneOf('createuser', 'nocreateuser');
  }
  if (kind === 'group' && reader.acceptWords('user')) {
    const group = t.names.quote(t.warehouse.roleOf('group', name));
    steps.push(...reader.list(() => `GRANT ${group} TO ${owner(t)}`));
  }
  return { command: `CREATE ${kind.toUpperCase()}`, steps };
}

function dropIdentity(t: Translation): StatementBody {
  const kind = t.reader.acceptOneOf('user', 'group', 'role') as 'user' | 'group' | 'role' | undefined;
  if (kind === undefined) throw t.reader.notSupported('DROP of this kind of object');
  const ifExists = t.reader.acceptWords('if', 'exists');
  const steps = t.reader.list(
    () =>
      `SELECT "_redshift_state"."drop_identity"('${kind}', ${quoteLiteral(t.reader.identity(kind))}, ${ifExists})`,
  );
  return { command: `DROP ${kind.toUpperCase()}`, steps };
}
