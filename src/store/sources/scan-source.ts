import type { Source } from '../../clients/source.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Item } from '../../pipeline/item/attribute.ts';

/** A parallel scan of a DynamoDB table. A split is a segment; a cursor is the key after which the scan resumes. */
export function scanSource(
  tables: TableSource,
  { table, consistentRead: consistent }: Pick<PipelineDefinition['source'], 'table' | 'consistentRead'>,
): Source {
  return {
    async tableId(signal) {
      return (await tables.describe(table, { signal })).tableId;
    },

    pages({ segment, segments }, start, { limit = Number.POSITIVE_INFINITY, pace, signal }) {
      let from = start as Item | undefined;
      let isEnded = false;
      const request = (paced = Number.POSITIVE_INFINITY) => {
        const most = Math.min(paced, limit);
        const limited = Number.isFinite(most) ? { limit: most } : {};
        return tables.scanPage({ table, segment, segments, from, consistent, ...limited, signal });
      };
      return {
        next() {
          if (isEnded) return Promise.resolve({ done: true, value: undefined });
          const page = pace === undefined ? request() : pace.page(request, signal);
          return page.then((value) => {
            from = value.next;
            isEnded = from === undefined;
            return { done: false, value };
          });
        },
      };
    },
  };
}
