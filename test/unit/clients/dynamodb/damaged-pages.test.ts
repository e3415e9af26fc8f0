import { expect, test } from '@jest/globals';
import { DamagedPages } from '../../../../src/clients/dynamodb/damaged-pages.ts';
import { Transient } from '../../../../src/clients/errors.ts';

const damaged = new Transient('DamagedPage', 'its CRC-32 is 1. The page is read again.');
const first = { table: 't', segment: 0, segments: 2 };
const second = { table: 't', segment: 1, segments: 2 };
const times = (n: number, what: () => unknown) => Array.from({ length: n }, what);

test('a page that is damaged every time is for an operator in the end, with advice', () => {
  const pages = new DamagedPages();
  expect(times(9, () => pages.classify(damaged, first))).toEqual(times(9, () => damaged));
  expect(pages.classify(damaged, first)).toMatchObject({
    name: 'Terminal',
    code: 'PageUnreadable',
    message: expect.stringMatching(
      /^The same page of segment 0 of 2 of .* its CRC-32 is 1\. .*check the proxy/,
    ),
  });
  expect(pages.classify(damaged, first)).toBe(damaged);
});

test('any page that arrives whole starts the count again, for its own segment', () => {
  const pages = new DamagedPages();
  times(9, () => [pages.classify(damaged, first), pages.classify(damaged, second)]);
  pages.forget(first);
  expect(pages.classify(damaged, first)).toBe(damaged);
  expect(pages.classify(damaged, second)).toMatchObject({ code: 'PageUnreadable' });
});

test('other failures do not count', () => {
  const pages = new DamagedPages();
  const throttled = new Transient('Throttled', 'slower');
  expect(times(20, () => pages.classify(throttled, first))).toEqual(times(20, () => throttled));
});
