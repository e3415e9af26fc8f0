import { expect, test } from '@jest/globals';
import { copyView } from '../../../../src/pipeline/replace/late-binding-view.ts';

const end = ' WITH NO SCHEMA BINDING';

test.each([
  [`create view v as select 1${end}`, ` as select 1${end}`],
  [`CREATE OR REPLACE VIEW nobel.v AS SELECT 1${end};`, ` AS SELECT 1${end}`],
  [`create view "no""bel"."V x" (a, b) as select 1, 2${end} ; `, ` (a, b) as select 1, 2${end}`],
  [
    `create view dev.nobel.v(a) as select 1\nwith no\n schema binding`,
    '(a) as select 1\nwith no\n schema binding',
  ],
  [
    `\n create view nobel . v as (select 'create view x as' from nobel.t)${end}`,
    ` as (select 'create view x as' from nobel.t)${end}`,
  ],
  [`create view größe as select 1${end}`, ` as select 1${end}`],
])('%j is copied with its query unchanged', (definition, rest) => {
  expect(copyView(definition, 's', 'v')).toBe(`CREATE OR REPLACE VIEW "s"."v"${rest}`);
});

test.each([
  'select 1',
  'create view v as select 1',
  `-- the view\ncreate view v as select 1${end}`,
  `create materialized view v as select 1${end}`,
])('%j is not', (definition) => {
  expect(copyView(definition, 's', 'v')).toBeUndefined();
});
