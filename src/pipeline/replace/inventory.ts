import { quoteIdentifier } from '../sql/identifier.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import type { BoundView } from './bound-view.ts';
import type { Catalogue, Grant } from './catalogue.ts';
import { DEFAULT_OBJECTS, SCHEMA_SCOPES } from './grant-sql.ts';
import { datashareOf, granteeOf } from './grantee.ts';
import type { Surroundings } from './inventory-queries.ts';
import type { LiveState, Relation } from './live-state.ts';
import { qualifiedName, type RelationName, shownName } from './view-graph.ts';
import { readViewText } from './view-text.ts';

/** What a replacement does to one object of the live schema, or to one that depends on it. */
export interface Accounted {
  /** The object, as messages name it. */
  readonly what: string;
  readonly disposition: Disposition;
}

type Disposition =
  /** Tributary created it, and replaces it. */
  | { readonly kind: 'ours' }
  /** It is the same after the swap: copied, granted again or recreated. */
  | { readonly kind: 'carried' }
  /** It needs no copy: `why` says so. */
  | { readonly kind: 'passed over'; readonly why: string }
  /** The swap would lose it, or leave it on old data. */
  | Stopper;

/** `whatToDo` continues a sentence. */
interface Stopper {
  readonly kind: 'stopper';
  readonly whatToDo: string;
}

/** The names of tables, each with those of its columns. */
export type NewTables = ReadonlyMap<string, ReadonlySet<string>>;

export interface LiveSchema {
  readonly schema: string;
  readonly live: LiveState;
  readonly catalogue: Catalogue;
  readonly surroundings: Surroundings;
  /** The bound views that the swap recreates, in the order of their dependencies. */
  readonly boundViews: readonly BoundView[];
}

/**
 * Accounts for everything that a swap touches: each relation, function, procedure, policy, foreign key, quota, grant and
 * default privilege of the live schema, each datashare of it, and each bound view that reads it, wherever it is. What is not known to be ours
 * or to be carried over is a stopper. A procedure in another schema that uses live tables is not listed: it finds them by
 * name whenever it is called. A model's function is in pg_proc, as every other function is.
 * @param newTables the tables that will replace live's; undefined before they are known
 */
export function inventoryOf(
  { schema, live, catalogue, surroundings, boundViews }: LiveSchema,
  newTables: NewTables | undefined,
): Accounted[] {
  const { loader } = surroundings;
  const known: Known = {
    schema,
    mayGive: (owner) => owner !== undefined && (loader.isSuperuser || owner === loader.name),
    loader: loader.name,
    ours: live.marker?.tables,
    newTables,
    views: new Map(catalogue.views.map((view) => [view.name, view.definition])),
    materialized: new Set(surroundings.materializedViews.map(qualifiedName)),
    bound: new Set(boundViews.map(qualifiedName)),
  };
  return [
    ...schemaItself(known, catalogue.owner, surroundings.schemaType),
    ...quota(known, surroundings),
    ...live.relations.flatMap((relation) => relationOf(known, relation)),
    ...live.routines.map((routine) =>
      stopper(
        `function or procedure ${schema}.${routine}`,
        'create it in another schema, because it would be lost with the replaced tables',
      ),
    ),
    ...boundViews.map((view) => boundView(known, view)),
    ...surroundings.policies
      .filter((policy) => isAffected(known, { schema: policy.schema, name: policy.relation }))
      .map(({ kind, policy, ...on }) =>
        stopper(
          `${kind} policy ${policy} on ${on.schema}.${on.relation}`,
          `detach it, and ${kind === 'masking' ? 'mask' : 'protect'} a late-binding view in another schema instead, ` +
            'because it would stay with the replaced table or view',
        ),
      ),
    ...switchedOnSecurity(known, surroundings),
    ...surroundings.foreignKeys.map(({ name, on, references }) =>
      stopper(
        `foreign key ${name} of ${shownName(on)}, which references ${shownName(references)}`,
        on.schema === schema
          ? 'drop it, because the new table would not have it'
          : 'drop it, because it would follow the replaced table into the backup, which then could not be dropped',
      ),
    ),
    ...shares(known, surroundings, catalogue, boundViews),
    ...grants(known, catalogue, boundViews),
  ];
}

