import { expect, test } from '@jest/globals';
import {
  columnType,
  typeText,
  type WrittenType,
} from '../../../../../src/pipeline/datasets/records/column-type.ts';
import { typeOfText } from '../../../../../src/pipeline/datasets/records/type-of-text.ts';

test.each<WrittenType>([
  'string',
  'decimal(38,18)',
  { list: 'decimal(10,2)' },
  { list: { list: { struct: { a: 'bigint', b: { list: 'decimal(9,0)' }, c: { struct: { d: 'date' } } } } } },
])('the text of a type is read as the type: %j', (written) => {
  const type = columnType(written);
  expect(typeOfText(typeText(type))).toEqual(type);
});

test.each(['list(text)', 'struct(a)', 'list(string', 'int'])('%s is refused', (text) => {
  expect(() => typeOfText(text)).toThrow(TypeError);
});
