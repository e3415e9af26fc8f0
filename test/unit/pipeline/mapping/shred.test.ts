import { describe, expect, test } from '@jest/globals';
import { finalLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { rejectAdvice } from '../../../../src/pipeline/mapping/reject-advice.ts';
import { createShredder, type ShredderOptions } from '../../../../src/pipeline/mapping/shred.ts';
import { emptySeen } from '../../../../src/pipeline/seen/seen.ts';
import { seenOf, write } from '../load/part-files.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const withValue = (v: AttributeValue): Item => ({ id: { S: 'a' }, v });

/** The text of every file the items make, by table. */
function texts(items: readonly Item[], k: Key = key): Record<string, string> {
  const { files } = write(items, k, finalLayouts(seenOf(items, k), k));
  return Object.fromEntries(files.map(({ layout, text }) => [layout.table, text]));
}

describe('an item', () => {
  test('is one row of the root table, and one row for each member of its lists and sets', () => {
    const item: Item = {
      id: { S: 'a' },
      name: { S: 'say "hi"' },
      tags: { NS: ['10', '9'] },
      list: { L: [{ S: 'x' }, { NULL: true }, { L: [{ BOOL: true }] }, { M: { n: { N: '1.50' } } }] },
    };
    expect(texts([item])).toEqual({
      '': '"a","4","say ""hi""","2"\n',
      'list[]': '"a","0",∅,"x",∅\n"a","1",∅,∅,∅\n"a","2","1",∅,∅\n"a","3",∅,∅,"1.5"\n'.replaceAll(
        '∅',
        NULL_TEXT,
      ),
      'list[][]': '"a","2","0","true"\n',
      'tags[]': '"a","0","9"\n"a","1","10"\n',
    });
  });

  test('with only its key is a row with only its key', () => {
    expect(texts([{ id: { S: '' } }])).toEqual({ '': '""\n' });
  });

  test('carries numeric and binary keys in their canonical text, into every table', () => {
    const k: Key = [
      { name: 'b', kind: 'B' },
      { name: 'n', kind: 'N' },
    ];
    const item: Item = { n: { N: '1E2' }, b: { B: 'AP8=' }, s: { SS: ['x'] } };
    expect(texts([item], k)).toEqual({ '': '"00ff","100","1"\n', 's[]': '"00ff","100","0","x"\n' });
  });

  test('goes to the sink of its table once, with the number of its rows', () => {
    const item = withValue({ L: [{ S: 'x' }, { S: 'y' }] });
    const layouts = finalLayouts(seenOf([item], key), key);
    const appended: [string | undefined, number][] = [];
    const sinks = layouts.map(({ table }) => ({
      append: (_: string, rows: number) => appended.push([table, rows]),
    }));
    const shredder = createShredder({ key, layouts, sinks });
    shredder.shred(item);
    expect(appended).toEqual([
      ['', 1],
      ['v[]', 2],
    ]);
    expect(Object.fromEntries(shredder.rowCounts().written)).toEqual({ '': 1, 'v[]': 2 });
  });

  test('needs a sink for each layout, or none at all', () => {
    const layouts = finalLayouts(seenOf([withValue({ L: [{ S: 'x' }] })], key), key);
    expect(() => createShredder({ key, layouts, sinks: [{ append: () => {} }] })).toThrow(
      '2 layouts have 1 sinks',
    );
  });
});

describe('an odd item', () => {
  const layouts: ShredderOptions['layouts'] = [{ table: '', columns: [{ path: 'v', form: 'scalar' }] }];

  test.each<[string, AttributeValue]>([
    ['a list where a scalar was', { L: [] }],
    ['a string that VARCHAR cannot hold', { S: 'a\0' }],
    ['a map where a scalar was', { M: { deep: { S: 'x' } } }],
  ])('makes no rows, but what was seen is recorded: %s', (_, value) => {
    const { files, odd, seen, counts } = write([withValue(value), withValue({ S: 'x' })], key, layouts);
    expect(files.map(({ text }) => text)).toEqual(['"a","x"\n']);
    expect(odd).toHaveLength(1);
    expect(seen).toEqual(seenOf([withValue(value), withValue({ S: 'x' })], key));
    expect(Object.fromEntries(counts.odd)).toEqual({ '': 1 });
  });

  test('is not odd for what leaves no trace', () => {
    const traceless: AttributeValue[] = [{ NULL: true }, { M: {} }, { M: { deep: { NULL: true } } }];
    expect(write(traceless.map(withValue), key, layouts).odd).toEqual([]);
  });
});

describe('an item that cannot be written exactly', () => {
  const long = 'x'.repeat(65_536);

  test.each<[string, Item, string, RegExp]>([
    ['a key with U+0000', { id: { S: 'a\0' } }, 'id', /U\+0000/],
    ['a key over 65,535 bytes', { id: { S: long } }, 'id', /65535 bytes/],
    ['a key that reads as NULL', { id: { S: NULL_TEXT } }, 'id', /NULL/],
    ['half a surrogate pair in a key', { id: { S: '\ud800' } }, 'id', /surrogate/],
    [
      'half a surrogate pair in a string',
      withValue({ L: [{ M: { s: { S: 'a\udc00' } } }] }),
      'v[].s',
      /surrogate/,
    ],
    ['half a surrogate pair in a name', withValue({ M: { '\ud800': { S: '' } } }), 'v', /surrogate/],
  ])('is set aside with its reason and leaves no trace: %s', (_, item, path, reason) => {
    const layouts = finalLayouts(seenOf([withValue({ S: 'x' })], key), key);
    const before = withValue({ S: 'before' });
    const all = write([before, { z: { S: 'odd' }, ...item }, before], key, layouts);
    expect(all.rejected).toEqual([
      { item: { z: { S: 'odd' }, ...item }, path, reason: expect.stringMatching(reason) },
    ]);
    expect(all.files.map(({ text }) => text)).toEqual(['"a","before"\n"a","before"\n']);
    expect(all.seen).toEqual(seenOf([before, before], key));
  });

  const where: [string, Item, boolean][] = [
    ['a key with U+0000', { id: { S: 'a\0' } }, false],
    ['a key over 65,535 bytes', { id: { S: long } }, false],
    ['a key that reads as NULL', { id: { S: NULL_TEXT } }, false],
    ['half a surrogate pair in a key', { id: { S: '\ud800' } }, false],
    ['half a surrogate pair in a value', withValue({ S: '\ud800' }), true],
  ];
  test.each(where)('is to be replayed only if a mapping can fix it: %s', (_, item, isMappable) => {
    const layouts = finalLayouts(seenOf([withValue({ S: 'x' })], key), key);
    const reasons = write([item], key, layouts).rejected.map(({ reason }) => reason);
    expect(rejectAdvice(reasons, 'a').includes('rejects replay a')).toBe(isMappable);
    expect(rejectAdvice([...reasons, 'something else'], 'a')).toContain('rejects replay a');
  });
});

describe('a damaged page', () => {
  const shredder = createShredder({ key, layouts: [] });

  test.each<[string, unknown, RegExp]>([
    ['no key', { v: { S: 'x' } }, /the key attribute "id" of kind S is missing/],
    ['a key of another kind', { id: { N: '1' } }, /of kind S is missing/],
    ['an unknown kind', { id: { S: 'a' }, v: { X: 'x' } }, /the attribute v .*: \{X\}/],
    [
      'two kinds at once',
      { id: { S: 'a' }, v: { S: 'x', N: '1' } },
      /the attribute v of an item: not a DynamoDB attribute value/,
    ],
    ['no kind', { id: { S: 'a' }, v: {} }, /the attribute v of an item: not a DynamoDB attribute value/],
    ['null', { id: { S: 'a' }, v: null }, /the attribute v of an item: not a DynamoDB attribute value/],
    [
      'a string of the wrong type',
      { id: { S: 'a' }, v: { S: 1 } },
      /the attribute v of an item: not a DynamoDB attribute value/,
    ],
    [
      'a list that is a map',
      { id: { S: 'a' }, v: { L: {} } },
      /the attribute v of an item: not a DynamoDB attribute value/,
    ],
    [
      'a set of numbers',
      { id: { S: 'a' }, v: { NS: [1] } },
      /the attribute v of an item: not a DynamoDB attribute value/,
    ],
    [
      'a number that is none',
      { id: { S: 'a' }, v: { N: 'NaN' } },
      /the attribute v of an item: not a decimal number/,
    ],
    ['binary that is no base64', { id: { S: 'a' }, v: { B: '*' } }, /the attribute v of an item: not base64/],
  ])('stops extraction and leaves no trace: %s', (_, item, message) => {
    expect(() => shredder.shred(item as Item)).toThrow(message);
    expect(shredder.takeSeen()).toEqual(emptySeen());
  });

  test('does not spoil the items after it', () => {
    const layouts = finalLayouts(seenOf([withValue({ L: [{ S: 'x' }] })], key), key);
    const out: string[] = [];
    const later = createShredder({
      key,
      layouts,
      sinks: layouts.map(() => ({ append: (text) => out.push(text) })),
    });
    expect(() => later.shred(withValue({ L: [{ S: 'lost' }, { N: 'secret' }] }))).toThrow(
      /^the attribute v\[\] of an item: not a decimal number \(6 characters\)\./,
    );
    later.shred(withValue({ L: [{ S: 'y' }] }));
    expect(out).toEqual(['"a","1"\n', '"a","0","y"\n']);
  });
});

describe('a value longer than VARCHAR', () => {
  const column = (item: Item) => seenOf([item], key).tables[''];

  test('is measured in bytes of UTF-8', () => {
    expect(column(withValue({ S: 'é'.repeat(32_767) }))?.scalars.v).toMatchObject({ maxBytes: 65_534 });
    expect(column(withValue({ S: 'x'.repeat(65_535) }))?.scalars.v).toMatchObject({ maxBytes: 65_535 });
    expect(column(withValue({ S: 'é'.repeat(32_768) }))?.bytes.v).toEqual({ maxBytes: 65_536, values: 1 });
    expect(column(withValue({ S: 'x'.repeat(400_000) }))?.scalars).not.toHaveProperty('v');
  });

  test('is written completely, as hexadecimal of its bytes', () => {
    const text = 'é'.repeat(200_000);
    expect(texts([withValue({ S: text })])['']).toBe(`"a","${Buffer.from(text).toString('hex')}"\n`);
  });

  test('includes binary over 32,767 bytes, because its hexadecimal is twice as long', () => {
    const binary = (bytes: number) => withValue({ B: Buffer.alloc(bytes, 255).toString('base64') });
    expect(column(binary(32_767))?.scalars.v).toMatchObject({ kinds: ['B'], maxBytes: 65_534 });
    expect(column(binary(32_768))?.bytes.v).toEqual({ maxBytes: 32_768, values: 1 });
    expect(texts([binary(32_768)])['']).toBe(`"a","${'ff'.repeat(32_768)}"\n`);
  });
});

test('what was seen is taken once, and row counts restart with it', () => {
  const shredder = createShredder({ key, layouts: [{ table: '', columns: [] }] });
  shredder.shred({ id: { S: 'a' } });
  expect(shredder.takeSeen().tables['']?.rows).toBe(1);
  expect(shredder.takeSeen()).toEqual(emptySeen());
  shredder.shred({ id: { S: 'b' } });
  expect(Object.fromEntries(shredder.rowCounts().written)).toEqual({ '': 1 });
});

test('nesting as deep as DynamoDB allows, and much deeper, is kept whole below the eighth level', () => {
  let value: AttributeValue = { S: 'deep' };
  for (let level = 0; level < 200; level++) value = level % 2 === 0 ? { L: [value] } : { M: { m: value } };
  const files = texts([withValue(value)]);
  expect(Object.keys(files)).toHaveLength(4);
  const json = `${'[{""m"":'.repeat(96)}[""deep""]${'}]'.repeat(96)}`;
  expect(files['v.m[].m[].m[]']).toBe(`"a"${',"0"'.repeat(3)},"${json}"\n`);
});
