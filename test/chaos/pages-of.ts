import type { TableSource } from '../../src/clients/table-source.ts';

/** What a chaos worker's extraction threads are given. */
export interface ChaosThread {
  /** Items per scan page, shared with the worker, which may change it. */
  readonly pageItems: Int32Array;
  readonly unguarded: boolean;
}

/** The same source, with so many items per page. */
export function pagesOf(source: TableSource, pageItems: Int32Array): TableSource {
  return {
    describe: (table, options) => source.describe(table, options),
    scanPage: (request) =>
      source.scanPage({ ...request, limit: request.limit ?? Atomics.load(pageItems, 0) }),
  };
}
