import { describe, expect, test } from '@jest/globals';
import { defineRecords } from '../../../../../src/pipeline/datasets/records/define-records.ts';
import { rowOf } from '../../../../../src/pipeline/datasets/records/row-of.ts';

/** The cell of a JSON value in a column; or why there is none. */
function cell(type: string | object, json: string, more: object = {}, timezone?: string): unknown {
  const definition = defineRecords({ c: { type, from: 'v', ...more } } as never);
  try {
    return rowOf(definition, `{"v":${json}}`, timezone).c;
  } catch (error) {
    return (error as Error).message.replace(/^column c: expected .*?, got (.*) \(.*\)$/, 'not $1');
  }
}

const NO_TIME =
  'not text that is not written like 2026-11-01T10:00:00.5+01:00: a time with seconds, and an offset or Z';

test('of two members with the same name, the last one counts', () => {
  expect(rowOf(defineRecords({ c: { type: 'bigint', from: 'v' } }), '{"v":1,"v":2}')).toEqual({ c: '2' });
});

test('missing and null are NULL, an empty text is not', () => {
  for (const type of ['string', 'bigint', 'double', 'boolean', 'timestamp', 'date', 'binary', 'decimal(5,2)'])
    expect(cell(type, 'null')).toBeNull();
  expect(rowOf(defineRecords({ c: { type: 'string', from: 'v' } }), '{}')).toEqual({ c: null });
  expect(cell('string', '""')).toBe('');
});

test.each([
  ['9223372036854775807', '9223372036854775807'],
  ['-9223372036854775808', '-9223372036854775808'],
  ['9223372036854775808', 'not a number that is no integer of 64 bits'],
  ['1e18', '1000000000000000000'],
  ['12.0', '12'],
  ['-0', '0'],
  ['12.5', 'not a number that is no integer of 64 bits'],
  ['1e400', 'not a number that is no integer of 64 bits'],
  ['1e999999999', 'not a number that is no integer of 64 bits'],
  ['1e99999999999', 'not a number with an exponent of more than nine digits'],
  ['"9007199254740993"', '9007199254740993'],
  ['"12 "', 'not text that is no integer in plain digits, such as -12'],
  ['""', 'not text that is no integer in plain digits, such as -12'],
  ['true', 'not a boolean'],
  ['[1]', 'not a list'],
  ['{}', 'not a map'],
])('the bigint %s is %s', (json, expected) => {
  expect(cell('bigint', json)).toBe(expected);
});

test.each([
  ['1.5', '1.50'],
  ['-0.05', '-0.05'],
  ['999.99', '999.99'],
  ['1000', 'not a number with more than 3 digits before the point'],
  ['1e2', '100.00'],
  ['0.001', 'not a number with more than 2 digits after the point'],
  ['"12.5"', '12.50'],
  ['"1e2"', 'not text that is no number in plain digits, such as -12.50'],
  ['"1,5"', 'not text that is no number in plain digits, such as -12.50'],
  ['1e-999999999', 'not a number with more than 2 digits after the point'],
  ['1e-99999999999', 'not a number with an exponent of more than nine digits'],
  ['1e999999999', 'not a number with more than 3 digits before the point'],
  ['1234567890123456789012345678901234567890', 'not a number with more than 3 digits before the point'],
  ['[1]', 'not a list'],
])('the decimal(5,2) %s is %s', (json, expected) => {
  expect(cell('decimal(5,2)', json)).toBe(expected);
});

test('38 digits are exact', () => {
  const digits = '12345678901234567890123456789012345678';
  expect(cell('decimal(38,0)', digits)).toBe(digits);
  expect(cell('decimal(38,38)', `0.${digits}`)).toBe(`0.${digits}`);
});

test.each([
  ['0.1', 0.1],
  ['1e308', 1e308],
  ['5e-324', 5e-324],
  ['9007199254740993', 'not a number with more digits than a double keeps'],
  ['9223372036854775808', 2 ** 63],
  ['0.1000000000000000055511151231257827', 'not a number with more digits than a double keeps'],
  ['1e400', 'not a number that is too large for a double'],
  ['"1"', 'not text'],
])('the double %s is %s', (json, expected) => {
  expect(cell('double', json)).toBe(expected);
});

