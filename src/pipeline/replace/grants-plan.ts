import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { type Catalogue, columnKey, type DefaultGrant, type Grant, type RelationGrant } from './catalogue.ts';
import {
  columnGrantSql,
  commentSql,
  DEFAULT_OBJECTS,
  defaultGrantSql,
  ownerSql,
  relationGrantSql,
  SCHEMA_SCOPES,
  schemaGrantSql,
} from './grant-sql.ts';
import { granteeOf } from './grantee.ts';
import type { Relation } from './live-state.ts';
import { copyView, sameViewText } from './view-text.ts';

export interface GrantsOptions {
  /** The schema that `to` describes. */
  readonly schema: string;
  /**
   * Tables of `from` that Tributary created; undefined if their names are not known, which means all of them. Another
   * relation's grants go to no table of ours, even if their names are the same.
   */
  readonly ours: readonly string[] | undefined;
  /**
   * `before` the swap, the incoming schema gets exactly the rights that live has: what live lacks is revoked, and a new
   * table gets live's default privileges. `after` it, only grants are added, and nothing that was changed since is undone.
   */
  readonly when: 'before' | 'after';
}

/**
 * The statements that give one schema what another has: late-binding views, grants on schema, relations and columns,
 * default privileges, comments, and finally owners, because a previous owner can no longer grant. It is used from live to
 * staging before the swap, and from the backup to live after it, for grants made in between. It covers only relations and
 * columns that both schemas have. Bound views are recreated in the swap. Once applied, it is empty.
 *
 * Only superusers can change owners or ALTER DEFAULT PRIVILEGES FOR another user.
 */
export function grantsPlan(from: Catalogue, to: Catalogue, options: GrantsOptions): string[] {
  const views = viewsToCopy(from, to, options);
  const viewNames = new Set(views.map(({ name }) => name));
  return [
    ...views.flatMap(({ sql }) => sql),
    ...rightsPlan(from, without(to, viewNames), viewNames, options),
  ];
}

/** Without what is known of these views, which have just been created again. */
function without(catalogue: Catalogue, views: ReadonlySet<string>): Catalogue {
  const isOther = ({ relation }: { readonly relation?: string }) =>
    relation === undefined || !views.has(relation);
  return {
    ...catalogue,
    relations: catalogue.relations.filter(({ name }) => !views.has(name)),
    relationGrants: catalogue.relationGrants.filter(isOther),
    columnGrants: catalogue.columnGrants.filter(isOther),
    comments: catalogue.comments.filter(isOther),
  };
}

/** @param viewNames views that `to` has now, but that its catalogue does not describe */
function rightsPlan(
  from: Catalogue,
  to: Catalogue,
  viewNames: ReadonlySet<string>,
  options: GrantsOptions,
): string[] {
  const { schema, when } = options;
  const relations = new Set([...pairedTables(from, to, options), ...viewNames, ...pairedViews(from, to)]);
  const inBoth = ({ relation }: { readonly relation: string }) => relations.has(relation);
  // Readers need no rights on Tributary's own tables, and get none from a grant on all tables of the schema.
  const isForReaders = ({ relation }: { readonly relation: string }) => !isSystemTable(relation);
  const columnInBoth = ({ relation, column }: { readonly relation: string; readonly column: string }) =>
    relations.has(relation) && (viewNames.has(relation) || to.columns.has(columnKey(relation, column)));
  const given = {
    schema: lacking(from.schemaGrants, to.schemaGrants).filter(({ scope }) => SCHEMA_SCOPES.includes(scope)),
    relation: lacking(from.relationGrants.filter(inBoth).filter(isForReaders), to.relationGrants),
    column: lacking(from.columnGrants.filter(columnInBoth).filter(isForReaders), to.columnGrants),
    default: lacking(from.defaultGrants, to.defaultGrants).filter(isKnownDefault),
  };
  const taken = {
    schema: lacking(to.schemaGrants, from.schemaGrants).filter(({ scope }) => SCHEMA_SCOPES.includes(scope)),
    relation: lacking(to.relationGrants.filter(inBoth), from.relationGrants.filter(isForReaders)),
    column: lacking(to.columnGrants.filter(columnInBoth), from.columnGrants.filter(isForReaders)),
    default: lacking(to.defaultGrants, from.defaultGrants).filter(isKnownDefault),
  };
  const ownersOf = (relation: string) => [from, to].map(({ relations }) => ownerIn(relations, relation));
  const isOf = (owners: readonly (string | undefined)[]) => (grant: Grant) =>
    isCarried(grant) && !(grant.identityType === 'user' && owners.includes(grant.identity));
  const ofSchema = isOf([from.owner, to.owner]);
  const ofRelation = (grant: RelationGrant) => isOf(ownersOf(grant.relation))(grant);
  const revoked = [
    ...taken.schema.filter(ofSchema).map((grant) => schemaGrantSql('REVOKE', schema, grant)),
    ...taken.relation.filter(ofRelation).map((grant) => relationGrantSql('REVOKE', schema, grant)),
    ...taken.column.filter(ofRelation).map((grant) => columnGrantSql('REVOKE', schema, grant)),
    ...taken.default.filter(isCarried).map((grant) => defaultGrantSql('REVOKE', schema, grant)),
  ];
  return [
    ...(when === 'before' ? revoked : []),
    ...given.schema.filter(ofSchema).map((grant) => schemaGrantSql('GRANT', schema, grant)),
    ...given.relation.filter(ofRelation).map((grant) => relationGrantSql('GRANT', schema, grant)),
    ...given.column.filter(ofRelation).map((grant) => columnGrantSql('GRANT', schema, grant)),
    ...given.default.filter(isCarried).map((grant) => defaultGrantSql('GRANT', schema, grant)),
    ...(when === 'before' ? newTableGrants(from, to, relations) : []).map((grant) =>
      relationGrantSql('GRANT', schema, grant),
    ),
    ...lackingOf(from.comments, to.comments)
      .filter(
        ({ relation, column }) =>
          relation === undefined ||
          (column === undefined ? relations.has(relation) : columnInBoth({ relation, column })),
      )
      .map((comment) => commentSql(schema, comment)),
    ...ownersSql(from, to, schema, relations),
  ];
}

