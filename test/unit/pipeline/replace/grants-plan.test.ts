import { describe, expect, test } from '@jest/globals';
import {
  type Catalogue,
  type CatalogueRows,
  catalogueOf,
  catalogueQueries,
  columnKey,
} from '../../../../src/pipeline/replace/catalogue.ts';
import { type GrantsOptions, grantsPlan } from '../../../../src/pipeline/replace/grants-plan.ts';
import { emptyCatalogue } from './empty-catalogue.ts';

const none = emptyCatalogue('loader');
const relation = (name: string, owner = 'loader', kind: 'table' | 'view' = 'table') => ({
  name,
  kind,
  owner,
});
const staging: Catalogue = {
  ...none,
  relations: [relation('nobel'), relation('_tributary_marker')],
  columns: new Set([columnKey('nobel', 'year')]),
};
const to = (
  identity: string,
  identityType: 'user' | 'group' | 'role' | 'public' = 'user',
  grantOption = false,
) => ({
  identity,
  identityType,
  grantOption,
});
const options: GrantsOptions = { schema: 'staging', ours: undefined, when: 'before' };
const planned = (from: Partial<Catalogue>, target: Catalogue = staging, more: Partial<GrantsOptions> = {}) =>
  grantsPlan({ ...none, relations: staging.relations, ...from }, target, { ...options, ...more });

