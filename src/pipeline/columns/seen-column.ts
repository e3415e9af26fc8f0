import { attributePath, isRoot, type Path } from '../item/path.ts';
import {
  type BytesSeen,
  mergeScalars,
  type ScalarSeen,
  type Seen,
  type TableSeen,
  tableSeen,
} from '../seen/seen.ts';
import type { Column } from './layout.ts';

/** Looks up what was seen by column. Attributes may be called `constructor` or `toString`. */

export const scalarAt = ({ scalars }: TableSeen, path: Path): ScalarSeen | undefined => own(scalars, path);
export const bytesAt = ({ bytes }: TableSeen, path: Path): BytesSeen | undefined => own(bytes, path);

/** What a key attribute showed in all root tables together: its columns have the same type throughout the schema. */
export function keySeen(seen: Seen, name: string): ScalarSeen | undefined {
  return Object.keys(seen.tables)
    .filter(isRoot)
    .map((root) => scalarAt(tableSeen(seen, root), attributePath(root, name)))
    .reduce(
      (all, one) => (all === undefined || one === undefined ? (all ?? one) : mergeScalars(all, one)),
      undefined,
    );
}

/** How many rows had a value in the column. */
export function valuesAt(seen: TableSeen, { path, form }: Column): number {
  switch (form) {
    case 'scalar':
      return scalarAt(seen, path)?.values ?? 0;
    case 'bytes':
      return bytesAt(seen, path)?.values ?? 0;
    case 'count':
      return own(seen.counts, path)?.values ?? 0;
  }
}

/** Every column that a table's rows showed, including those of the key. */
export function columnsSeen({ scalars, bytes, counts }: TableSeen): Column[] {
  return [
    ...Object.keys(scalars).map((path): Column => ({ path, form: 'scalar' })),
    ...Object.keys(bytes).map((path): Column => ({ path, form: 'bytes' })),
    ...Object.keys(counts).map((path): Column => ({ path, form: 'count' })),
  ];
}

function own<T>(record: Readonly<Record<string, T>>, path: Path): T | undefined {
  return Object.hasOwn(record, path) ? record[path] : undefined;
}