/**
 * Late-binding views that `to` lacks, and before the swap those whose text is another there, as in a backup. Such a view
 * is dropped first: REPLACE cannot make a late-binding view of a bound one.
 */
function viewsToCopy(from: Catalogue, to: Catalogue, { schema, when }: GrantsOptions) {
  return from.views.flatMap(({ name, definition = '' }) => {
    const sql = copyView(definition, schema, name);
    if (sql === undefined) return [];
    const present = to.relations.find((relation) => relation.name === name);
    const there = to.views.find((view) => view.name === name)?.definition ?? '';
    const differs = present?.kind === 'view' && when === 'before' && !sameViewText(there, definition);
    if (differs) return [{ name, sql: [`DROP VIEW ${qualified(schema, name)} RESTRICT`, sql] }];
    return present === undefined ? [{ name, sql: [sql] }] : [];
  });
}

function pairedTables(from: Catalogue, to: Catalogue, { ours }: GrantsOptions): string[] {
  const tablesOf = ({ relations }: Catalogue) =>
    relations.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const tables = new Set(tablesOf(from));
  const isOurs = (name: string) => isSystemTable(name) || (ours?.includes(name) ?? true);
  return tablesOf(to).filter((name) => tables.has(name) && isOurs(name));
}

function pairedViews(from: Catalogue, to: Catalogue): string[] {
  const isCopied = ({ definition = '' }: { readonly definition: string | undefined }) =>
    copyView(definition, 's', 'v') !== undefined;
  const copied = new Set(to.views.filter(isCopied).map(({ name }) => name));
  return from.views.filter((view) => isCopied(view) && copied.has(view.name)).map(({ name }) => name);
}

/**
 * Live's default privileges, for tables that live does not have. Redshift applies them only to what their owner creates
 * in that very schema, and these tables were created in staging. Those for all schemas it has applied already.
 */
function newTableGrants(from: Catalogue, to: Catalogue, paired: ReadonlySet<string>): RelationGrant[] {
  const granted = to.relations
    .filter(({ name, kind }) => kind === 'table' && !isSystemTable(name) && !paired.has(name))
    .flatMap(({ name: relation, owner }) =>
      from.defaultGrants
        .filter((grant) => grant.objectType === 'RELATION' && grant.owner === owner && isCarried(grant))
        .filter(({ identity, identityType }) => identityType !== 'user' || identity !== owner)
        .map(({ privilege, identity, identityType, grantOption }) => ({
          ...{ relation, privilege, identity, identityType, grantOption },
        })),
    );
  return lacking(granted, to.relationGrants);
}

const isKnownDefault = ({ objectType }: DefaultGrant) => DEFAULT_OBJECTS.has(objectType);

const ownerIn = (relations: readonly Relation[], relation: string) =>
  relations.find(({ name }) => name === relation)?.owner;

/** GRANT ALL leaves these two in the catalogue, but Redshift has no GRANT for them and nothing that needs them. */
const UNUSED_PRIVILEGES = new Set(['RULE', 'TRIGGER']);

/** Whether a grant can be given to another relation. */
export const isCarried = (grant: Grant) =>
  !UNUSED_PRIVILEGES.has(grant.privilege) && granteeOf(grant) === 'grantable';

/** What is in `from` but not in `to`, without duplicates. */
export function lackingOf<T>(from: readonly T[], to: readonly T[]): T[] {
  const there = new Set(to.map(identityOf));
  return from.filter((one) => {
    const identity = identityOf(one);
    return there.has(identity) ? false : there.add(identity);
  });
}
const lacking = <T extends Grant>(from: readonly T[], to: readonly T[]): T[] => lackingOf(from, to);

const identityOf = (value: unknown) =>
  JSON.stringify(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)));

function ownersSql(from: Catalogue, to: Catalogue, schema: string, relations: ReadonlySet<string>): string[] {
  const ownersNow = new Map(to.relations.map(({ name, owner }) => [name, owner]));
  // Tributary's own tables keep the loading user as owner, because it must write and drop them.
  const given = from.relations.filter(
    ({ name, owner }) =>
      relations.has(name) &&
      !isSystemTable(name) &&
      owner !== undefined &&
      owner !== (ownersNow.get(name) ?? to.owner),
  );
  return [
    ...given.map(({ name, owner }) => ownerSql(schema, name, owner as string)),
    ...(from.owner === undefined || from.owner === to.owner
      ? []
      : [`ALTER SCHEMA ${quoteIdentifier(schema)} OWNER TO ${quoteIdentifier(from.owner)}`]),
  ];
}
