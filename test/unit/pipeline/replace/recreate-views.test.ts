import { describe, expect, test } from '@jest/globals';
import { type BoundView, boundViewOf, boundViewsIn } from '../../../../src/pipeline/replace/bound-view.ts';
import { type Catalogue, columnKey, type DefaultGrant } from '../../../../src/pipeline/replace/catalogue.ts';
import { replacedViews, viewMoves } from '../../../../src/pipeline/replace/recreate-views.ts';
import { emptyCatalogue } from './empty-catalogue.ts';

const none: BoundView = {
  ...{
    schema: 'bi',
    name: 'v',
    owner: 'loader',
    query: 'SELECT 1',
    isMaterialized: false,
    reads: [],
    columns: [],
  },
  ...{ grants: [], columnGrants: [], comments: [], defaultGrants: [] },
};
const to = (
  identity: string,
  identityType: 'user' | 'group' | 'role' | 'public' = 'user',
  grantOption = false,
) => ({ identity, identityType, grantOption });
const select = (relation: string, ...who: Parameters<typeof to>) => ({
  ...{ privilege: 'SELECT', relation },
  ...to(...who),
});
const moves = (...views: Partial<BoundView>[]) =>
  viewMoves(
    views.map((view) => ({ ...none, ...view })),
    'loader',
  );

describe('bound views', () => {
  test('are dropped against the order of their dependencies, and recreated in it', () => {
    expect(
      moves(
        { name: 'a', query: 'SELECT id FROM live.t' },
        { schema: 'live', name: 'b', query: 'SELECT id FROM bi.a' },
      ),
    ).toEqual({
      drop: ['DROP VIEW "live"."b", "bi"."a" RESTRICT'],
      recreate: [
        'CREATE VIEW "bi"."a" AS SELECT id FROM live.t',
        'CREATE VIEW "live"."b" AS SELECT id FROM bi.a',
      ],
    });
  });

  test('keep grants, comments and owners, in an order in which the loading user may still grant', () => {
    expect(
      moves({
        owner: 'ana',
        grants: [
          select('v', 'ana'),
          select('v', 'bob', 'user', true),
          { ...select('v', 'public', 'public') },
          { ...select('v', 'bob'), privilege: 'RULE' },
          select('v', 'rdsdb'),
        ],
        columnGrants: [{ ...select('v', 'bi', 'group'), column: 'id' }],
        comments: [
          { relation: 'v', kind: 'view', text: "it's" },
          { relation: 'v', kind: 'view', column: 'id', text: 'key' },
        ],
      }).recreate,
    ).toEqual([
      'CREATE VIEW "bi"."v" AS SELECT 1',
      'GRANT SELECT ON "bi"."v" TO "bob" WITH GRANT OPTION',
      'GRANT SELECT ON "bi"."v" TO PUBLIC',
      'GRANT SELECT ("id") ON "bi"."v" TO GROUP "bi"',
      `COMMENT ON VIEW "bi"."v" IS 'it''s'`,
      `COMMENT ON COLUMN "bi"."v"."id" IS 'key'`,
      'ALTER TABLE "bi"."v" OWNER TO "ana"',
    ]);
  });

  test('share statements for the same grants, because a batch has few', () => {
    const views = ['a', 'b', 'c'].map((name) => ({
      name,
      grants: [
        select(name, 'bi', 'group'),
        { ...select(name, 'bi', 'group'), privilege: 'DELETE' },
        ...(name === 'c' ? [select(name, 'x', 'role')] : []),
      ],
    }));
    expect(moves(...views).recreate.slice(3)).toEqual([
      'GRANT DELETE, SELECT ON "bi"."a", "bi"."b", "bi"."c" TO GROUP "bi"',
      'GRANT SELECT ON "bi"."c" TO ROLE "x"',
    ]);
  });

  test('do not gain what default privileges would grant', () => {
    const defaults = (...who: Parameters<typeof to>): DefaultGrant => ({
      ...{ objectType: 'RELATION', owner: 'loader', privilege: 'SELECT' },
      ...to(...who),
    });
    expect(
      moves({
        grants: [select('v', 'bi', 'group')],
        defaultGrants: [defaults('bi', 'group'), defaults('eve'), defaults('loader')],
      }).recreate.slice(1),
    ).toEqual(['REVOKE SELECT ON "bi"."v" FROM "eve"', 'GRANT SELECT ON "bi"."v" TO GROUP "bi"']);
  });

  test('take the places of older views of the same names, as in a rollback', () => {
    const live = {
      schema: 'live',
      boundViews: [{ ...none, schema: 'live', name: 'a' }, { ...none, schema: 'live', name: 'b' }, none],
    };
    const edges = [
      { view: { schema: 'backup', name: 'a' }, reads: { schema: 'backup', name: 'b' } },
      { view: { schema: 'backup', name: 'b' }, reads: { schema: 'backup', name: 't' } },
      { view: { schema: 'fin', name: 'a' }, reads: { schema: 'backup', name: 't' } },
    ];
    const replaced = replacedViews(live, { schema: 'backup', views: ['a', 'b', 'other', 'v'] }, edges);
    expect(viewMoves(live.boundViews.slice(0, 1), 'loader', replaced).drop).toEqual([
      'DROP VIEW "backup"."a", "backup"."b", "live"."a" RESTRICT',
    ]);
  });

  test('are none: nothing is done', () => {
    expect(moves()).toEqual({ drop: [], recreate: [] });
  });
});

