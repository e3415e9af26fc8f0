import type { Source } from '../../clients/source.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { Item } from '../../pipeline/item/attribute.ts';

/** A parallel scan of a DynamoDB table. A split is a segment; a cursor is the key after which the scan resumes. */
export function scanSource(tables: TableSource, { table }: { readonly table: string }): Source {
  return {
    async tableId(signal) {
      return (await tables.describe(table, { signal })).tableId;
    },

    async *pages({ segment, segments }, from, { limit = Number.POSITIVE_INFINITY, pace, signal }) {
      let next = from as Item | undefined;
      do {
        const request = (paced = Number.POSITIVE_INFINITY) => {
          const most = Math.min(paced, limit);
          const limited = Number.isFinite(most) ? { limit: most } : {};
          return tables.scanPage({ table, segment, segments, from: next, ...limited, signal });
        };
        const page = await (pace === undefined ? request() : pace.page(request, signal));
        yield page;
        next = page.next;
      } while (next !== undefined);
    },
  };
}
