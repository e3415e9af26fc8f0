import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/**
 * Redshift's privileges on relations, and the PostgreSQL privileges that represent them. PostgreSQL has no DROP and
 * ALTER: TRIGGER and MAINTAIN, which Redshift lacks, represent them in the access lists.
 */
const RELATION_PRIVILEGES: Record<string, string> = {
  select: 'SELECT',
  insert: 'INSERT',
  update: 'UPDATE',
  delete: 'DELETE',
  references: 'REFERENCES',
  truncate: 'TRUNCATE',
  drop: 'TRIGGER',
  alter: 'MAINTAIN',
};
const SCHEMA_PRIVILEGES: Record<string, string> = { usage: 'USAGE', create: 'CREATE' };

interface Privilege {
  name: string;
  columns?: string[];
}
interface Grantee {
  role: string;
  withGrantOption: boolean;
}

/** `GRANT …` or `REVOKE …`, the first word still to be read. */
export function grantOrRevoke(t: Translation): StatementBody {
  const { reader } = t;
  const verb = reader.acceptWords('grant') ? 'GRANT' : 'REVOKE';
  if (verb === 'REVOKE') reader.expectWords('revoke');
  const optionOnly =
    verb === 'REVOKE' && reader.acceptWords('grant', 'option', 'for') ? 'GRANT OPTION FOR ' : '';
  if (reader.acceptWords('role')) return grantRole(t, verb, optionOnly !== '');
  const privileges = privilegeList(t);
  reader.expectWords('on');
  const object = grantObject(t);
  const allowed = object.startsWith('SCHEMA') ? SCHEMA_PRIVILEGES : RELATION_PRIVILEGES;
  const list = privilegeText(t, privileges, allowed);
  const steps = recipients(t, verb).map(
    ({ role, withGrantOption }) =>
      `${verb} ${optionOnly}${list} ON ${object} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${role}${withGrantOption ? ' WITH GRANT OPTION' : ''}`,
  );
  if (verb === 'REVOKE' && !reader.acceptWords('restrict') && reader.acceptWords('cascade')) {
    return { command: verb, steps: steps.map((step) => `${step} CASCADE`) };
  }
  return { command: verb, steps };
}

/** `GRANT|REVOKE ROLE r, … TO|FROM user | ROLE r2, … [WITH ADMIN OPTION]` after the word ROLE. */
function grantRole(t: Translation, verb: 'GRANT' | 'REVOKE', adminOptionOnly: boolean): StatementBody {
  const { reader } = t;
  if (adminOptionOnly) throw new NotSupported('REVOKE GRANT OPTION FOR ROLE');
  const roles = reader.list(() => t.names.quote(t.warehouse.roleOf('role', reader.identity('role'))));
  reader.expectWords(verb === 'GRANT' ? 'to' : 'from');
  const steps = reader.list(() => {
    if (reader.isWords('group') && reader.isIdentifier(1))
      throw new RedshiftError('a role cannot be granted to a group', '0LP01');
    const kind = reader.isWords('role') && reader.isIdentifier(1) ? 'role' : 'user';
    if (kind === 'role') reader.next();
    const grantee = t.names.quote(t.warehouse.roleOf(kind, reader.identity(kind)));
    const admin =
      verb === 'GRANT' && reader.acceptWords('with', 'admin', 'option') ? ' WITH ADMIN OPTION' : '';
    if (admin !== '' && kind === 'role')
      throw new RedshiftError('WITH ADMIN OPTION is for users only', '0LP01');
    return `${verb} ${roles.join(', ')} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${grantee}${admin}`;
  });
  return { command: `${verb} ROLE`, steps };
}

