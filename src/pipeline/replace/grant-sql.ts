import { qualified, quoteComment, quoteIdentifier } from '../sql/identifier.ts';
import type { ColumnGrant, Comment, DefaultGrant, Grant, RelationGrant, SchemaGrant } from './catalogue.ts';

/** GRANT, REVOKE and COMMENT statements. */

type Verb = 'GRANT' | 'REVOKE';

/** `TO` or `FROM` and the identity. To revoke, the grant option needs no mention: it ends with the privilege. */
export function grantee(verb: Verb, { identity, identityType, grantOption }: Grant): string {
  const word = verb === 'GRANT' ? 'TO' : 'FROM';
  switch (identityType) {
    case 'public':
      return `${word} PUBLIC`;
    case 'group':
      return `${word} GROUP ${quoteIdentifier(identity)}`;
    case 'role':
      return `${word} ROLE ${quoteIdentifier(identity)}`;
    case 'user':
      return `${word} ${quoteIdentifier(identity)}${grantOption && verb === 'GRANT' ? ' WITH GRANT OPTION' : ''}`;
    case 'other':
      throw new Error(`cannot grant to ${identity}, which is neither a user nor a group or role`);
  }
}

/** Scopes of a schema's grants: its own, and those of all objects of one kind in it, future ones included. */
export const SCHEMA_SCOPES = ['SCHEMA', 'TABLES', 'FUNCTIONS', 'PROCEDURES'];

export function schemaGrantSql(verb: Verb, schema: string, grant: SchemaGrant): string {
  const on = grant.scope === 'SCHEMA' ? 'ON SCHEMA' : `FOR ${grant.scope} IN SCHEMA`;
  return `${verb} ${grant.privilege} ${on} ${quoteIdentifier(schema)} ${grantee(verb, grant)}`;
}

export function relationGrantSql(verb: Verb, schema: string, grant: RelationGrant): string {
  return `${verb} ${grant.privilege} ON ${qualified(schema, grant.relation)} ${grantee(verb, grant)}`;
}

export function columnGrantSql(verb: Verb, schema: string, grant: ColumnGrant): string {
  const column = quoteIdentifier(grant.column);
  return `${verb} ${grant.privilege} (${column}) ON ${qualified(schema, grant.relation)} ${grantee(verb, grant)}`;
}

/** Kinds of objects that have default privileges, and the words for them. */
export const DEFAULT_OBJECTS: ReadonlyMap<string, string> = new Map([
  ['RELATION', 'TABLES'],
  ['FUNCTION', 'FUNCTIONS'],
  ['PROCEDURE', 'PROCEDURES'],
]);

export function defaultGrantSql(verb: Verb, schema: string, grant: DefaultGrant): string {
  return (
    `ALTER DEFAULT PRIVILEGES FOR USER ${quoteIdentifier(grant.owner)} IN SCHEMA ${quoteIdentifier(schema)} ` +
    `${verb} ${grant.privilege} ON ${DEFAULT_OBJECTS.get(grant.objectType)} ${grantee(verb, grant)}`
  );
}

/** Redshift does not document COMMENT ON SCHEMA. It is used only if a schema has a comment nevertheless. */
export function commentSql(schema: string, { relation, kind, column, text }: Comment): string {
  const target =
    relation === undefined
      ? `SCHEMA ${quoteIdentifier(schema)}`
      : column === undefined
        ? `${kind === 'view' ? 'VIEW' : 'TABLE'} ${qualified(schema, relation)}`
        : `COLUMN ${qualified(schema, relation)}.${quoteIdentifier(column)}`;
  return `COMMENT ON ${target} IS ${quoteComment(text)}`;
}

export function ownerSql(schema: string, relation: string, owner: string): string {
  return `ALTER TABLE ${qualified(schema, relation)} OWNER TO ${quoteIdentifier(owner)}`;
}
