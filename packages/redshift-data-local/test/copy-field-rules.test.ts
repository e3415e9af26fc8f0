import { expect, test } from '@jest/globals';
import type { TargetColumn } from '../src/copy/target-column.ts';
import { FieldError } from '../src/copy/values/field-error.ts';
import { DEFAULT_FIELD_OPTIONS, type FieldOptions, loadField } from '../src/copy/values/field-rules.ts';
import { TokenReader } from '../src/sql/tokens/token-reader.ts';
import { tokenize } from '../src/sql/tokens/tokenizer.ts';
import { parseTypeName } from '../src/sql/type-name.ts';

function load(type: string, text: string, options: Partial<FieldOptions> = {}): string | null | number {
  const {
    kind,
    display,
    maxBytes = 0,
    precision = 0,
    scale = 0,
  } = parseTypeName(new TokenReader(tokenize(type)), 'column');
  const column: TargetColumn = {
    name: 'c',
    physicalName: 'c',
    kind,
    display,
    maxBytes,
    precision,
    scale,
    notNull: false,
  };
  try {
    return loadField(Buffer.from(text).toString('latin1'), column, {
      ...DEFAULT_FIELD_OPTIONS,
      dateFormat: 'auto',
      timeFormat: 'auto',
      ...options,
    });
  } catch (error) {
    if (error instanceof FieldError) return error.code;
    throw error;
  }
}

// A number is the load error's code.
test.each([
  ['varchar(5)', '', ''],
  ['varchar(6)', '日本', Buffer.from('日本').toString('latin1')],
  ['varchar(5)', '日本', 1204],
  ['varchar(5)', 'a\0b', 1220],
  ['char(3)', 'é', 1220],
  ['char(3)', 'abcd', 1204],
  ['smallint', '32768', 1204],
  ['integer', '-2147483648', '-2147483648'],
  ['bigint', '9223372036854775808', 1204],
  ['bigint', '9223372036854775807', '9223372036854775807'],
  ['integer', '', null],
  ['integer', '1.0', 1207],
  ['integer', '1e3', 1207],
  ['decimal(5,2)', '1.239', '1.23'],
  ['decimal(5,2)', '-0.009', '-0.00'],
  ['decimal(5,2)', '1000', 1204],
  ['decimal(38,0)', '9'.repeat(38), '9'.repeat(38)],
  ['decimal(5,2)', '1e2', 1207],
  ['double precision', '1e400', 1204],
  ['double precision', '1e-400', 1204],
  ['double precision', 'x', 1208],
  ['real', '1e39', 1204],
  ['boolean', 'YES', 't'],
  ['boolean', '0', 'f'],
  ['boolean', 'on', 1210],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '2023-02-29', 1205],
  ['date', '1900-02-29', 1205],
  ['timestamptz', '2019-02-11T05:09:12.195Z', '2019-02-11 05:09:12.195+00'],
  ['timestamptz', '2019-02-11T05:09:12+02:00', 1206],
  ['timestamptz', '2019-02-11 05:09:12+02', '2019-02-11 05:09:12+02'],
  ['timestamp', '2019-02-11 24:00:00', 1206],
  ['timestamp', '2019-02-11 05:09:12.1234567', 1206],
  ['varbyte(2)', '00ff', '\\x00ff'],
  ['varbyte(2)', '00ff00', 1204],
  ['varbyte(2)', '0', 1219],
  ['varbyte(2)', 'zz', 1219],
  ['super', '{"a":1}', '{"a":1}'],
  ['super', 'plain', 1224],
  ['super', JSON.stringify('x'.repeat(65_536)), 1224],
])('%s from %j loads as %j', (type, text, expected) => {
  expect(load(type, text)).toBe(expected);
});

test('ISO 8601 needs TIMEFORMAT auto', () => {
  expect(load('timestamp', '2019-02-11T05:09:12', { timeFormat: 'default' })).toBe(1206);
});
