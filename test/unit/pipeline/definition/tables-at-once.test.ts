import { expect, test } from '@jest/globals';
import { WarehouseDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import { tablesAtOnce } from '../../../../src/pipeline/definition/tables-at-once.ts';

const parsed = (settings: object) =>
  WarehouseDefinition.safeParse({
    ...{ kind: 'redshift', workgroup: 'main', database: 'd', schema: 's', iamRole: 'default' },
    ...settings,
  });

test('a run loads ten tables at once, or as many as the definition says', () => {
  expect(tablesAtOnce(parsed({}).data!)).toBe(10);
  expect(tablesAtOnce(parsed({ tablesAtOnce: 1 }).data!)).toBe(1);
  expect(tablesAtOnce(parsed({ tablesAtOnce: 50 }).data!)).toBe(50);
});

test.each([0, 51, 2.5])('%d tables at once are refused: Redshift has at most 50 slots', (count) => {
  expect(parsed({ tablesAtOnce: count }).error?.issues).toMatchObject([{ path: ['tablesAtOnce'] }]);
});
