import { describe, expect, test } from '@jest/globals';
import { commonKey, compileGlob, literally, matchesGlob } from '../../../../src/pipeline/keys/glob.ts';

const fits = (pattern: string, key: string) => matchesGlob(compileGlob(pattern), key);

describe('a pattern of keys', () => {
  test.each([
    ['**', ['a', 'a/b.csv', '', 'a//b', '.hidden/.x']],
    ['*', ['a.csv', '.a', 'ä', 'day=2026-11-01 10:00+00.csv']],
    ['**/*.csv.gz', ['a.csv.gz', 'x/a.csv.gz', 'x/y/z/.csv.gz', '/a.csv.gz']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a//b']],
    ['a/**', ['a/b', 'a/b/c', 'a/']],
    ['**.csv', ['a.csv', 'x/y.csv']],
    ['*.csv{,.gz}', ['a.csv', 'a.csv.gz']],
    ['{a,b{c,d}}-?', ['a-1', 'bc-2', 'bd-😀']],
    ['a,b', ['a,b']],
    ['a(1).csv', ['a(1).csv']],
    ['./a', ['./a']],
    ['\\*\\{x\\}\\[0\\]', ['*{x}[0]']],
    ['***/a', ['a', 'x/y/a']],
  ])('%s fits', (pattern, keys) => {
    expect(keys.filter((key) => !fits(pattern, key))).toEqual([]);
  });

  test.each([
    ['*', ['a/b', 'a/']],
    ['**/*.csv.gz', ['a.csv', 'a.csv.gz.tmp', 'xcsv.gz', 'a.CSV.GZ']],
    ['a/**/b', ['ab', 'a/xb', 'a/b/c', 'xa/b']],
    ['a?b', ['a/b', 'ab', 'axxb']],
    ['{a,b}', ['c', 'ab', '']],
    ['a.c', ['abc']],
    ['./a', ['a']],
  ])('%s does not fit', (pattern, keys) => {
    expect(keys.filter((key) => fits(pattern, key))).toEqual([]);
  });

  test('no pattern is slow', () => {
    expect(fits('*a*a*a*a*a*a*a*a*b', 'a'.repeat(1024))).toBe(false);
    expect(fits('**a**a**a**a**/b', `${'a/'.repeat(500)}c`)).toBe(false);
  });

  test.each([
    ['{a,b', 'a } after the {; \\{ stands for the character itself'],
    ['a}', 'a { before the }; \\} stands for the character itself'],
    ['{a}', 'two alternatives or more in braces, e.g. {a,b}; \\{ stands for the character itself'],
    ['[0-9]*', 'alternatives in braces, e.g. {a,b}, not brackets; \\[ stands for the character itself'],
    ['!*.tmp', 'a pattern without ! at its start: it names what fits, never what does not'],
    ['a\\', 'a character after the backslash at the end'],
    [`${'{a,b}'.repeat(20)}`, 'at most 256 combinations of alternatives'],
    [`{${'{a,b}'.repeat(20)},c}`, 'at most 256 combinations of alternatives'],
  ])('%s is refused', (pattern, message) => {
    expect(() => compileGlob(pattern)).toThrow(new Error(message));
  });

  test('a text that is taken literally fits nothing else', () => {
    const text = 'a*b?{c,d}[e]\\f!';
    expect(fits(literally(text), text)).toBe(true);
    expect(fits(literally('*'), 'a')).toBe(false);
  });
});

describe('a key that fits two patterns', () => {
  test.each([
    ['**/*.csv', 'a/**', 'a/.csv'],
    ['*.csv', '?', undefined],
    ['*.csv', '????', '.csv'],
    ['**/*.csv', '**/*.json', undefined],
    ['{a,b}/*', 'b/x', 'b/x'],
    ['**/a', 'b/**', 'b/a'],
    ['*', '*/*', undefined],
    ['**', '*', 'x'],
    ['a/**', 'a/', undefined],
    ['**/*.csv', '**', '.csv'],
  ])('%s and %s', (a, b, expected) => {
    const [left, right] = [compileGlob(a), compileGlob(b)];
    const found = commonKey(left, right);
    expect(found).toBe(expected);
    expect([left, right].every((glob) => found === undefined || matchesGlob(glob, found))).toBe(true);
  });
});

/** A pattern as a regular expression, which is slow for some patterns and right for all. */
const asRegex = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/(^|(?<=\/))\*\*\/|\*\*|\*|\?|[{},./]|./g, (part) => {
      const fixed: Record<string, string> = {
        '**/': '(?:.*/)?',
        '**': '.*',
        '*': '[^/]*',
        '?': '[^/]',
        '{': '(?:',
        ',': '|',
        '}': ')',
      };
      return fixed[part] ?? RegExp.escape(part);
    })}$`,
  );

test('generated patterns fit the keys that their regular expressions do, and share keys with them', () => {
  let seed = 14;
  const random = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * n);
  };
  const some = (parts: readonly string[], most: number) =>
    Array.from({ length: 1 + random(most) }, () => parts[random(parts.length)]!).join('');
  const wrong: string[] = [];
  let fitting = 0;
  for (let i = 0; i < 3000; i++) {
    // Runs of more than two stars are tested above.
    const pattern = some(['a', 'b', '/', '*', '**/', '?', '{a,b}', '{ab,.b}', '.'], 6).replaceAll(
      /\*{3,}/g,
      '**',
    );
    const glob = compileGlob(pattern);
    for (let j = 0; j < 10; j++) {
      const key = some(['a', 'b', '/', '.', 'ab/'], 5);
      const expected = asRegex(pattern).test(key);
      if (expected) fitting++;
      const isCommon = commonKey(glob, compileGlob(literally(key))) !== undefined;
      if (matchesGlob(glob, key) !== expected) wrong.push(`${pattern} ${key}`);
      if (isCommon !== (expected && !key.endsWith('/'))) wrong.push(`${pattern} and ${key} in common`);
    }
  }
  expect(wrong).toEqual([]);
  expect(fitting).toBeGreaterThan(1000);
});
