import { describe, expect, test } from '@jest/globals';
import {
  type Catalogue,
  type CatalogueRows,
  catalogueOf,
  columnKey,
} from '../../../../src/pipeline/replace/catalogue.ts';
import { grantsPlan } from '../../../../src/pipeline/replace/grants-plan.ts';

const none: Catalogue = {
  owner: 'loader',
  relations: [],
  columns: new Set(),
  schemaGrants: [],
  relationGrants: [],
  columnGrants: [],
  defaultGrants: [],
  comments: [],
  views: [],
};
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
const planned = (from: Partial<Catalogue>, target: Catalogue = staging) =>
  grantsPlan({ ...none, relations: staging.relations, ...from }, target, 'staging');

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

  test("grants on tables and columns that both have, but not on Tributary's own", () => {
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
    expect(grantsPlan(from, { ...from, columns: staging.columns }, 'staging')).toEqual([]);
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
