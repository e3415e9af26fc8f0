import { z } from 'zod';
import { withoutAspect } from '../item/path.ts';
import { ColumnPath, TablePath } from '../mapping/mapping.ts';

const text = z.string().trim().min(1).max(1000);

/** What tables and columns mean, for the readers of the warehouse. */
export const Descriptions = z.strictObject({
  schema: text.optional().describe('What the live schema holds.'),
  tables: z
    .record(TablePath, text)
    .default({})
    .describe('What a row of a table is, by the table’s path; "" is the root table.'),
  columns: z.record(ColumnPath, text).default({}).describe('What an attribute means, by its path.'),
});
export type Descriptions = z.infer<typeof Descriptions>;

/** The description of a path. Undefined if there is none, even for a path such as `constructor`. */
export const descriptionAt = (all: Readonly<Record<string, string>> | undefined, path: string) =>
  all !== undefined && Object.hasOwn(all, path) ? all[path] : undefined;

interface DescribedSchema {
  readonly key: readonly { readonly path: string }[];
  readonly tables: readonly {
    readonly path: string;
    readonly columns: readonly { readonly path: string }[];
  }[];
}

/** Messages about descriptions of what no run ever saw, which are mostly typos. */
export function unusedDescriptions(
  descriptions: Descriptions | undefined,
  { key, tables }: DescribedSchema,
): string[] {
  const tablePaths = new Set(tables.map(({ path }) => path));
  const columnPaths = new Set(
    [...key, ...tables.flatMap(({ columns }) => columns)].map(({ path }) => withoutAspect(path)),
  );
  const unused = (kind: 'tables' | 'columns', known: ReadonlySet<string>) =>
    Object.keys(descriptions?.[kind] ?? {})
      .filter((path) => !known.has(path))
      .map((path) => `descriptions.${kind} describes ${path}, which no run ever saw`);
  return [...unused('tables', tablePaths), ...unused('columns', columnPaths)];
}