describe('what depends on live is given to staging', () => {
  test('grants on the schema, to users, groups, roles and PUBLIC', () => {
    const schemaGrants = [
      { privilege: 'USAGE', scope: 'SCHEMA', ...to('ana', 'user', true) },
      { privilege: 'USAGE', scope: 'SCHEMA', ...to('analysts', 'group') },
      { privilege: 'CREATE', scope: 'SCHEMA', ...to('dev team', 'role') },
      { privilege: 'USAGE', scope: 'SCHEMA', ...to('public', 'public') },
      { privilege: 'SELECT', scope: 'TABLES', ...to('analyst', 'role') },
    ];
    expect(planned({ schemaGrants })).toEqual([
      'GRANT USAGE ON SCHEMA "staging" TO "ana" WITH GRANT OPTION',
      'GRANT USAGE ON SCHEMA "staging" TO GROUP "analysts"',
      'GRANT CREATE ON SCHEMA "staging" TO ROLE "dev team"',
      'GRANT USAGE ON SCHEMA "staging" TO PUBLIC',
      'GRANT SELECT FOR TABLES IN SCHEMA "staging" TO ROLE "analyst"',
    ]);
  });

  test("grants on tables and columns that both have, without Tributary's own", () => {
    const relationGrants = [
      { relation: 'nobel', privilege: 'SELECT', ...to('ana') },
      { relation: 'gone', privilege: 'SELECT', ...to('ana') },
      { relation: '_tributary_marker', privilege: 'SELECT', ...to('ana') },
    ];
    const columnGrants = [
      { relation: 'nobel', column: 'year', privilege: 'SELECT', ...to('bob') },
      { relation: 'nobel', column: 'gone', privilege: 'SELECT', ...to('bob') },
    ];
    expect(planned({ relationGrants, columnGrants })).toEqual([
      'GRANT SELECT ON "staging"."nobel" TO "ana"',
      'GRANT SELECT ("year") ON "staging"."nobel" TO "bob"',
    ]);
  });

  test('default privileges', () => {
    const defaultGrants = [
      { objectType: 'RELATION' as const, owner: 'etl', privilege: 'SELECT', ...to('analysts', 'group') },
      { objectType: 'PROCEDURE' as const, owner: 'etl', privilege: 'EXECUTE', ...to('ana') },
    ];
    expect(planned({ defaultGrants })).toEqual([
      'ALTER DEFAULT PRIVILEGES FOR USER "etl" IN SCHEMA "staging" GRANT SELECT ON TABLES TO GROUP "analysts"',
      'ALTER DEFAULT PRIVILEGES FOR USER "etl" IN SCHEMA "staging" GRANT EXECUTE ON PROCEDURES TO "ana"',
    ]);
  });

  test('no privilege that Redshift cannot grant', () => {
    const defaultGrants = ['RULE', 'TRIGGER'].map((privilege) => ({
      objectType: 'RELATION' as const,
      owner: 'etl',
      privilege,
      ...to('ana'),
    }));
    expect(planned({ defaultGrants })).toEqual([]);
  });

  test('comments on schema, tables, views and columns', () => {
    const comments = [
      { text: "Prizes, by Nobel's will" },
      { relation: 'nobel', kind: 'table' as const, text: 'one row a laureate' },
      { relation: 'nobel', kind: 'table' as const, column: 'year', text: 'of award' },
      { relation: 'nobel', kind: 'table' as const, column: 'gone', text: 'no more' },
    ];
    expect(planned({ comments })).toEqual([
      `COMMENT ON SCHEMA "staging" IS 'Prizes, by Nobel''s will'`,
      `COMMENT ON TABLE "staging"."nobel" IS 'one row a laureate'`,
      `COMMENT ON COLUMN "staging"."nobel"."year" IS 'of award'`,
    ]);
  });

  test('comments that users wrote only: each run writes its own', () => {
    const { comments, schemaComments } = catalogueQueries('nobel');
    for (const sql of [comments, schemaComments])
      expect(sql).toMatch(/ AND d\.description NOT LIKE '% \[tributary\]'$/);
  });

  test('late-binding views, before the grants on them', () => {
    const from = {
      relations: [...staging.relations, relation('v', 'ana', 'view'), relation('bound', 'ana', 'view')],
      views: [
        {
          name: 'v',
          definition: 'CREATE VIEW nobel.v AS SELECT id FROM nobel.nobel WITH NO SCHEMA BINDING;',
        },
        { name: 'bound', definition: ' SELECT 1;' },
      ],
      relationGrants: [{ relation: 'v', privilege: 'SELECT', ...to('bob') }],
    };
    expect(planned(from)).toEqual([
      'CREATE OR REPLACE VIEW "staging"."v" AS SELECT id FROM nobel.nobel WITH NO SCHEMA BINDING',
      'GRANT SELECT ON "staging"."v" TO "bob"',
      'ALTER TABLE "staging"."v" OWNER TO "ana"',
    ]);
  });

  test('owners, last of all, and no grant to an owner', () => {
    const from = {
      owner: 'boss',
      relations: [relation('nobel', 'ana'), relation('_tributary_marker', 'ana')],
      relationGrants: [{ relation: 'nobel', privilege: 'SELECT', ...to('ana') }],
      schemaGrants: [{ privilege: 'USAGE', scope: 'SCHEMA', ...to('boss') }],
      comments: [{ text: 'x' }],
    };
    expect(planned(from)).toEqual([
      `COMMENT ON SCHEMA "staging" IS 'x'`,
      'ALTER TABLE "staging"."nobel" OWNER TO "ana"',
      'ALTER SCHEMA "staging" OWNER TO "boss"',
    ]);
  });

  test('once: staging keeps what it has, without a second grant', () => {
    const from: Catalogue = {
      ...none,
      relations: staging.relations,
      schemaGrants: [{ privilege: 'USAGE', scope: 'SCHEMA', ...to('ana') }],
      relationGrants: [{ relation: 'nobel', privilege: 'SELECT', ...to('ana') }],
      comments: [{ relation: 'nobel', kind: 'table', text: 'x' }],
    };
    expect(grantsPlan(from, { ...from, columns: staging.columns }, options)).toEqual([]);
  });
});

describe('a new table', () => {
  const withNew: Catalogue = { ...staging, relations: [...staging.relations, relation('nobel__new')] };
  const defaults = {
    objectType: 'RELATION',
    owner: 'loader',
    privilege: 'SELECT',
    ...to('bi', 'group'),
  };

  test('gets the default privileges of the user who loads, as a table made by hand, and an old table does not', () => {
    expect(planned({ defaultGrants: [defaults, { ...defaults, owner: 'etl' }] }, withNew)).toEqual([
      'ALTER DEFAULT PRIVILEGES FOR USER "loader" IN SCHEMA "staging" GRANT SELECT ON TABLES TO GROUP "bi"',
      'ALTER DEFAULT PRIVILEGES FOR USER "etl" IN SCHEMA "staging" GRANT SELECT ON TABLES TO GROUP "bi"',
      'GRANT SELECT ON "staging"."nobel__new" TO GROUP "bi"',
    ]);
  });

  test('gets them once, and not after the swap', () => {
    const relationGrants = [{ relation: 'nobel__new', privilege: 'SELECT', ...to('bi', 'group') }];
    const granted = { ...withNew, defaultGrants: [defaults], relationGrants };
    expect(planned({ defaultGrants: [defaults] }, granted)).toEqual([]);
    const later = { ...withNew, defaultGrants: [defaults] };
    expect(planned({ defaultGrants: [defaults] }, later, { when: 'after' })).toEqual([]);
  });

  test.each(['table', 'view'] as const)(
    'takes no grants, comments or owner of a %s with its name',
    (kind) => {
      const from = {
        relations: [...staging.relations, relation('nobel__new', 'ana', kind)],
        relationGrants: [{ relation: 'nobel__new', privilege: 'SELECT', ...to('eve') }],
        columnGrants: [{ relation: 'nobel__new', column: 'year', privilege: 'SELECT', ...to('eve') }],
        comments: [{ relation: 'nobel__new', kind, text: 'of another' }],
      };
      const target = { ...withNew, columns: new Set([columnKey('nobel__new', 'year')]) };
      expect(planned(from, target, { ours: ['nobel'] })).toEqual([]);
      expect(planned(from, target, { ours: ['nobel'], when: 'after' })).toEqual([]);
    },
  );
});

