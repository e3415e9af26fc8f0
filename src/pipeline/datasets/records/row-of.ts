import type { RecordDefinition } from './define-records.ts';
import { recordMapper, recordOf } from './map-record.ts';
import type { Cell } from './record-row.ts';

/**
 * The row of one record, for tests of a record module: its cells by column, in the form that record-row.ts describes. An
 * object is converted to JSON first.
 * @param timezone whose days columns of type `date` have. Default: UTC
 * @throws RecordRefused if the record would be set aside
 */
export function rowOf(
  definition: RecordDefinition,
  record: string | object,
  timezone?: string,
): Readonly<Record<string, Cell>> {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  const { cells } = recordMapper(definition, timezone)(recordOf(text));
  return Object.fromEntries(definition.columns.map(({ name }, i) => [name, cells[i] ?? null]));
}