test.each([
  ['1698796800123', { epoch: 'ms' }, '1698796800123000'],
  ['1698796800.123456', { epoch: 's' }, '1698796800123456'],
  ['1698796800123456', { epoch: 'us' }, '1698796800123456'],
  ['1698796800123456.5', { epoch: 'us' }, 'not a time with parts of a microsecond'],
  ['-1', { epoch: 'us' }, '-1'],
  ['1698796800123456', { epoch: 'ms' }, 'not a time outside of the years 1 to 9999'],
  ['"1698796800"', { epoch: 's' }, 'not text, where epoch: s expects numbers'],
  ['1698796800', {}, 'not a number, in a column without epoch'],
  ['"2023-11-01T00:00:00.123Z"', {}, '1698796800123000'],
  ['"2023-11-01T01:00:00+01:00"', {}, '1698796800000000'],
  ['"2023-10-31T18:30:00.000001-0530"', {}, '1698796800000001'],
  ['"1969-12-31T23:59:59.999999Z"', {}, '-1'],
  ['"2023-11-01T00:00:00.1234567Z"', {}, 'not a time with parts of a microsecond'],
  ['"2023-11-01T00:00:00.1234560Z"', {}, '1698796800123456'],
  ['"2023-11-01T00:00:00"', {}, NO_TIME],
  ['"2023-11-01T00:00Z"', {}, NO_TIME],
  ['"20231101T000000Z"', {}, NO_TIME],
  ['"2023-02-29T00:00:00Z"', {}, 'not text with an impossible time'],
  ['"2023-11-01T24:00:00Z"', {}, 'not text with an impossible time'],
])('the timestamp %s with %j is %s', (json, more, expected) => {
  expect(cell('timestamp', json, more)).toBe(expected);
});

describe('the day of an instant', () => {
  test.each([
    ['-1', 'UTC', '1969-12-31'],
    ['1698796799999', 'UTC', '2023-10-31'],
    ['1698796800000', 'UTC', '2023-11-01'],
    ['1698796799999', 'Europe/Berlin', '2023-11-01'],
    ['1698796800000', 'America/New_York', '2023-10-31'],
    ['-62135596800000', 'UTC', '0001-01-01'],
  ])('%s ms in %s is %s', (json, timezone, expected) => {
    expect(cell('date', json, { epoch: 'ms' }, timezone)).toBe(expected);
  });

  test('a day as text has no time zone', () => {
    expect(cell('date', '"2024-02-29"', {}, 'Asia/Tokyo')).toBe('2024-02-29');
    expect(cell('date', '"2023-02-29"')).toBe('not text with an impossible date');
    expect(cell('date', '"2023-10-31T23:00:00Z"', {}, 'Europe/Berlin')).toBe('2023-11-01');
  });
});

test('text keeps every character, and half a surrogate pair is refused', () => {
  expect(cell('string', '"\\u0000ä😀\\ufffd"')).toBe('\u0000ä😀\ufffd');
  expect(cell('string', '"\\ud83d"')).toBe('not text with half of a surrogate pair, which is not Unicode');
  expect(cell('string', '12')).toBe('not a number');
});

test('binary is base64', () => {
  expect(cell('binary', '"AAH/"')).toEqual(new Uint8Array([0, 1, 255]));
  expect(cell('binary', '"AAH"')).toBe('not text that is not base64');
});

test('lists and structs are exact in every member', () => {
  const type = { list: { struct: { id: 'bigint', tags: { list: 'string' } } } };
  expect(cell(type, '[{"id":9223372036854775807,"tags":["a",null]},null,{"more":1}]')).toEqual([
    ['9223372036854775807', ['a', null]],
    null,
    [null, null],
  ]);
  expect(cell(type, '[{"id":true}]')).toBe('column c[].id: expected bigint, got a boolean (v)');
});

test('a function that throws sets the record aside, whatever it throws', () => {
  const thrown = (compute: () => string) => () =>
    rowOf(defineRecords({ c: { type: 'string', compute } }), {});
  const boom = () => {
    throw new TypeError('boom');
  };
  expect(thrown(boom)).toThrow(
    expect.objectContaining({ message: 'column c: its function threw', detail: 'TypeError: boom' }),
  );
  expect(
    thrown(() => {
      throw Object.create(null);
    }),
  ).toThrow(expect.objectContaining({ detail: 'a value that is no text' }));
});

test('a text that is no record is refused', () => {
  const definition = defineRecords({ c: { type: 'string', from: 'v' } });
  for (const text of ['{', '', '{"v":1}}', '[]', '1', 'null'])
    expect(() => rowOf(definition, text)).toThrow(/^not (?:JSON|a JSON object)$/);
});

test.each([
  [{ list: 'string' }, '["a", 1]', 'column c[]: expected string, got a number (v)', 'c[1]'],
  [
    { list: { struct: { amount: 'decimal(9,2)' } } },
    '[{"amount":1},{"amount":"1,5"}]',
    'column c[].amount: expected decimal(9,2), got text that is no number in plain digits, such as -12.50 (v)',
    'c[1].amount',
  ],
  [{ struct: { a: 'bigint' } }, '{"a":true}', 'column c.a: expected bigint, got a boolean (v)', undefined],
  [{ list: 'string' }, '"a"', 'column c: expected list(string), got text (v)', undefined],
])(
  'the reason names the member of %j that does not fit, and its detail which one: %s',
  (type, json, message, detail) => {
    const definition = defineRecords({ c: { type, from: 'v' } } as never);
    expect(() => rowOf(definition, `{"v":${json}}`)).toThrow(expect.objectContaining({ message, detail }));
  },
);

test('the decimal(38,18) with 39 digits has them after the point', () => {
  expect(cell('decimal(38,18)', '12345678901234567890.1234567890123456789')).toBe(
    'not a number with more than 18 digits after the point',
  );
});