describe('no one gains rights by a swap', () => {
  const gained: Catalogue = {
    ...staging,
    schemaGrants: [{ privilege: 'USAGE', scope: 'SCHEMA', ...to('eve') }],
    relationGrants: [
      { relation: 'nobel', privilege: 'SELECT', ...to('public', 'public') },
      { relation: 'nobel', privilege: 'SELECT', ...to('loader') },
    ],
    columnGrants: [{ relation: 'nobel', column: 'year', privilege: 'SELECT', ...to('eve') }],
    defaultGrants: [{ objectType: 'RELATION', owner: 'loader', privilege: 'SELECT', ...to('eve') }],
  };

  test('what live lacks is revoked from what takes its place', () => {
    expect(planned({}, gained)).toEqual([
      'REVOKE USAGE ON SCHEMA "staging" FROM "eve"',
      'REVOKE SELECT ON "staging"."nobel" FROM PUBLIC',
      'REVOKE SELECT ("year") ON "staging"."nobel" FROM "eve"',
      'ALTER DEFAULT PRIVILEGES FOR USER "loader" IN SCHEMA "staging" REVOKE SELECT ON TABLES FROM "eve"',
    ]);
  });

  test('readers lose what a grant on all tables of the schema gave them on Tributary’s own', () => {
    const relationGrants = [{ relation: '_tributary_marker', privilege: 'SELECT', ...to('ana') }];
    expect(planned({ relationGrants }, { ...staging, relationGrants })).toEqual([
      'REVOKE SELECT ON "staging"."_tributary_marker" FROM "ana"',
    ]);
  });

  test('after the swap nothing is revoked, because it may have been granted since', () => {
    expect(planned({}, gained, { when: 'after' })).toEqual([]);
  });

  test('a grant option that live lacks is taken back', () => {
    const relationGrants = [{ relation: 'nobel', privilege: 'SELECT', ...to('ana') }];
    const withOption = {
      ...staging,
      relationGrants: [{ relation: 'nobel', privilege: 'SELECT', ...to('ana', 'user', true) }],
    };
    expect(planned({ relationGrants }, withOption)).toEqual([
      'REVOKE SELECT ON "staging"."nobel" FROM "ana"',
      'GRANT SELECT ON "staging"."nobel" TO "ana"',
    ]);
  });
});

describe('reserved identities', () => {
  test('get no grants: a datashare’s role and user, Redshift’s own superuser, those without a name', () => {
    const relationGrants = [
      to('ds:partner', 'role'),
      to('ds:partner_consumer'),
      to('rdsdb'),
      to('', 'group'),
      { ...to('x'), identityType: 'other' as const },
    ].map((grantee) => ({ relation: 'nobel', privilege: 'SELECT', ...grantee }));
    expect(planned({ relationGrants })).toEqual([]);
    expect(planned({}, { ...staging, relationGrants })).toEqual([]);
  });

  test('do not include system-defined roles, and users and roles of identity providers', () => {
    const relationGrants = [
      to('sys:secadmin', 'role'),
      to('IAM:ana'),
      to('AWSIDC:analysts', 'role'),
      to('rdsdb', 'group'),
    ].map((grantee) => ({ relation: 'nobel', privilege: 'SELECT', ...grantee }));
    expect(planned({ relationGrants })).toEqual([
      'GRANT SELECT ON "staging"."nobel" TO ROLE "sys:secadmin"',
      'GRANT SELECT ON "staging"."nobel" TO "IAM:ana"',
      'GRANT SELECT ON "staging"."nobel" TO ROLE "AWSIDC:analysts"',
      'GRANT SELECT ON "staging"."nobel" TO GROUP "rdsdb"',
    ]);
  });
});

