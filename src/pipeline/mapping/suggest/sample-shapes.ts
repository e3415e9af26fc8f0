import type { Layout } from '../../columns/layout.ts';
import { RowShapes } from '../../columns/row-shapes.ts';
import type { Item } from '../../item/attribute.ts';
import { NULL_TEXT } from '../../item/csv.ts';
import type { Key } from '../../item/key.ts';
import type { Mapping } from '../mapping.ts';
import { createShredder } from '../shred.ts';

/** Layouts for the common shapes of the rows of some items: see row-shapes.ts. */
export function sampleShapes(
  items: readonly Item[],
  {
    key,
    layouts,
    mapping,
  }: { readonly key: Key; readonly layouts: readonly Layout[]; readonly mapping: Mapping },
): Layout[] {
  const shapes = layouts.map(() => new RowShapes());
  const shredder = createShredder({
    key,
    layouts,
    mapping,
    onRow: (layout, cells) => {
      const filled = cells.flatMap((cell, column) => (cell === NULL_TEXT ? [] : [column]));
      shapes[layout]?.add(filled);
    },
  });
  for (const item of items) shredder.shred(item);
  return layouts.flatMap((layout, index) => shapes[index]?.layouts(layout) ?? []);
}
