import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { legalCharacters } from '../../../../src/pipeline/sql/naming.ts';

const snake = (name: string) => legalCharacters(name, 'snake_case');

/** The table in docs/mapping.md has the common cases. */
describe('snake_case', () => {
  test.each([
    ['', ''],
    ['A', 'a'],
    ['PK', 'pk'],
    ['XMLHttpRequest', 'xml_http_request'],
    ['URLsSeen', 'urls_seen'],
    ['IDs2', 'ids2'],
    ['runAs', 'run_as'],
    ['isVIP', 'is_vip'],
    ['TLSv1', 'tlsv1'],
    ['v2Id', 'v2_id'],
    ['plan2B', 'plan2b'],
    ['utf8BOM', 'utf8_bom'],
    ['x1Y2', 'x1y2'],
    ['2024-01-01T00:00', '2024_01_01t00_00'],
    ['_id', '_id'],
    ['_ID', '_id'],
    ['a - _b', 'a_b'],
    ['a_ b', 'a_b'],
    ['Created_At', 'created_at'],
    ['a_B', 'a_b'],
    ['a\u{1D4D0}', 'a\u{1D4D0}'],
    ['###', ''],
    ['a\u{1F680}b', 'a_b'],
    ['\ud800x', 'x'],
  ])('of %j is %j', (name, legal) => {
    expect(snake(name)).toBe(legal);
  });

  test('keeps accents and vowel signs on their letters, and nowhere else', () => {
    expect(snake('E\u0301tatCivil')).toBe(snake('ÉtatCivil'));
    expect(snake('caf\u0065\u0301')).toBe('café');
    // No composed form exists.
    expect(snake('q\u0308Y')).toBe('q\u0308_y');
    expect(snake('\u0301x')).toBe('x');
    expect(snake('1\u0301x')).toBe('1_x');
    expect(snake('ภาษาไทย')).toBe('ภาษาไทย');
  });

  test('drops what cannot be seen', () => {
    expect(snake('\ufeffco\u00adop\u200b')).toBe('coop');
    expect(snake('1\ufe0f\u20e3')).toBe('1');
    expect(snake('\u3164')).toBe('');
  });

  test('uses the lower case of Unicode, whatever the locale', () => {
    expect(snake('İstanbulKodu')).toBe('istanbul_kodu');
    expect(snake('I\u0307stanbul')).toBe('istanbul');
    expect(snake('ISPARTA')).toBe('isparta');
    expect(snake('ΚΩΔΙΚΟΣ')).toBe('κωδικος'.replace(/ς$|σ$/, 'ς'));
    expect(snake('ǅep')).toBe('ǆep');
    expect(snake('STRASSEẞ')).toBe('strasseß');
  });

  test('of its own result is the same', () => {
    const pieces = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          'a',
          's',
          'v',
          'B',
          'S',
          '1',
          '_',
          '-',
          ' ',
          'É',
          'İ',
          'Σ',
          '\u{1D4D0}',
          '\u0301',
          '\u0307',
          '名',
          'न',
          'ा',
        ),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(pieces, (name) => {
        const legal = snake(name);
        expect(snake(legal)).toBe(legal);
      }),
      { numRuns: 2000 },
    );
  });

  test('differs from lower only by underscores, for letters and digits of ASCII', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]*$/), (name) => {
        expect(snake(name).replaceAll('_', '')).toBe(legalCharacters(name, 'lower'));
        expect(snake(name)).not.toMatch(/^_|__|_$/);
      }),
    );
  });
});
