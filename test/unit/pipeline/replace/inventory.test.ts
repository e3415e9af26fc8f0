import { describe, expect, test } from '@jest/globals';
import type { BoundView } from '../../../../src/pipeline/replace/bound-view.ts';
import type { Catalogue, DefaultGrant, Grant } from '../../../../src/pipeline/replace/catalogue.ts';
import { identitiesOf, refusedIdentity } from '../../../../src/pipeline/replace/identities.ts';
import {
  carriedViews,
  inventoryOf,
  type LiveSchema,
  type NewTables,
  refusedView,
  stoppersOf,
} from '../../../../src/pipeline/replace/inventory.ts';
import type { Surroundings } from '../../../../src/pipeline/replace/inventory-queries.ts';
import type { LiveState, Relation } from '../../../../src/pipeline/replace/live-state.ts';
import { emptyCatalogue } from './empty-catalogue.ts';

const relation = (name: string, kind: Relation['kind'] = 'table', owner = 'loader'): Relation => ({
  name,
  kind,
  owner,
});
const own = ['nobel', 'nobel__old', '_tributary_marker', '_tributary_ledger'].map((name) => relation(name));
const live: LiveState = {
  schemas: ['nobel'],
  relations: own,
  routines: [],
  marker: {
    pipeline: 'nobel',
    run: 'r',
    extractedFrom: '2026-11-21T06:00:00.000Z',
    tables: ['nobel', 'nobel__old'],
  },
};
const catalogue: Catalogue = { ...emptyCatalogue('loader'), relations: own };
const surroundings: Surroundings = {
  loader: { name: 'loader', isSuperuser: false },
  schemaType: 'local',
  viewEdges: [],
  viewColumns: [],
  materializedViews: [],
  ...{ policies: [], protectedRelations: [], foreignKeys: [], quotaMegabytes: undefined },
  shared: [],
  defaultGrantsEverywhere: [],
  fingerprint: { relations: 4, relationIds: 10, routines: 0, views: 0 },
};
const bound = (schema: string, name: string, more: Partial<BoundView> = {}): BoundView => ({
  ...{ schema, name, owner: 'loader', query: 'SELECT 1', isMaterialized: false, reads: [], columns: [] },
  ...{ grants: [], columnGrants: [], comments: [], defaultGrants: [] },
  ...more,
});

interface Found {
  readonly live?: Partial<LiveState>;
  readonly catalogue?: Partial<Catalogue>;
  readonly surroundings?: Partial<Surroundings>;
  readonly boundViews?: readonly BoundView[];
}
const NEW: NewTables = new Map([
  ['nobel', new Set(['id', 'year'])],
  ['nobel__new', new Set(['id'])],
]);
const found = (some: Found): LiveSchema => ({
  schema: 'nobel',
  live: { ...live, ...some.live },
  catalogue: { ...catalogue, ...some.catalogue },
  surroundings: { ...surroundings, ...some.surroundings },
  boundViews: some.boundViews ?? [],
});
const inventory = (some: Found, newTables: NewTables | undefined = NEW) =>
  inventoryOf(found(some), newTables);
const stops = (some: Found, newTables?: NewTables) =>
  stoppersOf(inventory(some, newTables)).map(({ what }) => what);
/** What is said of everything that is not ours. */
const others = (some: Found) =>
  inventory(some).flatMap(({ what, disposition }) =>
    disposition.kind === 'ours' || what === 'schema nobel' ? [] : [`${disposition.kind}: ${what}`],
  );
const withView = (name: string, definition: string | undefined, owner = 'loader'): Found => ({
  live: { relations: [...own, relation(name, 'view', owner)] },
  catalogue: { views: [{ name, definition }] },
});
const unbound = 'create view v as select 1 with no schema binding';
const superuser = { loader: { name: 'loader', isSuperuser: true } };

