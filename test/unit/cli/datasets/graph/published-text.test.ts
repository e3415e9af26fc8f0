import { expect, test } from '@jest/globals';
import { publishedText } from '../../../../../src/cli/datasets/graph/publish-group.ts';

test('a group is published, unchanged, or stays as it was', () => {
  const text = (isNew: boolean, number?: number) =>
    publishedText({ publication: 'books', isNew, incomplete: [], ...(number !== undefined && { number }) });
  expect(text(true, 1)).toBe('books: published, as number 1');
  expect(text(false, 1)).toBe('books: unchanged, publication 1');
  expect(text(false)).toBe('books: unchanged, nothing is published yet');
});
