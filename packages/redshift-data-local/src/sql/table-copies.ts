import { quoteLiteral } from './identifier.ts';
import { query } from './query.ts';
import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { RedshiftError } from './unsupported.ts';

/** A table being created: its name in the CREATE statement, and the name that refers to it afterwards. */
export interface NewTable {
  name: string;
  target: string;
  temporary: boolean;
  ifNotExists: string;
}

/** `CREATE TABLE t [(columns)] … AS query`, at the query. `recordStep` records the attributes before it. */
export function createTableAs(
  t: Translation,
  table: NewTable,
  columns: string[] | undefined,
  recordStep: string,
): StatementBody {
  const list = columns === undefined ? '' : ` (${columns.map((name) => t.names.quote(name)).join(', ')})`;
  const text = query(t);
  return {
    command: 'CREATE TABLE AS',
    steps: [
      `CREATE ${table.temporary ? 'TEMP ' : ''}TABLE ${table.ifNotExists}${table.name}${list} AS ${text}`,
      `SELECT "_redshift_state"."settle_types"(${quoteLiteral(table.target)}::regclass)`,
      recordStep,
    ],
  };
}

/**
 * `CREATE TABLE t (LIKE parent [INCLUDING|EXCLUDING DEFAULTS])` at LIKE, inside the parentheses. Distribution, sort
 * keys, encodings and NOT NULL are copied. Keys are not, and defaults only on request.
 */
export function createTableLike(t: Translation, table: NewTable): StatementBody {
  const { reader } = t;
  reader.expectWords('like');
  const parent = t.target(t.relationName());
  const defaults = reader.acceptWords('including', 'defaults') ? ' INCLUDING DEFAULTS' : '';
  if (defaults === '') reader.acceptWords('excluding', 'defaults');
  if (reader.isOperator(','))
    throw new RedshiftError('LIKE cannot be combined with other column definitions', '42601');
  return {
    command: 'CREATE TABLE',
    steps: [
      `CREATE ${table.temporary ? 'TEMP ' : ''}TABLE ${table.ifNotExists}${table.name} (LIKE ${parent} INCLUDING CONSTRAINTS${defaults})`,
      `SELECT "_redshift_state"."copy_table_record"(${quoteLiteral(table.target)}::regclass, ${quoteLiteral(parent)}::regclass)`,
    ],
  };
}

/** `ALTER TABLE target APPEND FROM source [IGNOREEXTRA|FILLTARGET]` after APPEND: it commits, and must be alone. */
export function appendFrom(t: Translation, target: string): StatementBody {
  const { reader } = t;
  reader.expectWords('from');
  const source = t.target(t.relationName());
  const extra = reader.acceptOneOf('ignoreextra', 'filltarget') ?? '';
  if (reader.isWords('ignoreextra') || reader.isWords('filltarget'))
    throw new RedshiftError('cannot specify both IGNOREEXTRA and FILLTARGET', '42601');
  return {
    command: 'ALTER TABLE APPEND',
    steps: [
      `LOCK TABLE ${target}, ${source} IN ACCESS EXCLUSIVE MODE`,
      `SELECT "_redshift_state"."append_table"(${quoteLiteral(target)}::regclass, ${quoteLiteral(source)}::regclass, '${extra}')`,
    ],
    transaction: 'alone',
  };
}