describe('everything in the live schema is accounted for', () => {
  test('Tributary’s own tables are ours, and the schema is carried over', () => {
    expect(inventory({})).toEqual([
      { what: 'schema nobel', disposition: { kind: 'carried' } },
      ...own.map(({ name }) => ({ what: `table nobel.${name}`, disposition: { kind: 'ours' } })),
    ]);
  });

  test('late-binding and bound views are carried over', () => {
    expect(others(withView('v', unbound))).toEqual(['carried: view nobel.v']);
    expect(
      others({
        live: { relations: [...own, relation('b', 'view')] },
        boundViews: [bound('nobel', 'b'), bound('bi', 'c', { reads: [{ schema: 'nobel', name: 'b' }] })],
      }),
    ).toEqual(['carried: view nobel.b', 'carried: view bi.c']);
  });

  test.each<[string, Found, string]>([
    [
      'a foreign table',
      { live: { relations: [...own, relation('mine')] } },
      'table nobel.mine, which Tributary did not create',
    ],
    ['a routine', { live: { routines: ['f'] } }, 'function or procedure nobel.f'],
    [
      'something of an unknown kind',
      { live: { relations: [...own, relation('x', 'other')] } },
      'nobel.x, which is neither a table nor a view',
    ],
    [
      'a view without a definition that can be read',
      withView('v', undefined),
      'view nobel.v, whose definition cannot be copied',
    ],
    [
      'a view whose text is neither form',
      withView('v', 'create view v as select 1'),
      'view nobel.v, whose definition cannot be copied',
    ],
    [
      'a view that is a query, but has no columns',
      withView('v', 'SELECT 1'),
      'view nobel.v, whose definition cannot be copied',
    ],
    [
      'a bound view without a query',
      { boundViews: [bound('bi', 'b', { query: undefined })] },
      'view bi.b, whose definition cannot be copied',
    ],
    [
      'a materialized view',
      withView('mv', 'create materialized view mv as select 1'),
      'materialized view nobel.mv',
    ],
    [
      'a materialized view elsewhere that reads live',
      {
        boundViews: [bound('bi', 'mv')],
        surroundings: { materializedViews: [{ schema: 'bi', name: 'mv' }] },
      },
      'materialized view bi.mv',
    ],
    [
      'a materialized view that shows only by its table',
      { live: { relations: [...own, relation('mv_tbl__mv__0')] } },
      'materialized view nobel.mv',
    ],
    [
      'row-level security',
      {
        surroundings: {
          policies: [{ kind: 'row-level security', policy: 'p', schema: 'nobel', relation: 'nobel' }],
        },
      },
      'row-level security policy p on nobel.nobel',
    ],
    [
      'masking on a bound view elsewhere',
      {
        boundViews: [bound('bi', 'b')],
        surroundings: { policies: [{ kind: 'masking', policy: 'm', schema: 'bi', relation: 'b' }] },
      },
      'masking policy m on bi.b',
    ],
    [
      'row-level security that is switched on without a policy',
      { surroundings: { protectedRelations: [{ schema: 'nobel', name: 'nobel' }] } },
      'row-level security on nobel.nobel',
    ],
    [
      'row-level security on a bound view elsewhere',
      {
        boundViews: [bound('bi', 'b')],
        surroundings: { protectedRelations: [{ schema: 'bi', name: 'b' }] },
      },
      'row-level security on bi.b',
    ],
    [
      'a foreign key of another schema that references a live table',
      {
        surroundings: {
          foreignKeys: [
            { name: 'fk', on: { schema: 'bi', name: 't' }, references: { schema: 'nobel', name: 'nobel' } },
          ],
        },
      },
      'foreign key fk of bi.t, which references nobel.nobel',
    ],
    [
      'a foreign key of a live table',
      {
        surroundings: {
          foreignKeys: [
            { name: 'fk', on: { schema: 'nobel', name: 'nobel' }, references: { schema: 'bi', name: 't' } },
          ],
        },
      },
      'foreign key fk of nobel.nobel, which references bi.t',
    ],
    ['a quota', { surroundings: { quotaMegabytes: 2048 } }, 'quota of 2048 MB of schema nobel'],
    [
      'a datashare of a table',
      { surroundings: { shared: [{ share: 's', object: 'nobel.nobel' }] } },
      'datashare s, which shares nobel.nobel',
    ],
    [
      'a datashare of the schema',
      { surroundings: { shared: [{ share: 's', object: 'nobel' }] } },
      'datashare s, which shares nobel',
    ],
    [
      'a datashare of a bound view elsewhere',
      { boundViews: [bound('bi', 'b')], surroundings: { shared: [{ share: 's', object: 'bi.b' }] } },
      'datashare s, which shares bi.b',
    ],
    ['an external schema', { surroundings: { schemaType: 'external' } }, 'schema nobel, which is external'],
  ])('%s stops the run', (_, some, what) => {
    expect(stops(some)).toEqual([what]);
  });

  test('what belongs to other schemas does not', () => {
    expect(
      stops({
        surroundings: {
          policies: [{ kind: 'masking', policy: 'm', schema: 'bi', relation: 'nobel' }],
          protectedRelations: [{ schema: 'bi', name: 'nobel' }],
          shared: [{ share: 's', object: 'nobel2.nobel' }],
          materializedViews: [{ schema: 'bi', name: 'nobel' }],
        },
      }),
    ).toEqual([]);
  });

  test('each stopper says what to do', () => {
    const all = stoppersOf(inventory({ live: { routines: ['f'], relations: [...own, relation('mine')] } }));
    expect(all).toHaveLength(2);
    for (const { whatToDo } of all) expect(whatToDo).not.toBe('');
  });
});

