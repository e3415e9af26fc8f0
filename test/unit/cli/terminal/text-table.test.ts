import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { clipped, padded, textTable, textWidth, wrapped } from '../../../../src/cli/terminal/text-table.ts';

describe('a table of text', () => {
  it('aligns words left and numbers right, without blanks at the end of a line', () => {
    expect(
      textTable(
        [{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'note' }],
        [
          ['nobel', '1,680', ''],
          ['nobel__prizes', '7', 'x'],
        ],
      ),
    ).toEqual([
      'table           rows  note', //
      'nobel          1,680',
      'nobel__prizes      7  x',
    ]);
  });

  it('has no title line without titles', () => {
    expect(textTable([{ title: '' }, { title: '' }], [['a', 'b']])).toEqual(['a  b']);
  });

  it('does not move other rows for a cell that is wider than its column may be', () => {
    const rows = [
      ['a', '1'],
      ['longer than six', '2'],
    ];
    expect(textTable([{ title: 'name', mostWidth: 6 }, { title: 'n' }], rows)).toEqual([
      'name  n',
      'a     1',
      'longer than six  2',
    ]);
  });

  it('counts colours and accents by the columns that they take', () => {
    const { red } = picocolors.createColors(true);
    expect(textWidth(red('Röntgen'))).toBe(7);
    const [first, second] = textTable(
      [{ title: '' }, { title: '' }],
      [
        [red('ab'), '1'],
        ['abcd', '2'],
      ],
    );
    expect(first?.endsWith('  1')).toBe(true);
    expect(second).toBe('abcd  2');
  });
});

describe('the width of text on a terminal', () => {
  it.each([
    ['two columns per Chinese, Japanese or Korean letter', '東京大学', 8],
    ['one column per half-width letter', 'ﾄｳｷｮｳ', 5],
    ['two columns per emoji', '🚀', 2],
    ['two columns per emoji that is joined of several', '👩‍👩‍👧', 2],
    ['two columns per flag', '🇸🇪', 2],
    ['no column for a combining mark', 'Ro\u0308ntgen', 7],
    ['no column for a zero-width space', 'a\u200bb', 2],
    ['no column for colours', '\u001b[1m\u001b[31m東\u001b[39m\u001b[22m', 2],
    ['no column for a link’s address', '\u001b]8;;https://example.org\u0007run\u001b]8;;\u0007', 3],
  ])('%s', (_, text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('aligns columns of wide letters, emoji and marks', () => {
    const { green } = picocolors.createColors(true);
    const rows = ['東京', '🚀 up', 'Ro\u0308ntgen', green('ok')].map((name) => [name, '1']);
    const lines = textTable([{ title: 'name' }, { title: 'n', align: 'right' }], rows);
    expect(lines).toEqual([
      'name     n',
      '東京     1',
      '🚀 up    1',
      'Ro\u0308ntgen  1',
      `${green('ok')}       1`,
    ]);
    expect(new Set(lines.map(textWidth))).toEqual(new Set([10]));
  });

  it('fills up to a width, and leaves longer text as it is', () => {
    expect(padded('東京', 6)).toBe('東京  ');
    expect(padded('東京', 3)).toBe('東京');
  });

  it('breaks lines by it', () => {
    expect(wrapped('東京 大学 東京', 9)).toEqual(['東京 大学', '東京']);
  });
});

describe('text that is too long', () => {
  it('is cut between characters, never within one', () => {
    expect(clipped('東京大学', 8)).toBe('東京大学');
    expect(clipped('東京大学', 7)).toBe('東京大…');
    expect(clipped('東京大学', 6)).toBe('東京…');
    expect(clipped('cafe\u0301 noir', 5)).toBe('cafe\u0301…');
    expect(clipped('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…');
  });

  it('is cut with an ellipsis', () => {
    expect(clipped('Massachusetts Institute', 8)).toBe('Massach…');
    expect(clipped('short', 8)).toBe('short');
  });

  it('is broken at spaces', () => {
    expect(wrapped('no bucket tributary at this address', 12)).toEqual([
      'no bucket',
      'tributary at',
      'this address',
    ]);
    expect(wrapped('a\nb', 12)).toEqual(['a', 'b']);
  });
});
