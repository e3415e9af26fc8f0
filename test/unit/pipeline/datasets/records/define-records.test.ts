import { describe, expect, test } from '@jest/globals';
import { defineRecords } from '../../../../../src/pipeline/datasets/records/define-records.ts';
import type { JsonRecord } from '../../../../../src/pipeline/datasets/records/json-value.ts';
import { rowOf } from '../../../../../src/pipeline/datasets/records/row-of.ts';

/** The compiler refuses what a comment `@ts-expect-error` is before; it also refuses a comment without an error. */
describe('the compiler checks', () => {
  interface Order {
    readonly lines?: readonly { readonly sku: string; readonly price: string }[];
    readonly note?: string;
  }

  test('what functions return', () => {
    const definition = defineRecords({
      skus: { type: { list: 'string' }, compute: (order: Order) => order.lines?.map(({ sku }) => sku) },
      lines: {
        type: { list: { struct: { sku: 'string', price: 'decimal(10,2)' } } },
        compute: (order: Order) => order.lines,
      },
      note: {
        type: 'string',
        from: 'note',
        convert: (value) => (typeof value === 'string' ? value.trim() : ''),
      },
      at: { type: 'timestamp', from: 'at', epoch: 'ms' },
      count: { type: 'bigint', compute: ({ lines }: Order) => BigInt(lines?.length ?? 0) },
    });
    expect(rowOf(definition, { lines: [{ sku: 'a', price: '1.5' }], note: ' x ', at: 1 })).toEqual({
      skus: ['a'],
      lines: [['a', '1.50']],
      note: 'x',
      at: '1000',
      count: '1',
    });

    const wrong = () => [
      // @ts-expect-error a number is no text
      defineRecords({ a: { type: 'string', compute: () => 1 } }),
      // @ts-expect-error text is no integer
      defineRecords({ a: { type: 'bigint', compute: () => '1' } }),
      // @ts-expect-error members are text
      defineRecords({ a: { type: { list: 'string' }, compute: () => [1] } }),
      // @ts-expect-error the field is a boolean
      defineRecords({ a: { type: { struct: { b: 'boolean' } }, compute: () => ({ b: 'yes' }) } }),
      // @ts-expect-error functions are not async
      defineRecords({ a: { type: 'string', compute: async () => 'a' } }),
      // @ts-expect-error convert returns an integer
      defineRecords({ a: { type: 'bigint', from: 'a', convert: () => '1' } }),
      // @ts-expect-error no such property of the record
      defineRecords({ a: { type: 'string', compute: (order: Order) => order.notes } }),
    ];
    expect(wrong).not.toThrow(SyntaxError);
  });

  test('what a column has', () => {
    const wrong = [
      // @ts-expect-error no such type
      () => defineRecords({ a: { type: 'text', from: 'a' } }),
      // @ts-expect-error neither from nor compute
      () => defineRecords({ a: { type: 'string' } }),
      // @ts-expect-error both
      () => defineRecords({ a: { type: 'string', from: 'a', compute: () => 'a' } }),
      // @ts-expect-error epoch only for times
      () => defineRecords({ a: { type: 'bigint', from: 'a', epoch: 'ms' } }),
      // @ts-expect-error no such unit
      () => defineRecords({ a: { type: 'timestamp', from: 'a', epoch: 'ns' } }),
      // @ts-expect-error no such key
      () => defineRecords({ a: { type: 'string', from: 'a', coment: 'x' } }),
      // @ts-expect-error a decimal has a precision and a scale
      () => defineRecords({ a: { type: 'decimal', from: 'a' } }),
    ];
    for (const each of wrong) expect(each).toThrow(/^column a: expected /);
  });

  test('the record of a function without a type is JSON', () => {
    const definition = defineRecords({
      a: { type: 'string', compute: (record) => (typeof record.a === 'string' ? record.a : null) },
      b: { type: 'boolean', compute: (record: JsonRecord) => record.a === undefined },
    });
    expect(rowOf(definition, { a: 'x' })).toEqual({ a: 'x', b: false });
  });
});

test('every wrong column is named at once', () => {
  const wrong = {
    Name: { type: 'string', from: 'a' },
    price: { type: 'decimal(39,2)', from: 'a' },
    path: { type: 'string', from: 'a..b' },
    comment: { type: 'string', from: 'a', comment: 'x'.repeat(256) },
    lines: { type: 'string', from: 'a', comment: 'one\ntwo' },
    fine: { type: 'string', from: 'a', comment: `${'x'.repeat(253)}😀` },
  };
  expect(() => defineRecords(wrong as never)).toThrow(
    [
      'column Name: expected a name of lower-case letters, digits and _, at most 127, not beginning with a digit',
      'column price: expected string, bigint, double, decimal(p,s) with at most 38 digits, boolean, timestamp, date, binary, { list: … } or { struct: … }, not "decimal(39,2)"',
      'column path: expected paths in from such as payload.sessionId: names with one dot between them',
      'column comment: expected a comment in one line of at most 255 characters, the limit of the Glue catalogue',
      'column lines: expected a comment in one line of at most 255 characters, the limit of the Glue catalogue',
    ].join('\n'),
  );
});

describe('a path', () => {
  test('of several, the first with a value counts', () => {
    const definition = defineRecords({ a: { type: 'string', from: ['p.old', 'p.new'] } });
    expect(rowOf(definition, { p: { new: 'n' } })).toEqual({ a: 'n' });
    expect(rowOf(definition, { p: { old: null, new: 'n' } })).toEqual({ a: 'n' });
    expect(rowOf(definition, { p: { old: '', new: 'n' } })).toEqual({ a: '' });
  });

  test('finds only what the record has itself', () => {
    const definition = defineRecords({
      a: { type: 'string', from: 'constructor.name' },
      b: { type: 'string', from: 'a%2Eb' },
    });
    expect(rowOf(definition, '{"a.b":"x"}')).toEqual({ a: null, b: 'x' });
    expect(rowOf(definition, '{"a":"text"}')).toEqual({ a: null, b: null });
  });
});
