import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { nobelItems } from '../../../../../local/demo/nobel.ts';
import { suggestions, suggestionYaml } from '../../../../../src/cli/schema/suggest-schema.ts';
import type { Item } from '../../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import {
  type EntitySuggestion,
  suggestEntities,
} from '../../../../../src/pipeline/mapping/suggest/suggest-entities.ts';

const KEY: Key = [
  { name: 'pk', kind: 'S' },
  { name: 'sk', kind: 'S' },
];
const item = (pk: string, sk: string, more: Item = {}): Item => ({ pk: { S: pk }, sk: { S: sk }, ...more });

const routes = (suggestion: EntitySuggestion | undefined) =>
  suggestion?.entities.map(({ name, route, items }) => [name, route, items]);

describe('entities are distinguished', () => {
  test('by the prefix of the key: the Nobel prizes', () => {
    const [first] = suggestEntities(nobelItems() as unknown as Item[], KEY);
    expect(routes(first)).toEqual([
      ['laureates', { keyPrefix: 'LAUREATE#' }, 1004],
      ['prizes', { keyPrefix: 'PRIZE#' }, 676],
    ]);
    expect(first?.others).toBe(0);
  });

  test('within one partition by the sort key, the more specific first', () => {
    const items = [
      item('USER#1', 'PROFILE'),
      item('USER#1', 'ORDER#1'),
      item('USER#1', 'ORDER#2'),
      item('CONFIG', 'x'),
    ];
    const [first] = suggestEntities(items, KEY);
    expect(routes(first)).toEqual([
      ['orders', { keyPrefix: 'USER#', sortKeyPrefix: 'ORDER#' }, 2],
      ['users', { keyPrefix: 'USER#' }, 1],
    ]);
    expect(first?.others).toBe(1);
  });

  test('by an attribute with few values, if their items differ', () => {
    const items = Array.from({ length: 40 }, (_, i) =>
      item(`${i}`, 'x', {
        ...(i % 4 === 0
          ? { kind: { S: 'Category' }, title: { S: 't' } }
          : { kind: { S: 'order' }, total: { N: '1' } }),
        colour: { S: i % 3 === 0 ? 'red' : 'blue' },
      }),
    );
    const [first, ...others] = suggestEntities(items, KEY);
    expect(routes(first)).toEqual([
      ['orders', { attribute: 'kind', equals: 'order' }, 30],
      ['categories', { attribute: 'kind', equals: 'Category' }, 10],
    ]);
    expect(others).toEqual([]);
    // DynamoDB returns items in any order.
    expect(suggestEntities(items.toReversed(), KEY)[0]).toEqual(first);
  });

  test.each<[string, Item[]]>([
    ['nothing', []],
    ['one entity', [item('USER#1', 'a'), item('USER#2', 'b')]],
    ['keys without words', [item('1', 'a'), item('2', 'b')]],
  ])('not if there is %s', (_, items) => {
    expect(suggestEntities(items, KEY)).toEqual([]);
  });
});

test('an entity is named in words', () => {
  const items = ['OrderLine#1', 'OrderLine#2', 'VIPGuest#1', 'VIPGuest#2'].map((pk) => item(pk, 's'));
  const [first] = suggestEntities(items, KEY);
  expect(first?.entities.map(({ name }) => name)).toEqual(['order_lines', 'vip_guests']);
});

test('the suggestion is YAML that the configuration accepts, whatever the keys contain', () => {
  const items = [item('a:1', 'x'), item('USER#{"yaml": #}', 'y', { pk: { S: 'b-c/1' } }), item('a:2', 'x')];
  const yaml = suggestionYaml('nobel', items.length, suggestEntities(items, KEY));
  const { mapping } = parse(yaml) as { mapping: unknown };
  expect(Mapping.parse(mapping).entities).toEqual({
    as: { keyPrefix: 'a:' },
    b_cs: { keyPrefix: 'b-c/' },
  });
});

test('nothing is suggested by an attribute that the mapping ignores', () => {
  const items = Array.from({ length: 40 }, (_, i) =>
    item(
      `${i}`,
      'x',
      i % 2 === 0 ? { kind: { S: 'a' }, b: { S: 't' } } : { kind: { S: 'c' }, d: { N: '1' } },
    ),
  );
  expect(suggestions(items, KEY, Mapping.parse({}))).toHaveLength(1);
  const mapping = Mapping.parse({ columns: { kind: { ignore: true } } });
  expect(suggestions(items, KEY, mapping)).toEqual([]);
});
