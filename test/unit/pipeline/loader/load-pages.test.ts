import { expect, test } from '@jest/globals';
import {
  inboxPageKey,
  type LoadPage,
  loadOfPage,
  loadPageKey,
  timeOfPage,
} from '../../../../src/pipeline/loader/loader-directory.ts';

const AT = {
  prefix: 'tributary',
  table: { workgroup: 'analytics', database: 'dev', schema: 'landing', table: 'load.1.x.2' },
};
const page = (place: LoadPage['place'], startedMs: number, number: number): LoadPage => ({
  ...{ place, startedMs, page: number },
  load: 'yesterday-2026-11-02T06:00:00Z',
});

test('a page of a bulk load names its load, and that of a watcher none', () => {
  const key = loadPageKey(AT, page('after', 1_793_000_000_000, 12), 'ab12');
  expect(loadOfPage(key)).toEqual(page('after', 1_793_000_000_000, 12));
  const watched = inboxPageKey(AT, 1_793_000_000_000, 'ab12');
  expect(loadOfPage(watched)).toBeUndefined();
  expect(timeOfPage(watched)).toBe(1_793_000_000_000);
});

test('pages sort by their place, the start of their load, and their number', () => {
  const sorted = [
    loadPageKey(AT, page('before', 2_000, 0), 'f'),
    loadPageKey(AT, page('before', 1_793_000_000_000, 0), 'f'),
    inboxPageKey(AT, 1_793_000_000_000, 'a'),
    loadPageKey(AT, page('after', 1_793_000_000_000, 9), 'f'),
    loadPageKey(AT, page('after', 1_793_000_000_000, 10), 'a'),
    loadPageKey(AT, page('after', 1_793_000_000_001, 0), 'a'),
  ];
  expect(sorted.toSorted()).toEqual(sorted);
});