/** Everything that stops a replacement, each with what to do about it. */
export function stoppersOf(inventory: readonly Accounted[]): { what: string; whatToDo: string }[] {
  return inventory.flatMap(({ what, disposition }) =>
    disposition.kind === 'stopper' ? [{ what, whatToDo: disposition.whatToDo }] : [],
  );
}

/** The bound views that are carried over. */
export function carriedViews(
  { boundViews }: LiveSchema,
  inventory: readonly Accounted[],
): readonly BoundView[] {
  const names = new Set(
    inventory.flatMap(({ what, disposition }) => (disposition.kind === 'carried' ? [what] : [])),
  );
  return boundViews.filter((view) => names.has(`view ${shownName(view)}`));
}

/** A bound view that cannot be created from its definition. */
export function refusedView(view: RelationName, reason: string): Accounted {
  return stopper(
    `view ${shownName(view)}, whose definition is not accepted when it is sent again: ${reason}`,
    'recreate it WITH NO SCHEMA BINDING in another schema, or drop it',
  );
}

interface Known {
  readonly schema: string;
  /** Whether the loading user may give something back to this owner. To an unknown one, no user may. */
  readonly mayGive: (owner: string | undefined) => boolean;
  readonly loader: string;
  /** The live tables that Tributary created; undefined if the marker does not list them. */
  readonly ours: readonly string[] | undefined;
  readonly newTables: NewTables | undefined;
  readonly views: ReadonlyMap<string, string | undefined>;
  readonly materialized: ReadonlySet<string>;
  readonly bound: ReadonlySet<string>;
}

const stopper = (what: string, whatToDo: string): Accounted => ({
  what,
  disposition: { kind: 'stopper', whatToDo },
});
const carried = (what: string): Accounted => ({ what, disposition: { kind: 'carried' } });

/** Relations of the live schema, and bound views elsewhere that the swap recreates. */
const isAffected = ({ schema, bound }: Known, relation: RelationName) =>
  relation.schema === schema || bound.has(qualifiedName(relation));

function schemaItself(known: Known, owner: string | undefined, type: string | undefined): Accounted[] {
  const { schema, mayGive, loader } = known;
  if (type !== undefined && type !== 'local') {
    return [
      stopper(
        `schema ${schema}, which is ${type}`,
        'choose a schema that does not exist yet (warehouse.schema), because tables of this one are elsewhere',
      ),
    ];
  }
  if (mayGive(owner)) return [carried(`schema ${schema}`)];
  const alter = `ALTER SCHEMA ${schema} OWNER TO ${quoteIdentifier(loader)}`;
  return [
    owner === undefined
      ? stopper(
          `schema ${schema}, whose owner is no known user`,
          `let a superuser run ${alter}, because it cannot be given back`,
        )
      : stopper(
          `schema ${schema}, owned by ${owner}`,
          `let a superuser run ${alter}, because only its owner or a superuser may rename it`,
        ),
  ];
}

function quota({ schema }: Known, { quotaMegabytes }: Surroundings): Accounted[] {
  return quotaMegabytes === undefined
    ? []
    : [
        stopper(
          `quota of ${quotaMegabytes} MB of schema ${schema}`,
          `remove it (ALTER SCHEMA ${schema} QUOTA UNLIMITED), because the new schema would not have it, and until the ` +
            'swap the new data is in another schema',
        ),
      ];
}

/**
 * Row-level security without a policy: no user may read the relation. A relation with policies is named with them.
 * https://docs.aws.amazon.com/redshift/latest/dg/t_rls_ownership.html
 */
function switchedOnSecurity(known: Known, { protectedRelations, policies }: Surroundings): Accounted[] {
  const withPolicy = new Set(
    policies
      .filter(({ kind }) => kind === 'row-level security')
      .map(({ schema, relation }) => qualifiedName({ schema, name: relation })),
  );
  return protectedRelations
    .filter((one) => isAffected(known, one) && !withPolicy.has(qualifiedName(one)))
    .map((one) =>
      stopper(
        `row-level security on ${shownName(one)}`,
        'switch it off (ALTER TABLE … ROW LEVEL SECURITY OFF), and protect a late-binding view in another schema instead, ' +
          'because it would stay with the replaced table or view',
      ),
    );
}