describe('what belongs to another user', () => {
  const withOther: Found = {
    live: { relations: [relation('nobel', 'table', 'ana'), relation('v', 'view', 'ana')] },
    catalogue: {
      owner: 'ana',
      views: [{ name: 'v', definition: unbound }],
      defaultGrants: [
        {
          ...{ objectType: 'RELATION', owner: 'etl', privilege: 'SELECT' },
          ...{ identity: 'bi', identityType: 'group', grantOption: false },
        },
      ],
    },
    boundViews: [bound('bi', 'b', { owner: 'ana' })],
  };

  test('stops the run, because only a superuser may give it back', () => {
    expect(stops(withOther)).toEqual([
      'schema nobel, owned by ana',
      'table nobel.nobel, owned by ana',
      'view nobel.v, owned by ana',
      'view bi.b, owned by ana',
      'default privilege SELECT on new tables of etl in schema nobel for bi',
    ]);
  });

  test('is carried over by a superuser', () => {
    expect(stops({ ...withOther, surroundings: superuser })).toEqual([]);
  });

  test('who was dropped stops the run even of a superuser: it cannot be given back', () => {
    const unowned = (name: string, kind: Relation['kind']) => ({ name, kind, owner: undefined });
    const all = inventory({
      live: { relations: [unowned('nobel', 'table'), unowned('v', 'view')] },
      catalogue: { owner: undefined, views: [{ name: 'v', definition: unbound }] },
      boundViews: [bound('bi', 'b', { owner: undefined })],
      surroundings: superuser,
    });
    expect(stoppersOf(all)).toEqual(
      ['schema nobel', 'table nobel.nobel', 'view nobel.v', 'view bi.b'].map((what) => ({
        what: `${what}, whose owner is no known user`,
        whatToDo: expect.stringContaining('OWNER TO'),
      })),
    );
  });
});

