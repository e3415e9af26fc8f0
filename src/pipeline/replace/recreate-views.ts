import { qualified } from '../sql/identifier.ts';
import { nameLists } from '../sql/name-lists.ts';
import type { BoundView } from './bound-view.ts';
import type { Grant, RelationGrant } from './catalogue.ts';
import { columnGrantSql, commentSql, grantee, ownerSql, relationGrantSql } from './grant-sql.ts';
import { isCarried, lackingOf } from './grants-plan.ts';
import { qualifiedName, type RelationName, type ViewEdge, viewsToRecreate } from './view-graph.ts';

/** What the swap's transaction does to bound views: drops them before the renames, and recreates them after. */
export interface ViewMoves {
  readonly drop: readonly string[];
  readonly recreate: readonly string[];
}

/** The longest list of names in one statement. */
const MAX_LIST_BYTES = 20_000;

/**
 * Moves bound views from the old tables to the new ones. A bound view refers to the tables themselves, so it would follow
 * the replaced tables into the backup. Grants and comments come after all views, and owners last, because a previous
 * owner can no longer grant. Grants that default privileges would add are revoked.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
 * @param views in the order of their dependencies, each with its query
 * @param creator the loading user, who owns every view at first
 * @param replaced views of the incoming schema, as a backup may have them, whose names these views have in live; in the
 *   order of their dependencies
 */
export function viewMoves(
  views: readonly BoundView[],
  creator: string,
  replaced: readonly RelationName[] = [],
): ViewMoves {
  const names = [...views, ...replaced].map(qualifiedName);
  const isOwners = ({ owner }: BoundView, { identity, identityType }: Grant) =>
    identityType === 'user' && (identity === owner || identity === creator);
  const grants: RelationGrantIn[] = [];
  const revokes: RelationGrantIn[] = [];
  for (const view of views) {
    const wanted = view.grants.filter((grant) => isCarried(grant) && !isOwners(view, grant));
    const automatic = view.defaultGrants
      .filter((grant) => isCarried(grant) && !isOwners(view, grant))
      .map(({ privilege, identity, identityType, grantOption }) => ({
        ...{ relation: view.name, privilege, identity, identityType, grantOption },
      }));
    for (const grant of lackingOf(wanted, [])) grants.push({ schema: view.schema, grant });
    for (const grant of lackingOf(automatic, wanted)) revokes.push({ schema: view.schema, grant });
  }
  return {
    drop: nameLists(names.toReversed(), MAX_LIST_BYTES).map((list) => `DROP VIEW ${list} RESTRICT`),
    recreate: [
      ...views.map((view) => `CREATE VIEW ${qualifiedName(view)} AS ${view.query}`),
      ...revokes.map(({ schema, grant }) => relationGrantSql('REVOKE', schema, grant)),
      ...together(grants),
      ...views.flatMap((view) =>
        lackingOf(view.columnGrants, [])
          .filter((grant) => isCarried(grant) && !isOwners(view, grant))
          .map((grant) => columnGrantSql('GRANT', view.schema, grant)),
      ),
      ...views.flatMap((view) => view.comments.map((comment) => commentSql(view.schema, comment))),
      ...views.flatMap(({ schema, name, owner = creator }) =>
        owner === creator ? [] : [ownerSql(schema, name, owner)],
      ),
    ],
  };
}

/**
 * The views of the incoming schema that give way to live's bound views of the same names, in the order of their
 * dependencies.
 */
export function replacedViews(
  live: { readonly schema: string; readonly boundViews: readonly BoundView[] },
  incoming: { readonly schema: string; readonly views: readonly string[] },
  edges: readonly ViewEdge[],
): RelationName[] {
  const recreated = new Set(
    live.boundViews.filter(({ schema }) => schema === live.schema).map(({ name }) => name),
  );
  const views = new Set(incoming.views.filter((name) => recreated.has(name)));
  return viewsToRecreate(incoming.schema, [...views], edges).filter(
    ({ schema, name }) => schema === incoming.schema && views.has(name),
  );
}

interface RelationGrantIn {
  readonly schema: string;
  readonly grant: RelationGrant;
}

/** The same privilege for the same identity on many views is one statement: a batch has at most 40. */
function together(grants: readonly RelationGrantIn[]): string[] {
  const views = new Map<string, { privileges: Set<string>; grant: RelationGrant; view: string }>();
  for (const { schema, grant } of grants) {
    const view = qualified(schema, grant.relation);
    const key = JSON.stringify([view, grantee('GRANT', grant)]);
    const known = views.get(key);
    if (known === undefined) views.set(key, { privileges: new Set([grant.privilege]), grant, view });
    else known.privileges.add(grant.privilege);
  }
  const statements = new Map<string, { privileges: string; to: string; views: string[] }>();
  for (const { privileges, grant, view } of views.values()) {
    const list = [...privileges].sort().join(', ');
    const to = grantee('GRANT', grant);
    const key = JSON.stringify([list, to]);
    const known = statements.get(key);
    if (known === undefined) statements.set(key, { privileges: list, to, views: [view] });
    else known.views.push(view);
  }
  return [...statements.values()].flatMap(({ privileges, to, views: on }) =>
    nameLists(on, MAX_LIST_BYTES).map((list) => `GRANT ${privileges} ON ${list} ${to}`),
  );
}
