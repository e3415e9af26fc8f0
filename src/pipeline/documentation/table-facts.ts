import { joinOf } from '../columns/join.ts';
import { type Mapping, NO_MAPPING } from '../mapping/mapping.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import { agreedTables } from './agreed-tables.ts';

/**
 * How the rows of agreed tables are joined, distributed and sorted: lines of text by table path.
 * @param mapping undefined if the settings for the tables are not known
 */
export function tableFacts(schema: AgreedSchema, mapping: Mapping | undefined): Map<string, string[]> {
  const tables = agreedTables(schema, mapping ?? NO_MAPPING);
  const keyNames = schema.key.map(({ columnName }) => columnName);
  return new Map(
    tables.map(({ path, distKey = 'AUTO', sortKey = ['AUTO'] }) => {
      const join = joinOf(path, tables, keyNames);
      return [
        path,
        [
          ...(join === undefined ? [] : [`join ${join.table} using (${join.on.join(', ')})`]),
          ...(mapping === undefined ? [] : [`distribution key ${distKey}, sort key ${sortKey.join(', ')}`]),
        ],
      ];
    }),
  );
}
