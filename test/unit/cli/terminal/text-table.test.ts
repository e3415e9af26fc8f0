import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { clipped, textTable, textWidth, wrapped } from '../../../../src/cli/terminal/text-table.ts';

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

  it('has no line of titles where there are none', () => {
    expect(textTable([{ title: '' }, { title: '' }], [['a', 'b']])).toEqual(['a  b']);
  });

  it('takes colours and accents for what they show', () => {
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

describe('text that is too long', () => {
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