describe('a late-binding view that the incoming schema has with another text', () => {
  const inSchema = (schema: string, query: string) =>
    `create view ${schema}.v as ${query} with no schema binding`;
  const view = (schema: string, query: string) => ({
    relations: [...staging.relations, relation('v', 'loader', 'view')],
    views: [{ name: 'v', definition: inSchema(schema, query) }],
  });

  test('gets live’s text before the swap, as in a rollback, and keeps its own after it', () => {
    const backup = { ...staging, ...view('nobel', 'select 1') };
    const relationGrants = [{ relation: 'v', privilege: 'SELECT', ...to('bob') }];
    expect(planned({ ...view('nobel', 'select 2'), relationGrants }, { ...backup, relationGrants })).toEqual([
      'DROP VIEW "staging"."v" RESTRICT',
      'CREATE OR REPLACE VIEW "staging"."v" as select 2 with no schema binding',
      'GRANT SELECT ON "staging"."v" TO "bob"',
    ]);
    expect(planned(view('nobel', 'select 2'), backup, { when: 'after' })).toEqual([]);
    expect(planned(view('nobel', 'select 1'), { ...staging, ...view('staging', 'select 1') })).toEqual([]);
  });
});

test('a catalogue is read from the queries’ rows', () => {
  const rows: CatalogueRows = {
    owner: [{ owner_name: 'loader' }],
    relations: [{ relation_name: 'nobel', relation_kind: 'table', owner_name: 'loader' }],
    columns: [{ relation_name: 'nobel', column_name: 'year' }],
    schemaComments: [{ comment: 'a' }],
    comments: [{ relation_name: 'nobel', relation_kind: 'table', column_name: null, comment: 'b' }],
    schemaGrants: [
      {
        privilege_type: 'USAGE',
        identity_name: 'g',
        identity_type: 'group',
        admin_option: false,
        privilege_scope: 'SCHEMA',
      },
    ],
    relationGrants: [
      {
        relation_name: 'nobel',
        privilege_type: 'select',
        identity_name: 'u',
        identity_type: 'user',
        admin_option: true,
      },
    ],
    columnGrants: [
      {
        relation_name: 'nobel',
        column_name: 'year',
        privilege_type: 'SELECT',
        identity_name: 'r',
        identity_type: 'role',
      },
    ],
    defaultGrants: [
      {
        object_type: 'RELATION',
        owner_name: 'etl',
        privilege_type: 'SELECT',
        identity_name: 'public',
        identity_type: 'public',
        admin_option: null,
      },
    ],
    views: [{ view_name: 'v', definition: 'SELECT 1' }],
  };
  expect(catalogueOf(rows)).toEqual({
    owner: 'loader',
    relations: [relation('nobel')],
    columns: new Set([columnKey('nobel', 'year')]),
    schemaGrants: [{ privilege: 'USAGE', scope: 'SCHEMA', ...to('g', 'group') }],
    relationGrants: [{ relation: 'nobel', privilege: 'SELECT', ...to('u', 'user', true) }],
    columnGrants: [{ relation: 'nobel', column: 'year', privilege: 'SELECT', ...to('r', 'role') }],
    defaultGrants: [{ objectType: 'RELATION', owner: 'etl', privilege: 'SELECT', ...to('public', 'public') }],
    comments: [{ text: 'a' }, { relation: 'nobel', kind: 'table', text: 'b' }],
    views: [{ name: 'v', definition: 'SELECT 1' }],
  });
});

test('a privilege that is not words is not put into SQL', () => {
  const bad = {
    privilege_type: 'SELECT; DROP',
    identity_name: 'u',
    identity_type: 'user',
    admin_option: false,
    privilege_scope: 'SCHEMA',
  };
  const rows = {
    owner: [],
    relations: [],
    columns: [],
    schemaComments: [],
    comments: [],
    relationGrants: [],
    columnGrants: [],
    defaultGrants: [],
    views: [],
  };
  expect(() => catalogueOf({ ...rows, schemaGrants: [bad] })).toThrow('privilege_type');
});