describe('a bound view', () => {
  const catalogue: Catalogue = {
    ...emptyCatalogue('loader'),
    relations: [
      { name: 'v', kind: 'view', owner: 'ana' },
      { name: 'late', kind: 'view', owner: 'ana' },
      { name: 'odd', kind: 'view', owner: 'ana' },
    ],
    columns: new Set([columnKey('v', 'id'), columnKey('t', 'id')]),
    relationGrants: [select('v', 'bob'), select('late', 'bob')],
    defaultGrants: [
      { objectType: 'RELATION', owner: 'etl', privilege: 'SELECT', ...to('bi', 'group') },
      { objectType: 'RELATION', owner: 'loader', privilege: 'SELECT', ...to('bi', 'group') },
      { objectType: 'FUNCTION', owner: 'loader', privilege: 'EXECUTE', ...to('bi', 'group') },
    ],
    comments: [{ text: 'of the schema' }, { relation: 'v', kind: 'view', text: 'of the view' }],
    views: [
      { name: 'v', definition: ' SELECT t.id FROM live.t;' },
      { name: 'late', definition: 'create view late as select 1 with no schema binding' },
      { name: 'odd', definition: 'SELECT 1' },
    ],
  };

  test('has columns and a query; others are not copied as bound views', () => {
    expect(boundViewsIn(catalogue)).toEqual(['v']);
  });

  test('is read from its schema’s catalogue', () => {
    const everywhere: DefaultGrant[] = [
      { objectType: 'RELATION', owner: 'loader', privilege: 'INSERT', ...to('eve') },
    ];
    const reads = [{ schema: 'live', name: 't' }];
    const columns = [{ relation: 't', column: 'id' }];
    expect(
      boundViewOf({ schema: 'bi', name: 'v' }, { reads, columns }, catalogue, 'loader', everywhere),
    ).toEqual({
      ...none,
      owner: 'ana',
      query: 'SELECT t.id FROM live.t',
      reads,
      columns,
      grants: [select('v', 'bob')],
      comments: [{ relation: 'v', kind: 'view', text: 'of the view' }],
      defaultGrants: [...everywhere, catalogue.defaultGrants[1]],
    });
  });

  test.each(['late', 'odd', 'absent'])('without columns, such as %s, has no query', (name) => {
    expect(
      boundViewOf({ schema: 'bi', name }, { reads: [], columns: [] }, catalogue, 'loader', []).query,
    ).toBeUndefined();
  });
});
