import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { inRepository, read } from './pages.ts';

/** What the pages call missing, and what would show that it exists: then the sentence must be removed. */
const claims: readonly (readonly [page: string, sentence: string, isThere: () => boolean])[] = [
  ['README.md', 'There is no benchmark of throughput', () => existsSync(inRepository('bench/throughput.ts'))],
];

describe('what pages call missing is missing; if it exists, rewrite the sentence and its row here', () => {
  test.each(claims)('%s says: %s', (page, sentence, isThere) => {
    expect({ said: read(page).includes(sentence), there: isThere() }).toEqual({ said: true, there: false });
  });
});
