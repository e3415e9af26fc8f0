import { qualified, quoteComment, quoteIdentifier } from '../sql/identifier.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import {
  type Catalogue,
  type ColumnGrant,
  type Comment,
  columnKey,
  type DefaultGrant,
  type Grant,
  type RelationGrant,
  type SchemaGrant,
} from './catalogue.ts';
import { copyView, isLateBinding } from './late-binding-view.ts';

/**
 * The statements that give one schema what another has and it lacks: late-binding views, grants on schema, relations and
 * columns, default privileges, comments, and finally owners, because a previous owner can no longer grant. It is used
 * from live to staging before the swap, and from the backup to live after it, for grants made in between. It covers only
 * relations and columns that both schemas have, without Tributary's own tables. Once applied, it is empty.
 *
 * Only superusers can change owners or ALTER DEFAULT PRIVILEGES FOR another user.
 * @param schema the name of the schema that `to` describes
 */
export function grantsPlan(from: Catalogue, to: Catalogue, schema: string): string[] {
  const newViews = from.views.filter(
    ({ name, definition }) => isLateBinding(definition) && !to.relations.some((r) => r.name === name),
  );
  const viewNames = new Set(newViews.map(({ name }) => name));
  const relations = new Set(
    [...to.relations.map(({ name }) => name), ...viewNames].filter((name) => !isSystemTable(name)),
  );
  const inBoth = ({ relation }: { readonly relation: string }) => relations.has(relation);
  const columnInBoth = ({ relation, column }: { readonly relation: string; readonly column: string }) =>
    relations.has(relation) && (viewNames.has(relation) || to.columns.has(columnKey(relation, column)));
  const notOwners = ({ identity, identityType }: Grant, owner: string | undefined) =>
    identityType !== 'user' || identity !== owner;
  const ownerOf = (relation: string) => from.relations.find(({ name }) => name === relation)?.owner;
  return [
    ...newViews.flatMap(({ name, definition }) => copyView(definition, schema, name) ?? []),
    ...lackingGrants(from.schemaGrants, to.schemaGrants)
      .filter((grant) => notOwners(grant, from.owner))
      .map((grant) => schemaGrantSql(schema, grant)),
    ...lackingGrants(from.relationGrants.filter(inBoth), to.relationGrants)
      .filter((grant) => notOwners(grant, ownerOf(grant.relation)))
      .map((grant) => relationGrantSql(schema, grant)),
    ...lackingGrants(from.columnGrants.filter(columnInBoth), to.columnGrants)
      .filter((grant) => notOwners(grant, ownerOf(grant.relation)))
      .map((grant) => columnGrantSql(schema, grant)),
    ...lackingGrants(from.defaultGrants, to.defaultGrants).map((grant) => defaultGrantSql(schema, grant)),
    ...lacking(from.comments, to.comments)
      .filter(
        ({ relation, column }) =>
          relation === undefined ||
          (column === undefined ? relations.has(relation) : columnInBoth({ relation, column })),
      )
      .map((comment) => commentSql(schema, comment)),
    ...ownersSql(from, to, schema, relations),
  ];
}

/** GRANT ALL leaves these two in the catalogue, but Redshift has no GRANT for them and nothing that needs them. */
const UNUSED_PRIVILEGES = new Set(['RULE', 'TRIGGER']);

const lackingGrants = <T extends Grant>(from: readonly T[], to: readonly T[]): T[] =>
  lacking(from, to).filter(({ privilege }) => !UNUSED_PRIVILEGES.has(privilege));

/** What is in `from` but not in `to`, without duplicates. */
function lacking<T>(from: readonly T[], to: readonly T[]): T[] {
  const there = new Set(to.map(identityOf));
  return from.filter((one) => {
    const identity = identityOf(one);
    return there.has(identity) ? false : there.add(identity);
  });
}

const identityOf = (value: unknown) =>
  JSON.stringify(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)));

function grantee({ identity, identityType, grantOption }: Grant): string {
  switch (identityType) {
    case 'public':
      return 'PUBLIC';
    case 'group':
      return `GROUP ${quoteIdentifier(identity)}`;
    case 'role':
      return `ROLE ${quoteIdentifier(identity)}`;
    case 'user':
      return `${quoteIdentifier(identity)}${grantOption ? ' WITH GRANT OPTION' : ''}`;
  }
}

function schemaGrantSql(schema: string, grant: SchemaGrant): string {
  const on =
    grant.scope === 'SCHEMA'
      ? 'ON SCHEMA'
      : `FOR ${grant.scope === 'TABLES' ? 'TABLES' : 'FUNCTIONS'} IN SCHEMA`;
  return `GRANT ${grant.privilege} ${on} ${quoteIdentifier(schema)} TO ${grantee(grant)}`;
}

function relationGrantSql(schema: string, grant: RelationGrant): string {
  return `GRANT ${grant.privilege} ON ${qualified(schema, grant.relation)} TO ${grantee(grant)}`;
}

function columnGrantSql(schema: string, grant: ColumnGrant): string {
  const column = quoteIdentifier(grant.column);
  return `GRANT ${grant.privilege} (${column}) ON ${qualified(schema, grant.relation)} TO ${grantee(grant)}`;
}

const OBJECTS = { RELATION: 'TABLES', FUNCTION: 'FUNCTIONS', PROCEDURE: 'PROCEDURES' } as const;

function defaultGrantSql(schema: string, grant: DefaultGrant): string {
  return (
    `ALTER DEFAULT PRIVILEGES FOR USER ${quoteIdentifier(grant.owner)} IN SCHEMA ${quoteIdentifier(schema)} ` +
    `GRANT ${grant.privilege} ON ${OBJECTS[grant.objectType]} TO ${grantee(grant)}`
  );
}

/** Redshift does not document COMMENT ON SCHEMA. It is used only if a schema has a comment nevertheless. */
function commentSql(schema: string, { relation, kind, column, text }: Comment): string {
  const target =
    relation === undefined
      ? `SCHEMA ${quoteIdentifier(schema)}`
      : column === undefined
        ? `${kind === 'view' ? 'VIEW' : 'TABLE'} ${qualified(schema, relation)}`
        : `COLUMN ${qualified(schema, relation)}.${quoteIdentifier(column)}`;
  return `COMMENT ON ${target} IS ${quoteComment(text)}`;
}

function ownersSql(from: Catalogue, to: Catalogue, schema: string, relations: ReadonlySet<string>): string[] {
  const ownersNow = new Map(to.relations.map(({ name, owner }) => [name, owner]));
  // Tributary's own tables keep the loading user as owner, because it must write and drop them.
  const given = from.relations.filter(
    ({ name, owner }) =>
      relations.has(name) && owner !== undefined && owner !== (ownersNow.get(name) ?? to.owner),
  );
  return [
    ...given.map(
      ({ name, owner }) =>
        `ALTER TABLE ${qualified(schema, name)} OWNER TO ${quoteIdentifier(owner as string)}`,
    ),
    ...(from.owner === undefined || from.owner === to.owner
      ? []
      : [`ALTER SCHEMA ${quoteIdentifier(schema)} OWNER TO ${quoteIdentifier(from.owner)}`]),
  ];
}
