import { describe, expect, it } from '@jest/globals';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import {
  DestinationMapping,
  destinationMappingProblems,
  hidingOfImages,
  joinedMapping,
  mappingOfImages,
} from '../../../../src/pipeline/mapping/destination-mapping.ts';
import { Withheld } from '../../../../src/pipeline/mapping/hide/withheld.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { RowFilter } from '../../../../src/pipeline/mapping/row-filter.ts';

type Input = Parameters<typeof Mapping.parse>[0];
const pipeline = (mapping: Input) => Mapping.parse(mapping);
const own = (mapping: Input) => DestinationMapping.parse(mapping);
const join = (shared: Input, mine: Input) => joinedMapping(pipeline(shared), own(mine));

const KEY = [{ name: 'pk', kind: 'S' as const }];
const HIDING = { hash: (text: string) => `hash of ${text}` };
const ITEM: Item = {
  pk: { S: '1' },
  email: { S: 'a@example.com' },
  city: { S: 'Lyon' },
  empty: { S: '' },
  address: { M: { street: { S: 'Rue 1' }, code: { S: '69001' } } },
};

describe('a destination gets what both mappings leave', () => {
  it('without what either leaves out, excludes or hides', () => {
    const { columns, exclude } = join(
      { columns: { email: { ignore: true }, phone: { hash: true } }, exclude: ['a'] },
      { columns: { email: { name: 'mail' }, phone: { mask: true }, city: { hash: true } }, exclude: ['b'] },
    );
    expect(columns).toEqual({ email: { ignore: true }, phone: { mask: true }, city: { hash: true } });
    expect(exclude).toEqual(['a', 'b']);
  });

  it('where the pipeline hashes, even if the destination says no', () => {
    expect(
      join({ columns: { email: { hash: true } } }, { columns: { email: { hash: false } } }).columns,
    ).toEqual({
      email: { hash: true },
    });
    expect(
      join({ columns: { email: { mask: true } } }, { columns: { email: { hash: true } } }).columns,
    ).toEqual({
      email: { mask: true },
    });
  });

  it('if the conditions of both hold', () => {
    const { where = [] } = join(
      { where: [{ attribute: 'status', notEquals: 'draft' }] },
      { where: [{ attribute: 'city', equals: 'Lyon' }] },
    );
    const filter = new RowFilter(where);
    const keeps = (status: string, city: string) =>
      filter.keepsItem({ status: { S: status }, city: { S: city } });
    expect([keeps('paid', 'Lyon'), keeps('draft', 'Lyon'), keeps('paid', 'Oslo')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('of what both include', () => {
    expect(join({ include: ['address', 'city'] }, { include: ['address.street', 'email'] }).include).toEqual([
      'address.street',
    ]);
    expect(join({ include: ['city'] }, {}).include).toEqual(['city']);
    expect(join({}, { include: ['city'] }).include).toEqual(['city']);
  });

  it('with names and forms of its own, and otherwise the pipeline’s', () => {
    expect(
      join(
        {
          maxDepth: 3,
          naming: 'lower',
          columns: { city: { name: 'city', timestamp: false } },
          tables: { '': { name: 'o' } },
        },
        { maxDepth: 5, columns: { city: { name: 'place' } }, tables: { '': { distKey: 'city' } } },
      ),
    ).toEqual({
      ...{ naming: 'lower', maxDepth: 5, maxTables: 500, entities: {} },
      columns: { city: { name: 'place', timestamp: false } },
      tables: { '': { name: 'o', distKey: 'city' } },
    });
  });

  it('also of the items of its own entities', () => {
    const mapping = join(
      { columns: { email: { ignore: true } }, exclude: ['address.street'] },
      { entities: { orders: { keyPrefix: 'o' } } },
    );
    const withheld = new Withheld(mapping, KEY, HIDING as never);
    expect(withheld.without(ITEM, '[orders]')).toEqual({
      pk: ITEM.pk,
      city: ITEM.city,
      empty: ITEM.empty,
      address: { M: { code: { S: '69001' } } },
    });
  });

  it('and is the pipeline’s mapping without one', () => {
    const mapping = pipeline({
      columns: { email: { ignore: true } },
      where: [{ attribute: 'a', exists: true }],
    });
    expect(joinedMapping(mapping)).toEqual(mapping);
    expect(joinedMapping(mapping, own({}))).toEqual(mapping);
  });
});

describe('an image of the change log', () => {
  it.each<[what: string, shared: Input, mine: Input]>([
    ['hashed by the pipeline', { columns: { email: { hash: true } } }, {}],
    ['hashed by both', { columns: { email: { hash: true } } }, { columns: { email: { hash: true } } }],
    ['hashed, and empty', { columns: { empty: { hash: true } } }, { emptyAsNull: true }],
    [
      'hashed, and empty as NULL',
      { emptyAsNull: true, columns: { empty: { hash: true } } },
      { emptyAsNull: false, columns: { empty: { emptyAsNull: false } } },
    ],
    ['hashed by the destination', {}, { columns: { email: { hash: true } } }],
    [
      'masked by the destination',
      { columns: { email: { hash: true } } },
      { columns: { email: { mask: true } } },
    ],
    [
      'a scalar above a path that the pipeline hashes and one that the destination hashes',
      { columns: { 'email.work': { hash: true } } },
      { columns: { 'email.home': { hash: true } } },
    ],
    [
      'a scalar above a path that the pipeline masks and one that the destination hashes',
      { columns: { 'email.work': { mask: true } } },
      { columns: { 'email.home': { hash: true } } },
    ],
    [
      'a scalar above a path that the pipeline hashes and one that the destination masks',
      { columns: { 'email.work': { hash: true } } },
      { columns: { 'email.home': { mask: true } } },
    ],
    [
      'hashed by the pipeline, and in it by the destination',
      { columns: { address: { hash: true } } },
      { columns: { 'address.street': { hash: true } } },
    ],
    [
      'of an entity of the destination',
      { columns: { email: { hash: true } } },
      { entities: { orders: { keyPrefix: 'o' } } },
    ],
  ])('becomes the same as an item that is scanned: %s', (_what, shared, mine) => {
    const joined = join(shared, mine);
    const root = Object.keys(joined.entities).length > 0 ? '[orders]' : '';
    const logged = new Withheld(pipeline(shared), KEY, HIDING as never).without(ITEM);
    const images = mappingOfImages(pipeline(shared), joined);
    const hiding = hidingOfImages(pipeline(shared), joined, HIDING as never);
    expect(new Withheld(images, KEY, hiding).without(logged, root)).toEqual(
      new Withheld(joined, KEY, HIDING as never).without(ITEM, root),
    );
  });
});

describe('a destination’s mapping is refused', () => {
  it.each<[what: string, shared: Input, mine: Input, message: string]>([
    [
      'if it says no to what the pipeline hides',
      { columns: { email: { mask: true } } },
      { columns: { email: { mask: false } } },
      'no mask: false: the pipeline’s own mapping has mask: true',
    ],
    [
      'if it changes the paths of what the pipeline withholds',
      { columns: { 'totals.secret': { ignore: true } } },
      { columns: { totals: { asRows: true } } },
      'asRows as the pipeline’s own mapping has it, which withholds by totals.secret',
    ],
    [
      'if it hashes around what the pipeline hides',
      { columns: { 'address.street': { hash: true } } },
      { columns: { address: { hash: true } } },
      'no hash above address.street, which the pipeline’s own mapping hides already',
    ],
    [
      'if it shapes what the pipeline ignores',
      { columns: { email: { ignore: true } } },
      { columns: { email: { name: 'mail' } } },
      'no settings for email: the pipeline’s own mapping ignores email',
    ],
    [
      'if it shapes what is in something that the pipeline ignores',
      { columns: { address: { ignore: true } } },
      { columns: { 'address.street': { type: 'varchar(100)' } } },
      'no settings for address.street: the pipeline’s own mapping ignores address',
    ],
    [
      'if both have entities',
      { entities: { users: { keyPrefix: 'u' } } },
      { entities: { orders: { keyPrefix: 'o' } } },
      'entities of the pipeline, or of its destinations, but not of both',
    ],
    [
      'if it includes nothing of what the pipeline includes',
      { include: ['city'] },
      { include: ['email'] },
      'paths of which the pipeline’s own mapping includes at least one',
    ],
  ])('%s', (_what, shared, mine, message) => {
    expect(destinationMappingProblems(pipeline(shared), own(mine)).map((each) => each.message)).toEqual([
      message,
    ]);
  });
});