describe('the name of a new table', () => {
  test.each<[string, Found, string]>([
    ['table', { live: { relations: [...own, relation('nobel__new')] } }, ', which Tributary did not create'],
    ['view', withView('nobel__new', unbound), ''],
    [
      'view',
      {
        live: { relations: [...own, relation('nobel__new', 'view')] },
        boundViews: [bound('nobel', 'nobel__new')],
      },
      '',
    ],
  ])('is not taken from another %s', (kind, some, more) => {
    expect(stops(some)).toEqual([`${kind} nobel.nobel__new${more} and has the name of a new table`]);
  });

  test('cannot be compared before the new tables are known; then only foreign tables stop the run', () => {
    expect(stoppersOf(inventoryOf(found(withView('nobel__new', unbound)), undefined))).toEqual([]);
    const relations = [...own, relation('nobel__new')];
    expect(stoppersOf(inventoryOf(found({ live: { relations } }), undefined))).toHaveLength(1);
  });

  test('is the only evidence if the marker lists no tables', () => {
    const relations = [...own, relation('nobel__new'), relation('mine')];
    const marker = { ...live.marker!, tables: undefined };
    const some = { live: { relations, marker } as Partial<LiveState> };
    expect(stops(some)).toEqual([
      'table nobel.nobel__old, which Tributary did not create',
      'table nobel.mine, which Tributary did not create',
    ]);
    expect(stoppersOf(inventoryOf(found(some), undefined))).toEqual([]);
  });
});

describe('a bound view', () => {
  const reads = (name: string) => ({
    boundViews: [bound('bi', 'b', { reads: [{ schema: 'nobel', name }] })],
  });

  test('that reads a table which the new data lacks stops the run once that is known', () => {
    expect(stops(reads('nobel__old'))).toEqual(['view bi.b, which reads nobel.nobel__old']);
    expect(stoppersOf(inventoryOf(found(reads('nobel__old')), undefined))).toEqual([]);
    expect(stops(reads('nobel'))).toEqual([]);
  });

  test('that reads a column which the new data lacks stops the run once that is known', () => {
    const some = (column: string) => ({
      boundViews: [bound('bi', 'b', { columns: [{ relation: 'nobel', column }] })],
    });
    expect(stops(some('title'))).toEqual(['view bi.b, which reads nobel.nobel.title']);
    expect(stops(some('year'))).toEqual([]);
    expect(stoppersOf(inventoryOf(found(some('title')), undefined))).toEqual([]);
  });

  test('that Redshift does not accept again stops the run with the reason', () => {
    const refused = refusedView(bound('bi', 'b'), 'ERROR: x');
    expect(stoppersOf([refused]).map(({ what }) => what)).toEqual([
      'view bi.b, whose definition is not accepted when it is sent again: ERROR: x',
    ]);
  });

  test('is tried only if it is carried over', () => {
    const some = found({ boundViews: [bound('bi', 'b'), bound('bi', 'c', { query: undefined })] });
    expect(carriedViews(some, inventoryOf(some, NEW)).map(({ name }) => name)).toEqual(['b']);
  });

  test('that reads another view of the live schema does not', () => {
    const views = [bound('nobel', 'a'), ...reads('a').boundViews];
    expect(stops({ boundViews: views })).toEqual([]);
  });
});

