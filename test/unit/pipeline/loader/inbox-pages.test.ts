import { describe, expect, test } from '@jest/globals';
import { type Arrival, inboxPages } from '../../../../src/pipeline/loader/inbox-pages.ts';

const to = (table: string) => ({
  bucket: 'tributary',
  prefix: 'runs',
  table: { workgroup: 'analytics', database: 'dev', schema: 'landing', table },
});

const arrival = (key: string, message: string, sentAtMs: number, table = 'quakes'): Arrival => ({
  file: {
    bucket: 'landing',
    key,
    etag: `etag-of-${key}`,
    bytes: 10,
    at: new Date(sentAtMs).toISOString(),
    loader: table,
  },
  to: to(table),
  message,
  sinceMs: sentAtMs,
});

const A = arrival('a', 'm1', 3_000);
const B = arrival('b', 'm2', 1_000);
const C = arrival('c', 'm3', 2_000);

const keys = (pages: ReturnType<typeof inboxPages>) =>
  pages.map(({ page }) => page.files.map(({ key }) => key));

describe('a page', () => {
  test('is named for its oldest file, in the directory of its table', () => {
    const [page] = inboxPages([A, B, C]);
    expect(page?.key).toMatch(
      /^runs\/loaders\/analytics\/dev\/landing\/quakes\/inbox\/0000000001000-[0-9a-f]{32}\.json$/,
    );
  });

  test('has the same name and contents in whatever order its messages came', () => {
    expect(inboxPages([C, A, B])).toEqual(inboxPages([A, B, C]));
  });

  test('has another name with other messages or files', () => {
    const names = [
      [A, B, C],
      [A, B],
      [A, B, { ...C, message: 'm4' }],
      [A, B, { ...C, file: { ...C.file, etag: 'overwritten' } }],
    ].map((arrivals) => inboxPages(arrivals)[0]!.key);
    expect(new Set(names).size).toBe(4);
  });

  test('has a file once, however many messages announce it, and waits for all of them', () => {
    const [page, ...more] = inboxPages([A, B, { ...A, message: 'm4' }]);
    expect(more).toEqual([]);
    expect(page?.page.files).toHaveLength(2);
    expect([...page!.messages].sort()).toEqual(['m1', 'm2', 'm4']);
  });

  test('has another version of a file as another file', () => {
    const overwritten = { ...A, message: 'm4', file: { ...A.file, etag: 'overwritten' } };
    expect(inboxPages([A, overwritten])[0]?.page.files).toHaveLength(2);
  });
});

test('there is a page for each table, and a message may be in several', () => {
  const other = arrival('x', 'm1', 3_000, 'other');
  const pages = inboxPages([A, other]);
  expect(keys(pages)).toEqual([['a'], ['x']]);
  expect(pages.map(({ messages }) => [...messages])).toEqual([['m1'], ['m1']]);
});

test('a page has a bounded number of files, the oldest first', () => {
  expect(keys(inboxPages([A, B, C], 2))).toEqual([['b', 'c'], ['a']]);
});

test('tables of the same name in different warehouses or staging buckets never share a page', () => {
  const elsewhere = { ...B, to: { ...B.to, table: { ...B.to.table, workgroup: 'other' } } };
  const staged = { ...C, to: { ...C.to, bucket: 'other' } };
  expect(inboxPages([A, elsewhere, staged])).toHaveLength(3);
});
