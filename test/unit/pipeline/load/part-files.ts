import type { Layout } from '../../../../src/pipeline/columns/layout.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { keyedHash } from '../../../../src/pipeline/item/keyed-hash.ts';
import type { Path } from '../../../../src/pipeline/item/path.ts';
import { type Mapping, NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder, type RowCounts } from '../../../../src/pipeline/mapping/shred.ts';
import { Seen } from '../../../../src/pipeline/seen/seen.ts';

/** With the key of the examples in docs/mapping.md. */
const HIDING = { hash: keyedHash('only for examples, never for data') };

/** The text of the part files that some items make, with all that a checkpoint says of them. */
export interface Written {
  readonly files: readonly { readonly layout: Layout; readonly text: string; readonly rows: number }[];
  readonly odd: readonly Item[];
  readonly rejected: readonly { readonly item: Item; readonly reason: string; readonly path: Path }[];
  readonly seen: Seen;
  /** What the odd items among them showed. */
  readonly oddSeen: Seen;
  readonly counts: RowCounts;
  readonly rowsInFiles: ReadonlyMap<Path, number>;
}

export function write(
  items: readonly Item[],
  key: Key,
  layouts: readonly Layout[],
  mapping: Mapping = NO_MAPPING,
  shapes: readonly Layout[] = [],
): Written {
  const files = [...layouts, ...shapes].map((layout) => ({ layout, text: '', rows: 0 }));
  const sinks = files.map((file) => ({
    append(text: string, rows: number) {
      file.text += text;
      file.rows += rows;
    },
  }));
  const shredder = createShredder({ key, layouts, shapes, mapping, sinks, hiding: HIDING });
  const odd: Item[] = [];
  const rejected: Written['rejected'][number][] = [];
  for (const item of items) {
    const result = shredder.shred(item);
    if (result.kind === 'odd') odd.push(item);
    if (result.kind === 'rejected') rejected.push({ item, reason: result.reason, path: result.path });
  }
  const counts = shredder.rowCounts();
  const rowsInFiles = new Map<Path, number>();
  for (const { layout, rows } of files) {
    rowsInFiles.set(layout.table, (rowsInFiles.get(layout.table) ?? 0) + rows);
  }
  const { seen, oddSeen } = shredder.takeCutSeen();
  return { files, odd, rejected, counts, rowsInFiles, seen: asStored(seen), oddSeen: asStored(oddSeen) };
}

/** What items show, without writing any. */
export function seenOf(items: readonly Item[], key: Key, mapping: Mapping = NO_MAPPING): Seen {
  return write(items, key, [], mapping).seen;
}

/** Written to S3 and read again, as the seal meets it. */
function asStored(seen: Seen): Seen {
  return Seen.parse(JSON.parse(JSON.stringify(seen)));
}
