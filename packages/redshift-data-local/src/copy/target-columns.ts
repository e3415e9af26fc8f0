import type { PoolClient } from 'pg';
import { physicalName } from '../sql/identifier.ts';
import { TokenReader } from '../sql/tokens/token-reader.ts';
import { tokenize } from '../sql/tokens/tokenizer.ts';
import { parseTypeName } from '../sql/type-name.ts';
import { RedshiftError } from '../sql/unsupported.ts';
import type { TargetColumn } from './target-column.ts';

interface Row {
  physical: string;
  name: string;
  identity: boolean;
  type: string;
  not_null: boolean;
}

/** The columns that COPY loads, in the order of its list, or all of the table. `target` is the quoted physical name. */
export async function targetColumns(
  client: PoolClient,
  target: string,
  list: string[] | undefined,
  explicitIds: boolean,
): Promise<TargetColumn[]> {
  const { rows } = await client.query<Row>({
    text: `SELECT a.attname AS physical, "_redshift".long_name(a.attname) AS name, a.attidentity <> '' AS identity,
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
  const identities = rows.filter((row) => String(row.identity).startsWith('t')).map((row) => row.physical);
  const isIdentity = ({ physicalName }: TargetColumn) => identities.includes(physicalName);
  if (explicitIds && identities.length === 0)
    throw new RedshiftError('EXPLICIT_IDS needs a table with an IDENTITY column', '0A000');
  // AWS, "Column list": IDENTITY columns are loaded with EXPLICIT_IDS and only then.
  if (list === undefined) return columns.filter((column) => explicitIds || !isIdentity(column));
  const listed = list.map((name) => {
    const column = columns.find((candidate) => candidate.physicalName === physicalName(name));
    if (column === undefined) throw new RedshiftError(`column "${name}" of relation does not exist`, '42703');
    return column;
  });
  if (listed.some(isIdentity) !== explicitIds)
    throw new RedshiftError(
      explicitIds
        ? 'EXPLICIT_IDS needs the IDENTITY column in the column list'
        : 'an IDENTITY column in the column list needs EXPLICIT_IDS',
      '0A000',
    );
  return listed;
}
