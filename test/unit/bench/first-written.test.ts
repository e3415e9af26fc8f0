import { expect, test } from '@jest/globals';
import { columnsOf, rowsOf } from '../../../bench/speed/first-written.ts';

const ITEM = {
  pk: 'p',
  sk: 's',
  name: 'A',
  address: { city: 'B', zip: null },
  tags: new Set(['x', 'y']),
  lines: [
    { sku: '1', parts: [7, 8] },
    { sku: '2', parts: [] },
  ],
};

test('maps become columns; lists and sets become rows with the key and their positions', () => {
  expect(rowsOf(ITEM)).toEqual([
    ['', { pk: 'p', sk: 's', name: 'A', 'address.city': 'B', 'address.zip': null }],
    ['tags', { pk: 'p', sk: 's', i0: 0, value: 'x' }],
    ['tags', { pk: 'p', sk: 's', i0: 1, value: 'y' }],
    ['lines', { pk: 'p', sk: 's', i0: 0, sku: '1' }],
    ['lines[].parts', { pk: 'p', sk: 's', i0: 0, i1: 0, value: 7 }],
    ['lines[].parts', { pk: 'p', sk: 's', i0: 0, i1: 1, value: 8 }],
    ['lines', { pk: 'p', sk: 's', i0: 1, sku: '2' }],
  ]);
});

test('the columns are those of all rows, in order of appearance', () => {
  expect(columnsOf([ITEM, { pk: 'q', sk: 't', more: 1 }])).toEqual({
    '': ['pk', 'sk', 'name', 'address.city', 'address.zip', 'more'],
    tags: ['pk', 'sk', 'i0', 'value'],
    lines: ['pk', 'sk', 'i0', 'sku'],
    'lines[].parts': ['pk', 'sk', 'i0', 'i1', 'value'],
  });
});
