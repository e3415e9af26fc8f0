import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseItems } from '../../../../src/clients/item-bytes.ts';
import { nextPage, type Page, type Source } from '../../../../src/clients/source.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Cursor } from '../../../../src/pipeline/run/segments/cursor.ts';

/** Items that a source of the suite holds. */
export const SUITE_ITEMS: readonly Item[] = Array.from({ length: 60 }, (_, n) => ({
  pk: { S: `p${n % 20}` },
  sk: { S: String(n) },
  text: { S: `"Zoë" 😀 ${n}` },
}));

const SEGMENTS = 4;
const { signal } = new AbortController();

/** What every `Source` promises. @param open a source of `SUITE_ITEMS`, and one without items */
export function sourceSuite(
  name: string,
  open: () => Promise<{ readonly source: Source; readonly empty: Source; readonly tableId: string }>,
): void {
  describe(`${name} is a source`, () => {
    let source: Source;
    let empty: Source;
    let tableId: string;
    beforeAll(async () => {
      ({ source, empty, tableId } = await open());
    });

    const pagesFrom = async (
      segment: number,
      from: Cursor | undefined,
      limit?: number,
      segments = SEGMENTS,
    ) => {
      const pages: Page[] = [];
      const ofSplit = source.pages({ segment, segments }, from, { limit, signal });
      for (;;) {
        const page = await nextPage(ofSplit);
        pages.push(page);
        if (page.next === undefined) return pages;
      }
    };
    const all = async (segments: number, limit?: number) => {
      const splits = Array.from({ length: segments }, (_, segment) =>
        pagesFrom(segment, undefined, limit, segments),
      );
      return (await Promise.all(splits)).flat();
    };
    const keys = (items: readonly Item[]) => items.map(({ sk }) => (sk as { S: string }).S);

    test.each([1, SEGMENTS, 97])('%d splits have every item once', async (segments) => {
      const items = (await all(segments)).flatMap((page) => page.items);
      expect(keys(items).sort()).toEqual(keys(SUITE_ITEMS).sort());
    });

    test('the bytes of a page are its items, and its count their number', async () => {
      for (const { bytes, items, count } of await all(SEGMENTS, 7)) {
        expect(items).toHaveLength(count);
        expect(bytes === undefined ? items : parseItems(bytes, bytes.start)).toEqual(items);
      }
    });

    test('a page has at most as many items as are wanted', async () => {
      const counts = (await all(2, 7)).map(({ count }) => count);
      expect(Math.max(...counts)).toBeLessThanOrEqual(7);
      expect(counts.length).toBeGreaterThan(SUITE_ITEMS.length / 7);
    });

    test('reading resumes after any page, in the same order, from its cursor as JSON', async () => {
      for (let segment = 0; segment < 2; segment++) {
        const pages = await pagesFrom(segment, undefined, 5, 2);
        const items = keys(pages.flatMap((page) => page.items));
        let read = 0;
        for (const { count, next } of pages) {
          read += count;
          if (next === undefined) continue;
          const cursor = JSON.parse(JSON.stringify(next)) as Cursor;
          const rest = await pagesFrom(segment, cursor, 9, 2);
          expect(keys(rest.flatMap((page) => page.items))).toEqual(items.slice(read));
        }
      }
    });

    test('a source without items has splits without items', async () => {
      for (let segment = 0; segment < 2; segment++) {
        let page: Page;
        const pages = empty.pages({ segment, segments: 2 }, undefined, { signal });
        do {
          page = await nextPage(pages);
          expect(page).toMatchObject({ items: [], count: 0 });
        } while (page.next !== undefined);
      }
    });

    test('it says which table the items come from', async () => {
      expect(await source.tableId(signal)).toBe(tableId);
    });

    test('a cancelled page fails', async () => {
      const cancelled = new AbortController();
      cancelled.abort();
      const pages = source.pages({ segment: 0, segments: 1 }, undefined, { signal: cancelled.signal });
      await expect(nextPage(pages)).rejects.toThrow('aborted');
    });
  });
}