function relationOf(known: Known, relation: Relation): Accounted[] {
  const { schema, newTables } = known;
  const { name, kind, owner } = relation;
  const full = { schema, name };
  if (kind === 'table') return [tableOf(known, relation)];
  if (kind !== 'view') {
    return [
      stopper(
        `${shownName(full)}, which is neither a table nor a view`,
        'move it to another schema, because nothing is known about copying it',
      ),
    ];
  }
  // Accounted for as a bound view. A materialized one may not be in pg_depend.
  if (known.bound.has(qualifiedName(full))) return [];
  if (known.materialized.has(qualifiedName(full))) return [materialized(full)];
  const definition = known.views.get(name);
  const text = definition === undefined ? undefined : readViewText(definition);
  if (text?.kind === 'materialized') return [materialized(full)];
  if (newTables?.has(name)) return [nameTaken(`view ${shownName(full)}`)];
  if (text?.kind !== 'late-binding') return [unreadable(full)];
  return [
    known.mayGive(owner)
      ? carried(`view ${shownName(full)}`)
      : ofOther(known, `view ${shownName(full)}`, owner),
  ];
}

function tableOf(known: Known, { name, owner }: Relation): Accounted {
  const { schema, ours, newTables, mayGive } = known;
  const what = `table ${schema}.${name}`;
  if (isSystemTable(name)) return { what, disposition: { kind: 'ours' } };
  const [, view] = HIDDEN_TABLE.exec(name) ?? [];
  if (view !== undefined) {
    return known.materialized.has(qualifiedName({ schema, name: view }))
      ? { what, disposition: { kind: 'passed over', why: `it belongs to the materialized view ${view}` } }
      : materialized({ schema, name: view });
  }
  const isOurs = ours?.includes(name) ?? newTables?.has(name) ?? true;
  if (!isOurs) {
    return newTables?.has(name)
      ? nameTaken(`${what}, which Tributary did not create`)
      : stopper(
          `${what}, which Tributary did not create`,
          'move it to another schema, because it would be lost with the replaced tables',
        );
  }
  return mayGive(owner) ? { what, disposition: { kind: 'ours' } } : ofOther(known, what, owner);
}

/** Redshift keeps the rows of a materialized view in a table with such a name, e.g. `mv_tbl__sales__0`. */
const HIDDEN_TABLE = /^mv_tbl__(.+)__\d+$/;

function boundView(known: Known, view: BoundView): Accounted {
  const { schema, newTables } = known;
  const what = `view ${shownName(view)}`;
  if (view.isMaterialized || known.materialized.has(qualifiedName(view))) return materialized(view);
  if (view.schema === schema && newTables?.has(view.name)) return nameTaken(what);
  if (view.query === undefined) return unreadable(view);
  if (!known.mayGive(view.owner)) return ofOther(known, what, view.owner);
  const gone = newTables === undefined ? undefined : whatIsGone(known, newTables, view);
  if (gone === undefined) return carried(what);
  return stopper(
    `${what}, which reads ${schema}.${gone}`,
    'drop it or let it read something else, because the new data does not have this',
  );
}

/** A table or column of live that a view reads and that will not be there. Views are recreated with all their columns. */
function whatIsGone(
  { schema, views, bound }: Known,
  newTables: NewTables,
  view: BoundView,
): string | undefined {
  const isView = (read: RelationName) => views.has(read.name) || bound.has(qualifiedName(read));
  const table = view.reads.find(
    (read) => read.schema === schema && !newTables.has(read.name) && !isView(read),
  );
  if (table !== undefined) return table.name;
  const lost = view.columns.find(({ relation, column }) => newTables.get(relation)?.has(column) === false);
  return lost === undefined ? undefined : `${lost.relation}.${lost.column}`;
}

const materialized = (view: RelationName) =>
  stopper(
    `materialized view ${shownName(view)}`,
    'create it in another schema, over a late-binding view, and drop this one',
  );

const unreadable = (view: RelationName) =>
  stopper(
    `view ${shownName(view)}, whose definition cannot be copied`,
    'recreate it with a definition that starts with CREATE VIEW and is shorter than 60,000 bytes, or in another schema ' +
      'WITH NO SCHEMA BINDING',
  );

const nameTaken = (what: string) =>
  stopper(
    `${what} and has the name of a new table`,
    'rename it or move it to another schema, because the new table would take its name and its grants',
  );

