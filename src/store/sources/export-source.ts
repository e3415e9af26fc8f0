import { z } from 'zod';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Page, Source } from '../../clients/source.ts';
import type { PlannedExport } from '../../pipeline/export/export-manifest.ts';
import type { Cursor } from '../../pipeline/run/segments/cursor.ts';
import { type FilePage, readExportFile } from './export-file.ts';
import { readFiles } from './export-manifests.ts';

const count = z.number().int().nonnegative();

/** The place of a file in the manifest, and the position in the decompressed file. */
const ExportCursor = z.object({ file: count, byte: count, items: count });
type ExportCursor = z.infer<typeof ExportCursor>;

/**
 * The items of a full export. A split is every n-th file; the order is that of the manifest. It costs no read units, so
 * a pace is ignored.
 * @param store of the export's bucket
 */
export function exportSource(store: ObjectStore, planned: PlannedExport): Source {
  return {
    async tableId() {
      return planned.tableId;
    },

    async *pages({ segment, segments }, from, { limit = Number.POSITIVE_INFINITY, signal }) {
      const { files } = await readFiles(store, planned, signal, planned.filesMd5);
      const mine = Array.from(files.keys()).filter((index) => index % segments === segment);
      const start = from === undefined ? undefined : ExportCursor.parse(from);
      const rest = mine.filter((index) => index >= (start?.file ?? 0));
      if (rest.length === 0) yield NO_PAGE;
      for (const [n, index] of rest.entries()) {
        const position = index === start?.file ? start : { byte: 0, items: 0 };
        for await (const page of readExportFile(store, files[index]!, position, { limit, signal })) {
          yield pageOf(page, index, rest[n + 1]);
        }
      }
    },
  };
}

/** Of a split that has no files. */
const NO_PAGE: Page = { items: [], count: 0, next: undefined, readUnits: 0 };

function pageOf(page: FilePage, file: number, following: number | undefined): Page {
  let next: (ExportCursor & Cursor) | undefined;
  if (!page.isLast) next = { file, ...page.end };
  else if (following !== undefined) next = { file: following, byte: 0, items: 0 };
  return {
    get items() {
      return page.items;
    },
    bytes: page.bytes,
    count: page.count,
    next,
    readUnits: 0,
  };
}
