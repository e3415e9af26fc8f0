import { describe, expect, test } from '@jest/globals';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import type { Manifest, ManifestColumn } from '../../../../../src/pipeline/run/manifest.ts';
import { nothingCopied } from '../../../../../src/pipeline/run/seal/nothing-copied.ts';

const column = (path: string, values: number): ManifestColumn => ({
  ...{ name: path, path, values, role: 'value', form: 'scalar', notNull: false },
  type: { type: 'BIGINT' },
});

/** The part of a manifest that counts. */
const manifest = (counts: Partial<Manifest>, columns: ManifestColumn[] = []) =>
  ({
    ...{ items: 0, rejects: 0, key: [{ name: 'pk', kind: 'S' }] },
    tables: [{ path: '', columns }],
    ...counts,
  }) as unknown as Manifest;

const where = Mapping.parse({ where: [{ attribute: 'x', equals: 'y' }] });
const include = (...paths: string[]) => Mapping.parse({ include: paths });

describe('a run that read items and would copy nothing is noticed', () => {
  test.each<[string, Manifest, Mapping, string]>([
    [
      'where leaves out all',
      manifest({ items: 3, filtered: 3 }),
      where,
      'mapping.where leaves out every item of 3',
    ],
    [
      'or all but what is set aside',
      manifest({ items: 3, filtered: 2, rejects: 1 }),
      where,
      'mapping.where leaves out 2 items of 3, and the others are set aside',
    ],
    [
      'include finds no value',
      manifest({ items: 3 }, [column('b', 0)]),
      include('b'),
      'none of 3 items has a value at a path of mapping.include',
    ],
    [
      'include finds only what routes items',
      manifest({ items: 3 }, [column('type', 3)]),
      Mapping.parse({ include: ['b'], entities: { o: { attribute: 'type', equals: 'o' } } }),
      'none of 3 items has a value at a path of mapping.include',
    ],
  ])('%s', (_, sealed, mapping, why) => {
    expect(nothingCopied(sealed, mapping)).toBe(why);
  });
});

describe('any other run is not', () => {
  test.each<[string, Manifest, Mapping]>([
    ['an empty table', manifest({}), where],
    ['an empty table with include', manifest({}), include('b')],
    ['some items are left', manifest({ items: 3, filtered: 2 }), where],
    ['all items are set aside: maxRejects decides', manifest({ items: 3, rejects: 3 }), include('b')],
    ['some values are included', manifest({ items: 3 }, [column('b', 1)]), include('b', 'c')],
    ['the key alone is wanted', manifest({ items: 3 }), include('pk')],
    ['items have nothing but a key', manifest({ items: 3 }), Mapping.parse({})],
  ])('%s', (_, sealed, mapping) => {
    expect(nothingCopied(sealed, mapping)).toBeUndefined();
  });
});
