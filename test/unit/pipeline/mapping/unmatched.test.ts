import { describe, expect, test } from '@jest/globals';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping, unusedMappings } from '../../../../src/pipeline/mapping/mapping.ts';
import {
  beyondSchema,
  UnmatchedSettings,
  unmatchedTexts,
} from '../../../../src/pipeline/mapping/unmatched.ts';

const key: Key = [{ name: 'pk', kind: 'S' }];

const ITEMS: Item[] = [
  {
    pk: { S: 'O#1' },
    Flag: { BOOL: true },
    'home.city': { S: 'Bern' },
    address: { M: { street: { S: 'x' }, 'zip.code': { N: '1' } } },
    prizes: { L: [{ M: { name: { S: 'y' } } }] },
    tags: { SS: ['a'] },
    empty: { NULL: true },
  },
  { pk: { S: 'C#1' }, email: { S: 'a@b' } },
];

function textsOf(mapping: object, { redacted = false, items = ITEMS } = {}): string[] {
  const settings = new UnmatchedSettings(Mapping.parse(mapping), key);
  for (const item of items) settings.see(item);
  const unmatched = settings.result({ redacted });
  return unmatched === undefined ? [] : unmatchedTexts(unmatched);
}

const NOT = ', which the sample of 2 items did not have';

describe('a setting that no item of the sample matches is named, with what was meant', () => {
  test.each<[object, string]>([
    [
      { columns: { flag: { hash: true } } },
      `mapping.columns has settings for flag${NOT} (did you mean "Flag"?)`,
    ],
    [
      { columns: { emial: { ignore: true } } },
      `mapping.columns has settings for emial${NOT} (did you mean "email"?)`,
    ],
    [
      { columns: { 'adress.street': { mask: true } } },
      `mapping.columns has settings for adress.street${NOT} (did you mean "address.street"?)`,
    ],
    [
      { exclude: ['address.streat'] },
      `mapping.exclude has address.streat${NOT} (did you mean "address.street"?)`,
    ],
    [
      { exclude: ['home.city'] },
      `mapping.exclude has home.city${NOT} (did you mean "home%2Ecity"? %2E is a dot in an attribute’s name)`,
    ],
    [
      { columns: { 'address.zip.code': { hash: true } } },
      `mapping.columns has settings for address.zip.code${NOT} (did you mean "address.zip%2Ecode"? %2E is a dot in an attribute’s name)`,
    ],
    [{ include: ['prizes.name'] }, `mapping.include has prizes.name${NOT} (did you mean "prizes[].name"?)`],
    [
      { include: ['prizes[].nane'] },
      `mapping.include has prizes[].nane${NOT} (did you mean "prizes[].name"?)`,
    ],
    [{ include: ['nowhere'] }, `mapping.include has nowhere${NOT}`],
    [
      { where: [{ attribute: 'flag', equals: 'true' }] },
      `mapping.where has the attribute flag${NOT} (did you mean "Flag"?)`,
    ],
    [
      { where: [{ attribute: 'home%2Ecity', equals: 'Bern' }] },
      `mapping.where has the attribute home%2Ecity${NOT} (did you mean "home.city"?)`,
    ],
    [
      { where: [{ attribute: 'address.street', equals: 'x' }] },
      `mapping.where has the attribute address.street${NOT}: where tests top-level attributes by their names, not paths`,
    ],
    [
      { entities: { orders: { keyPrefix: 'O#' } }, exclude: ['Flag'] },
      `mapping.exclude has Flag${NOT} (did you mean "[orders].Flag"?)`,
    ],
  ])('%j', (mapping, text) => {
    expect(textsOf(mapping)).toEqual([text]);
  });
});

test('settings that some item matches are not named', () => {
  const matched = {
    columns: { 'address.zip%2Ecode': { hash: true }, 'tags[]': { name: 'tag' }, empty: { ignore: true } },
    include: ['address', 'prizes[].name', 'Flag', 'tags', 'email'],
    exclude: ['address.street'],
    where: [{ attribute: 'home.city', exists: true }],
  };
  expect(textsOf(matched)).toEqual([]);
  const routed = { entities: { orders: { keyPrefix: 'O#' } }, exclude: ['[orders].Flag', 'email'] };
  expect(textsOf(routed)).toEqual([]);
});

test('an empty sample tells nothing', () => {
  expect(textsOf({ exclude: ['x'] }, { items: [] })).toEqual([]);
});

test('with redactValues, names inside maps are not guessed, because they can be data', () => {
  expect(textsOf({ exclude: ['address.streat', 'emial'] }, { redacted: true })).toEqual([
    `mapping.exclude has address.streat${NOT}`,
    `mapping.exclude has emial${NOT} (did you mean "email"?)`,
  ]);
});

const schema = {
  key: [{ path: 'pk' }],
  tables: [{ path: '', columns: [{ path: 'old' }, { path: 'Flag' }, { path: 'home%2Ecity' }] }],
};

test('what an earlier run saw is no typo', () => {
  const settings = [
    { setting: 'exclude' as const, path: 'old', hint: '' },
    { setting: 'where' as const, path: 'home.city', hint: '' },
    { setting: 'exclude' as const, path: 'older', hint: '' },
  ];
  expect(beyondSchema({ items: 1, settings }, schema).settings).toEqual([settings[2]]);
});

test('what a run never saw is named with what was meant', () => {
  const mapping = Mapping.parse({ columns: { flag: { mask: true }, 'home.city': { hash: true } } });
  expect(unusedMappings(mapping, schema)).toEqual([
    'mapping.columns has settings for flag, which no run ever saw (did you mean "Flag"?)',
    'mapping.columns has settings for home.city, which no run ever saw (did you mean "home%2Ecity"? %2E is a dot in an attribute’s name)',
  ]);
});
