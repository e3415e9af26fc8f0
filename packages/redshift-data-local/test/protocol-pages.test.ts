import { describe, expect, test } from '@jest/globals';
import { CallRates } from '../src/protocol/call-rates.ts';
import { csvLine, fieldJson } from '../src/protocol/fields.ts';
import { pageOf } from '../src/protocol/page-token.ts';
import { tableColumn } from '../src/protocol/table-column.ts';
import { Clock } from '../src/statements/clock.ts';
import { Limits } from '../src/statements/limits.ts';

describe('a list in pages', () => {
  test('gives every item once, and the last page has no token', () => {
    const items = ['a', 'b', 'c', 'd', 'e'];
    const seen: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const { page, NextToken } = pageOf(items, 'letters', 2, token);
      seen.push(...page);
      token = NextToken;
      pages++;
    } while (token !== undefined);
    expect([seen, pages]).toEqual([items, 3]);
  });
  test('refuses the token of another list', () => {
    const { NextToken } = pageOf([1, 2], 'numbers', 1, undefined);
    expect(() => pageOf(['a', 'b'], 'letters', 1, NextToken)).toThrow('NextToken is not valid');
  });
});

describe('a field', () => {
  test.each<[string | null, number, string]>([
    [null, 23, '{"isNull":true}'],
    ['9223372036854775807', 20, '{"longValue":9223372036854775807}'],
    ['t', 16, '{"booleanValue":true}'],
    ['1e-07', 701, '{"doubleValue":1e-07}'],
    ['NaN', 701, '{"doubleValue":"NaN"}'],
    ['\\x00ff', 17, '{"blobValue":"AP8="}'],
    ['{"a": [1, "b: c"]}', 3802, '{"stringValue":"{\\"a\\":[1,\\"b: c\\"]}"}'],
    ['1.50', 1700, '{"stringValue":"1.50"}'],
  ])('%s of type %i is %s', (text, type, json) => expect(fieldJson(text, type)).toBe(json));
  test('is quoted in CSV only if necessary, and NULL is empty', () => {
    expect(csvLine(['a,b', 'say "x"', null, '', 't', 'line\nbreak'], [1043, 1043, 23, 1043, 16, 1043])).toBe(
      '"a,b","say ""x""",,,true,"line\nbreak"\r\n',
    );
  });
});

test.each([
  ['character varying(20)', { typeName: 'varchar', length: 20, precision: 20 }],
  ['numeric(10,2)', { typeName: 'numeric', precision: 10, scale: 2 }],
  ['bigint', { typeName: 'int8', precision: 19, isSigned: true }],
  ['timestamp with time zone', { typeName: 'timestamptz', precision: 35 }],
])('DescribeTable shows %s as %j', (displayType, shown) => {
  const column = { schema: 's', table: 't', name: 'c', isNullable: true, defaultValue: null };
  expect(tableColumn({ ...column, displayType })).toMatchObject(shown);
});

describe('a rate', () => {
  test('allows a second’s calls at once, then as many as the refill allows', () => {
    const clock = new Clock();
    const rates = new CallRates(clock, Limits.parse({ callsPerSecond: { ListTables: 2 } }));
    const call = () => {
      try {
        rates.take('ListTables');
        return 'answered';
      } catch (error) {
        return (error as Error).name;
      }
    };
    expect([call(), call(), call()]).toEqual(['answered', 'answered', 'ThrottlingException']);
    clock.advance(0.6);
    expect([call(), call()]).toEqual(['answered', 'ThrottlingException']);
  });
  test('is AWS’s for every operation if requested by name, and unlimited by default', () => {
    expect(Limits.parse({ callsPerSecond: 'aws' }).callsPerSecond.ExecuteStatement).toBe(30);
    expect(Limits.parse({}).callsPerSecond).toEqual({});
  });
});

test('the clock never returns the same time twice', () => {
  const clock = new Clock();
  const moments = Array.from({ length: 1000 }, () => clock.now());
  expect(new Set(moments).size).toBe(1000);
  expect([...moments].sort((a, b) => a - b)).toEqual(moments);
});
