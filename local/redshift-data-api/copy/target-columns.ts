import type { PoolClient } from 'pg';
import { physicalName } from '../sql/identifier.ts';
import { TokenReader } from '../sql/token-reader.ts';
import { tokenize } from '../sql/tokenizer.ts';
import { parseTypeName } from '../sql/type-name.ts';
import { RedshiftError } from '../sql/unsupported.ts';
import type { TargetColumn } from './target-column.ts';

/** The columns COPY loads, in the order of its list, or all of the table's. `target` is the quoted physical name. */
export async function targetColumns(
  client: PoolClient,
  target: string,
  list: string[] | undefined,
): Promise<TargetColumn[]> {
  const { rows } = await client.query<{ physical: string; name: string; type: string; not_null: boolean }>({
    text: `SELECT a.attname AS physical, "_redshift".long_name(a.attname) AS name,
      "_redshift".column_type(a.attrelid, a.attnum, a.atttypid, a.atttypmod) AS type, a.attnotnull::text AS not_null
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    values: [target],
  });
  const columns = rows.map((row) => {
    const type = parseTypeName(new TokenReader(tokenize(row.type)), 'column');
    return {
      name: row.name,
      physicalName: row.physical,
      kind: type.kind,
      display: type.display,
      maxBytes: type.maxBytes ?? 0,
      precision: type.precision ?? 0,
      scale: type.scale ?? 0,
      notNull: String(row.not_null).startsWith('t'),
    } satisfies TargetColumn;
  });
  if (list === undefined) return columns;
  return list.map((name) => {
    const column = columns.find((candidate) => candidate.physicalName === physicalName(name));
    if (column === undefined) throw new RedshiftError(`column "${name}" of relation does not exist`, '42703');
    return column;
  });
}
