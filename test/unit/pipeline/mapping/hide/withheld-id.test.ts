import { expect, test } from '@jest/globals';
import { withheldId } from '../../../../../src/pipeline/mapping/hide/withheld-id.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';

const idOf = (settings: object) => withheldId(Mapping.parse(settings));
const NOTHING = idOf({});
const WITHHOLDING = { columns: { email: { hash: true }, secret: { ignore: true }, card: { mask: true } } };

test('is the same in every version: the change log has it', () => {
  expect([NOTHING, idOf(WITHHOLDING)]).toEqual(['ed3acdd962d4bb4b', '09532fe503d0a083']);
});

test.each([
  ['another name', { columns: { city: { name: 'town' } } }],
  ['another type', { columns: { city: { type: 'VARCHAR(9)' }, at: { epoch: 's' } } }],
  ['entities, if nothing is left out or hidden', { entities: { users: { keyPrefix: 'USER#' } } }],
  ['a map as rows, if nothing is hidden', { columns: { totals: { asRows: true } } }],
  ['another form of empty strings, if nothing is hidden', { emptyAsNull: true }],
  ['ignore: false', { columns: { secret: { ignore: false } } }],
])('%s withholds nothing', (_, settings) => {
  expect(idOf(settings)).toBe(NOTHING);
});

test.each([
  ['what is ignored', { columns: { secret: { ignore: true } } }],
  ['what is excluded', { exclude: ['secret.part'] }],
  ['what is included', { include: ['secret'] }],
  ['what is hashed', { columns: { secret: { hash: true } } }],
  ['what is masked', { columns: { secret: { mask: true } } }],
  ['what is filtered', { where: [{ attribute: 'secret', exists: true }] }],
  ['how empty strings are hidden', { columns: { secret: { mask: true, emptyAsNull: true } } }],
  ['as what hidden maps are read', { columns: { secret: { mask: true }, totals: { asRows: true } } }],
  ['to which entity an item belongs', { exclude: ['a'], entities: { users: { keyPrefix: 'USER#' } } }],
])('depends on %s', (_, settings) => {
  expect(idOf(settings)).not.toBe(NOTHING);
  expect(idOf({ ...settings, exclude: ['b'] })).not.toBe(idOf(settings));
});

test('does not depend on the order of settings, nor on which of two says the same', () => {
  const { email, secret, card } = WITHHOLDING.columns;
  expect(idOf({ columns: { card, secret, email } })).toBe(idOf(WITHHOLDING));
  expect(idOf({ columns: { email, card }, exclude: ['secret'] })).toBe(idOf(WITHHOLDING));
  const conditions = [
    { attribute: 'a', equals: '1' },
    { attribute: 'b', exists: true },
  ];
  expect(idOf({ where: conditions })).toBe(idOf({ where: conditions.toReversed() }));
});
