import { describe, expect, test } from '@jest/globals';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { EntityRoute, routeTest } from '../../../../src/pipeline/mapping/entity-route.ts';

const KEY: Key = [
  { name: 'pk', kind: 'S' },
  { name: 'sk', kind: 'S' },
];
const order: Item = {
  pk: { S: 'USER#1' },
  sk: { S: 'ORDER#2' },
  type: { S: 'order' },
  version: { N: '1.0' },
  open: { BOOL: true },
};

test.each<[string, EntityRoute, boolean]>([
  ['the beginning of the partition key', { keyPrefix: 'USER#' }, true],
  ['another beginning', { keyPrefix: 'ORDER#' }, false],
  ['both keys', { keyPrefix: 'USER#', sortKeyPrefix: 'ORDER#' }, true],
  ['one of two conditions alone', { keyPrefix: 'USER#', sortKeyPrefix: 'PROFILE' }, false],
  ['an attribute', { attribute: 'type', equals: 'order' }, true],
  ['one of several values', { attribute: 'type', equals: ['return', 'order'] }, true],
  ['a number, however it is written', { attribute: 'version', equals: '1' }, true],
  ['a truth', { attribute: 'open', equals: 'true' }, true],
  ['an attribute that is not there', { attribute: 'kind', equals: 'order' }, false],
  ['a name that objects have', { attribute: 'constructor', equals: 'order' }, false],
])('an item is recognised by %s', (_, route, belongs) => {
  expect(routeTest(route, KEY)(order)).toBe(belongs);
});

test('a sort key is not required if the table has none', () => {
  expect(routeTest({ sortKeyPrefix: 'ORDER#' }, [{ name: 'pk', kind: 'S' }])(order)).toBe(false);
});

describe('a route', () => {
  test.each([{}, { attribute: 'type' }, { equals: 'order' }, { keyPrefix: '' }])('cannot be %j', (route) => {
    expect(EntityRoute.safeParse(route).success).toBe(false);
  });
});
