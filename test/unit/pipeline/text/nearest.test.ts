import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearest } from '../../../../src/pipeline/text/nearest.ts';

const KNOWN = ['table', 'segments', 'status', 'runs', 'run'];

describe('the nearest known word', () => {
  it.each([
    ['tabel', ['table']],
    ['TABLE', ['table']],
    ['seg', ['segments']],
    ['stauts', ['status']],
    ['rnu', ['run']],
    ['runz', ['run', 'runs']],
    ['xylophone', []],
    ['', []],
  ])('%s → %j', (word, expected) => {
    expect(nearest(word, KNOWN)).toEqual(expected);
  });

  it('is offered as a question', () => {
    expect(didYouMean('tabel', KNOWN)).toBe(' (did you mean "table"?)');
    expect(didYouMean('xylophone', KNOWN)).toBe('');
  });
});
