import { describe, expect, it } from '@jest/globals';
import { asSentence, cut, firstSentences } from '../../../../src/pipeline/text/sentences.ts';

describe('a long text', () => {
  const text = 'S3 denies GetObject on s3://b/k.v2. Allow it to the role e.g. in its policy. Then retry.';

  it('is cut only where a sentence ends', () => {
    expect(firstSentences(text, 80)).toBe(
      'S3 denies GetObject on s3://b/k.v2. Allow it to the role e.g. in its policy. …',
    );
    expect(firstSentences(text, 60)).toBe('S3 denies GetObject on s3://b/k.v2. …');
  });

  it('keeps its first sentence, however long that is', () => {
    expect(firstSentences(text, 5)).toBe('S3 denies GetObject on s3://b/k.v2. …');
    expect(firstSentences('x'.repeat(500), 5)).toBe('x'.repeat(500));
  });

  it('is whole if it fits', () => {
    expect(firstSentences(text, text.length)).toBe(text);
  });
});

it.each([
  ['no such table', 'no such table.'],
  ['No such table.', 'No such table.'],
  ['is it (gone?)', 'is it (gone?)'],
])('%p can be followed by another sentence', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});

it('a text that is cut says so, and never ends in half of a letter', () => {
  expect(cut('SELECT 1', 8)).toBe('SELECT 1');
  expect(cut('SELECT 12', 8)).toBe('SELECT …');
  expect(cut('ab🚀cd', 4)).toBe('ab…');
});
