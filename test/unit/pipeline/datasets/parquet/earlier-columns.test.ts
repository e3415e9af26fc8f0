import { describe, expect, test } from '@jest/globals';
import type { TableColumn } from '../../../../../src/pipeline/datasets/parquet/column-type.ts';
import {
  fitsColumns,
  withEarlierColumns,
} from '../../../../../src/pipeline/datasets/parquet/earlier-columns.ts';
import {
  columnType,
  typeText,
  type WrittenType,
} from '../../../../../src/pipeline/datasets/records/column-type.ts';
import { typeOfText } from '../../../../../src/pipeline/datasets/records/type-of-text.ts';

const TYPES: readonly WrittenType[] = [
  'string',
  'decimal(38,18)',
  { list: 'decimal(10,2)' },
  { struct: { a: 'string', b: { list: { struct: { c: 'decimal(4,1)', d: 'date' } } }, e: 'binary' } },
];

const module: readonly TableColumn[] = [{ name: 'id', type: { kind: 'string' } }];

describe('columns that a record module no longer has', () => {
  test.each(TYPES)('have the type that a document names: %j', (written) => {
    const type = columnType(written);
    expect(typeOfText(typeText(type))).toEqual(type);
  });

  test('follow its own, of several files each once', () => {
    const price = { name: 'price', type: 'decimal(38,18)' };
    const found = withEarlierColumns(module, [[price], [{ name: 'id', type: 'bigint' }, price]]);
    expect(found).toEqual([
      ...module,
      { name: 'price', type: { kind: 'decimal', precision: 38, scale: 18 }, isComputed: true },
    ]);
  });

  test('do not fit rows that wait, nor do other types; columns that were added do', () => {
    expect(fitsColumns([{ name: 'id', type: 'string' }], module)).toBe(true);
    expect(fitsColumns([], module)).toBe(true);
    expect(fitsColumns([{ name: 'id', type: 'bigint' }], module)).toBe(false);
    expect(fitsColumns([{ name: 'cost', type: 'string' }], module)).toBe(false);
  });
});
