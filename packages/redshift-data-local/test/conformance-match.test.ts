// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of cases.
import { describe, expect, test } from '@jest/globals';
import { fillIn } from '../conformance/fill-in.ts';
import { differences } from '../conformance/match.ts';

describe('an answer matches', () => {
  test.each<[string, unknown, unknown]>([
    ['in part', { a: 1, b: 2 }, { a: 1 }],
    ['member by member', { a: [{ b: 'x', c: 1 }] }, { a: [{ b: 'x' }] }],
    ['a regular expression', 'ERROR: 1023\nDetail', { $matches: '1023.Detail' }],
    ['absence', {}, { a: { $absent: true } }],
    ['one of several', '55', { $oneOf: [55, '55'] }],
    ['an element', [{ id: 1 }, { id: 2, more: true }], { $contains: { id: 2 } }],
    ['a number nearby', 0.30000000000000004, { $near: 0.3 }],
    ['a date', new Date(0), { $type: 'date' }],
  ])('%s', (_what, actual, expected) => expect(differences(actual, expected)).toEqual([]));
});

describe('a difference is reported with its place', () => {
  test.each<[unknown, unknown, string]>([
    [{ a: [1, 2] }, { a: [1, 3] }, 'a[1] should be 3, it is 2'],
    [{ a: [1] }, { a: [1, 2] }, 'a should have 2 elements, it is [1]'],
    [{}, { a: 1 }, 'a should be 1, it is not there'],
    [null, { a: 1 }, 'the answer should be an object, it is null'],
    ['1', 1, 'the answer should be 1, it is "1"'],
    [1, { $roughly: 1 }, 'the answer: there is no matcher $roughly'],
  ])('%j is not %j', (actual, expected, message) => expect(differences(actual, expected)).toEqual([message]));
});

describe('a case’s texts are filled in', () => {
  const names = new Map<string, unknown>([
    ['schema', 's1'],
    ['first', { Id: 'abc' }],
  ]);
  test('with names and members of answers', () => {
    expect(fillIn({ sql: '${schema}.t', ids: ['${first.Id}:1'] }, names)).toEqual({
      sql: 's1.t',
      ids: ['abc:1'],
    });
  });
  test('with generated texts and lists', () => {
    expect(fillIn({ $join: ["'", { $repeat: ['ab', 3] }, "'"] }, names)).toBe("'ababab'");
    expect(fillIn({ $times: ['${schema}', 2] }, names)).toEqual(['s1', 's1']);
  });
  test('but not with a name that has no value', () => {
    expect(() => fillIn('${unknown}', names)).toThrow('${unknown}');
  });
});