/** `ALTER DEFAULT PRIVILEGES …` after these words. */
export function alterDefaultPrivileges(t: Translation): StatementBody {
  const { reader } = t;
  let scope = 'ALTER DEFAULT PRIVILEGES';
  if (reader.acceptWords('for')) {
    if (!reader.acceptOneOf('user', 'role')) throw reader.syntaxError();
    scope += ` FOR ROLE ${reader.list(() => t.names.quote(t.warehouse.roleOf('user', reader.identity('user')))).join(', ')}`;
  }
  if (reader.acceptWords('in', 'schema'))
    scope += ` IN SCHEMA ${reader.list(() => t.names.quote(reader.identifier())).join(', ')}`;
  const verb = reader.acceptWords('grant') ? 'GRANT' : 'REVOKE';
  if (verb === 'REVOKE') reader.expectWords('revoke');
  const optionOnly =
    verb === 'REVOKE' && reader.acceptWords('grant', 'option', 'for') ? 'GRANT OPTION FOR ' : '';
  const privileges = privilegeList(t);
  reader.expectWords('on');
  if (!reader.acceptWords('tables')) throw reader.notSupported('default privileges on anything but TABLES');
  const list = privilegeText(t, privileges, RELATION_PRIVILEGES);
  const steps = recipients(t, verb).map(
    ({ role, withGrantOption }) =>
      `${scope} ${verb} ${optionOnly}${list} ON TABLES ${verb === 'GRANT' ? 'TO' : 'FROM'} ${role}${withGrantOption ? ' WITH GRANT OPTION' : ''}`,
  );
  if (verb === 'REVOKE') reader.acceptOneOf('restrict', 'cascade');
  return { command: 'ALTER DEFAULT PRIVILEGES', steps };
}

function privilegeList(t: Translation): Privilege[] {
  return t.reader.list(() => {
    const name = t.reader.identifier();
    if (name === 'all') t.reader.acceptWords('privileges');
    if (!t.reader.isOperator('(')) return { name };
    return { name, columns: t.reader.parenthesized(() => t.names.quote(t.reader.identifier())) };
  });
}

function privilegeText(t: Translation, privileges: Privilege[], allowed: Record<string, string>): string {
  return privileges
    .map(({ name, columns }) => {
      if (columns !== undefined && !['select', 'update', 'all'].includes(name)) {
        throw new RedshiftError(`invalid privilege type ${name.toUpperCase()} for column`, '0LP01');
      }
      // On columns, ALL means SELECT and UPDATE, the only two in Redshift.
      if (columns !== undefined && name === 'all')
        return `SELECT (${columns.join(', ')}), UPDATE (${columns.join(', ')})`;
      const privilege = name === 'all' ? 'ALL' : allowed[name];
      if (privilege === undefined)
        throw t.reader.notSupported(`the privilege ${name.toUpperCase()} on this object`);
      return columns === undefined ? privilege : `${privilege} (${columns.join(', ')})`;
    })
    .join(', ');
}

function grantObject(t: Translation): string {
  const { reader } = t;
  const schemas = () => reader.list(() => t.names.quote(reader.identifier())).join(', ');
  if (reader.acceptWords('all', 'tables', 'in', 'schema')) return `ALL TABLES IN SCHEMA ${schemas()}`;
  if (reader.acceptWords('schema')) return `SCHEMA ${schemas()}`;
  const other = ['database', 'function', 'procedure', 'language', 'model', 'datashare', 'all'].find((word) =>
    reader.isWords(word),
  );
  if (other !== undefined && reader.isIdentifier(1))
    throw new NotSupported(`GRANT or REVOKE ON ${other.toUpperCase()}`);
  reader.acceptWords('table');
  return `TABLE ${reader.list(() => t.target(t.relationName())).join(', ')}`;
}

function recipients(t: Translation, verb: 'GRANT' | 'REVOKE'): Grantee[] {
  const { reader } = t;
  reader.expectWords(verb === 'GRANT' ? 'to' : 'from');
  return reader.list(() => {
    if (reader.acceptWords('public')) return { role: 'PUBLIC', withGrantOption: false };
    const named = reader.isIdentifier(1) ? reader.acceptOneOf('group', 'role', 'user') : undefined;
    const kind = (named ?? 'user') as 'user' | 'group' | 'role';
    const role = t.names.quote(t.warehouse.roleOf(kind, reader.identity(kind)));
    const withGrantOption = verb === 'GRANT' && reader.acceptWords('with', 'grant', 'option');
    if (withGrantOption && kind !== 'user') {
      throw new RedshiftError(`WITH GRANT OPTION is not supported for a ${kind}`, '0LP01');
    }
    return { role, withGrantOption };
  });
}