describe('grants', () => {
  const grant = (
    identity: string,
    identityType: 'user' | 'group' | 'role' | 'public' | 'other' = 'user',
  ) => ({
    ...{ privilege: 'SELECT', relation: 'nobel', identity, identityType, grantOption: false },
  });
  const some = (...relationGrants: ReturnType<typeof grant>[]): Found => ({ catalogue: { relationGrants } });

  test('are carried over', () => {
    expect(others(some(grant('ana'), grant('public', 'public'), grant('sys:secadmin', 'role')))).toEqual([
      'carried: grant of SELECT on nobel.nobel to ana',
      'carried: grant of SELECT on nobel.nobel to public',
      'carried: grant of SELECT on nobel.nobel to sys:secadmin',
    ]);
  });

  test('to reserved identities are passed over with the reason', () => {
    expect(inventory(some(grant('rdsdb'), grant('', 'group'))).slice(-2)).toEqual([
      {
        what: 'grant of SELECT on nobel.nobel to rdsdb',
        disposition: { kind: 'passed over', why: 'Redshift’s own superuser needs no grants' },
      },
      {
        what: 'grant of SELECT on nobel.nobel to group',
        disposition: { kind: 'passed over', why: 'the catalogue no longer says to whom' },
      },
    ]);
  });

  test('to a datashare’s role name the datashare, which its own view may hide', () => {
    expect(stops(some(grant('ds:partner', 'role')))).toEqual(['datashare partner, which shares nobel.nobel']);
    const shared = [{ share: 'partner', object: 'nobel.nobel' }];
    expect(stops({ ...some(grant('ds:partner', 'role')), surroundings: { shared } })).toHaveLength(1);
  });

  test('of an unknown kind stop the run', () => {
    expect(stops(some(grant('x', 'other')))).toEqual([
      'grant of SELECT on nobel.nobel to x, of a kind that Tributary does not know',
    ]);
    const scoped = { ...grant('ana'), scope: 'MODELS' };
    expect(stops({ catalogue: { schemaGrants: [scoped] } })).toEqual([
      'grant of SELECT on all models in schema nobel to ana, of a kind that Tributary does not know',
    ]);
  });
});

describe('whom the swap names', () => {
  const to = (identity: string, identityType: Grant['identityType'] = 'user') => ({
    ...{ privilege: 'SELECT', identity, identityType, grantOption: false },
  });
  const onNewObjects = (owner: string, grant: Grant): DefaultGrant => ({
    ...grant,
    ...{ objectType: 'RELATION', owner },
  });
  const named = (some: Found) => identitiesOf(found(some)).map(({ name, type }) => `${type} ${name}`);

  test('are those with privileges on the schema, its relations and columns, and on bound views', () => {
    expect(
      named({
        catalogue: {
          schemaGrants: [{ ...to('a'), scope: 'SCHEMA' }],
          relationGrants: [
            { ...to('a'), relation: 'nobel' },
            { ...to('b', 'group'), relation: 'nobel' },
          ],
          columnGrants: [{ ...to('c', 'role'), relation: 'nobel', column: 'id' }],
        },
        boundViews: [bound('bi', 'v', { grants: [{ ...to('d'), relation: 'v' }] })],
      }),
    ).toEqual(['user a', 'group b', 'role c', 'user d']);
  });

  test('are those with default privileges, and the users whose objects these are for', () => {
    expect(
      named({
        catalogue: { defaultGrants: [onNewObjects('etl', to('a', 'group'))] },
        surroundings: {
          defaultGrantsEverywhere: [onNewObjects('loader', to('b')), onNewObjects('other', to('c'))],
        },
        boundViews: [bound('bi', 'v', { defaultGrants: [onNewObjects('loader', to('d'))] })],
      }),
    ).toEqual(['group a', 'user etl', 'user d', 'user b']);
  });

  test('are not the loading user, PUBLIC, and those whose grants are not copied', () => {
    const relationGrants = [
      ...[to('loader'), to('public', 'public'), to('rdsdb'), to('', 'group'), to('ds:share', 'role')],
    ].map((grant) => ({ ...grant, relation: 'nobel' }));
    expect(named({ catalogue: { relationGrants } })).toEqual([]);
  });

  test('stop the run with the reason and a statement that creates them, if Redshift cannot name them', () => {
    const relationGrants = ['a', 'b', 'c', 'd'].map((relation) => ({ ...to('Ann'), relation }));
    const [ann] = identitiesOf(found({ catalogue: { relationGrants } }));
    expect(stoppersOf([refusedIdentity(ann!, 'ERROR: user "Ann" does not exist')])).toEqual([
      {
        what:
          'privileges of user Ann, whom Redshift does not accept in a GRANT: SELECT on nobel.a, SELECT on nobel.b, ' +
          'SELECT on nobel.c and 1 more: ERROR: user "Ann" does not exist',
        whatToDo: expect.stringContaining('CREATE USER "Ann" PASSWORD DISABLE'),
      },
    ]);
  });
});