const ofOther = ({ loader }: Known, what: string, owner: string | undefined) =>
  owner === undefined
    ? stopper(
        `${what}, whose owner is no known user`,
        `let a superuser give it to one, e.g. ${loader} (ALTER TABLE … OWNER TO), because it cannot be given back`,
      )
    : stopper(
        `${what}, owned by ${owner}`,
        `load as a superuser, or let its owner be ${loader} (ALTER TABLE … OWNER TO), because only a superuser may give it back` +
          (what.startsWith('view') ? ', or recreate it in another schema WITH NO SCHEMA BINDING' : ''),
      );

/** Datashares, as their own view lists them and, for users who do not see that, as their roles' grants show them. */
function shares(
  known: Known,
  { shared }: Surroundings,
  catalogue: Catalogue,
  boundViews: readonly BoundView[],
): Accounted[] {
  const { schema } = known;
  const affected = new Set(boundViews.map(shownName));
  const objects = shared
    .filter(({ object }) => object === schema || object.startsWith(`${schema}.`) || affected.has(object))
    .map(({ share, object }) => ({ share, object }));
  const granted = [
    ...catalogue.schemaGrants.map((grant) => ({ grant, object: schema })),
    ...catalogue.relationGrants.map((grant) => ({ grant, object: `${schema}.${grant.relation}` })),
    ...catalogue.columnGrants.map((grant) => ({ grant, object: `${schema}.${grant.relation}` })),
    ...boundViews.flatMap((view) =>
      [...view.grants, ...view.columnGrants].map((grant) => ({ grant, object: shownName(view) })),
    ),
  ].filter(({ grant }) => granteeOf(grant) === 'datashare');
  const all = [
    ...objects,
    ...granted.map(({ grant, object }) => ({ share: datashareOf(grant), object })),
  ].map(({ share, object }) => `datashare ${share}, which shares ${object}`);
  return [...new Set(all)].map((what) =>
    stopper(
      what,
      'share a late-binding view in another schema instead, because the share would follow the replaced table',
    ),
  );
}

function grants(known: Known, catalogue: Catalogue, boundViews: readonly BoundView[]): Accounted[] {
  const { schema } = known;
  const accounted = [
    ...catalogue.schemaGrants.map((grant) =>
      SCHEMA_SCOPES.includes(grant.scope)
        ? grantOf(grant, `schema ${schema}`)
        : unknownGrant(grant, `all ${grant.scope.toLowerCase()} in schema ${schema}`),
    ),
    ...[...catalogue.relationGrants, ...catalogue.columnGrants].map((grant) =>
      grantOf(grant, `${schema}.${grant.relation}`),
    ),
    ...boundViews
      .filter((view) => view.schema !== schema)
      .flatMap((view) =>
        [...view.grants, ...view.columnGrants].map((grant) => grantOf(grant, shownName(view))),
      ),
    ...catalogue.defaultGrants.map((grant) => {
      const on = `new ${(DEFAULT_OBJECTS.get(grant.objectType) ?? grant.objectType).toLowerCase()} of ${grant.owner} in schema ${schema}`;
      if (!DEFAULT_OBJECTS.has(grant.objectType)) return unknownGrant(grant, on);
      if (known.mayGive(grant.owner)) return grantOf(grant, on);
      return stopper(
        `default privilege ${grant.privilege} on ${on} for ${grant.identity}`,
        'load as a superuser, or revoke it (ALTER DEFAULT PRIVILEGES), because only a superuser may copy it',
      );
    }),
  ];
  const once = new Map(accounted.map((one) => [one.what, one]));
  return [...once.values()];
}

function grantOf(grant: Grant, on: string): Accounted {
  const what = `grant of ${grant.privilege} on ${on} to ${grant.identity || grant.identityType}`;
  switch (granteeOf(grant)) {
    case 'grantable':
      return carried(what);
    case 'datashare':
      return { what, disposition: { kind: 'passed over', why: 'its datashare is listed' } };
    case 'internal':
      return { what, disposition: { kind: 'passed over', why: 'Redshift’s own superuser needs no grants' } };
    case 'gone':
      return { what, disposition: { kind: 'passed over', why: 'the catalogue no longer says to whom' } };
    case 'unknown':
      return unknownGrant(grant, on);
  }
}

const unknownGrant = (grant: Grant, on: string) =>
  stopper(
    `grant of ${grant.privilege} on ${on} to ${grant.identity || grant.identityType}, of a kind that Tributary does not know`,
    'revoke it, because the new tables would not have it',
  );
