import { createHash } from 'node:crypto';
import { expression } from './expression.ts';
import { quoteLiteral } from './identifier.ts';
import { appendFrom, createTableAs, createTableLike, type NewTable } from './table-copies.ts';
import type { StatementBody } from './translated-statement.ts';
import type { Translation } from './translation.ts';
import { parseTypeName, type TypeName } from './type-name.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/**
 * Columns that every table has. Today's PostgreSQL has no `oid` and never had the last two; Redshift's PostgreSQL 8
 * had `oid`. Whether Redshift refuses all of them is undocumented, so we refuse them.
 */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  'oid tableoid xmin cmin xmax cmax ctid insertxid deletexid'.split(' '),
);

/** What Redshift records about a table and PostgreSQL does not; stored by the table's oid. */
interface TableRecord {
  diststyle: string;
  sortstyle: string;
  sortkey: string[];
  distkey?: string;
  primaryKey: string[];
  columns: { name: string; display: string; encode: string }[];
}

interface ColumnDefinition {
  name: string;
  type: TypeName;
  text: string;
  encode: string;
}

const ENCODINGS = new Set(
  'raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd auto'.split(
    ' ',
  ),
);

/** Redshift's limit, and PostgreSQL's. */
const MAX_COLUMNS = 1_600;

/** `CREATE [[LOCAL] TEMP[ORARY]] TABLE …` after the word TABLE. */
export function createTable(t: Translation, temporaryWord: boolean): StatementBody {
  const { reader } = t;
  const ifNotExists = reader.acceptWords('if', 'not', 'exists') ? 'IF NOT EXISTS ' : '';
  const relation = t.relationName();
  const temporary = temporaryWord || relation.name.startsWith('#');
  if (temporary && relation.schema !== undefined)
    throw new RedshiftError('temporary tables may not specify a schema name', '42P16');
  const name = t.target(relation);
  const target = temporary ? `pg_temp.${name}` : name;
  const table: NewTable = { name, target, temporary, ifNotExists };
  const record: TableRecord = {
    diststyle: 'AUTO',
    sortstyle: 'AUTO',
    sortkey: [],
    primaryKey: [],
    columns: [],
  };
  if (reader.isOperator('(') && reader.peek(1).value === 'like' && reader.peek(1).kind === 'word') {
    reader.next();
    const body = createTableLike(t, table);
    reader.expectOperator(')');
    return body;
  }
  if (!reader.isOperator('(') || isNameList(t)) {
    const names = reader.isOperator('(') ? reader.parenthesized(() => reader.identifier()) : undefined;
    tableAttributes(t, record);
    reader.expectWords('as');
    return createTableAs(t, table, names, recordTable(t, target, record));
  }
  const columns: ColumnDefinition[] = [];
  reader.parenthesized(() => {
    if (!tableConstraint(t, record)) columns.push(columnDefinition(t, record));
  });
  tableAttributes(t, record);
  if (columns.length > MAX_COLUMNS)
    throw new RedshiftError(`tables can have at most ${MAX_COLUMNS} columns`, '54011');
  const named = new Set<string>();
  for (const { name } of columns) {
    if (SYSTEM_COLUMNS.has(name)) {
      throw new RedshiftError(`column name "${name}" conflicts with a system column name`, '42701');
    }
    if (named.has(name)) throw new RedshiftError(`column "${name}" specified more than once`, '42701');
    named.add(name);
  }
  for (const column of [
    ...record.primaryKey,
    ...record.sortkey,
    ...(record.distkey === undefined ? [] : [record.distkey]),
  ]) {
    if (!named.has(column))
      throw new RedshiftError(`column "${column}" named in key does not exist`, '42703');
  }
  for (const { name, type } of columns) {
    if (type.kind === 'super' && (record.distkey === name || record.sortkey.includes(name)))
      throw new RedshiftError(`SUPER column "${name}" cannot be a distribution or sort key`, '0A000');
  }
  const definitions = columns.map(({ name, text }) =>
    // A primary key is informational; its NOT NULL is enforced.
    record.primaryKey.includes(name) && !text.includes(' NOT NULL') ? `${text} NOT NULL` : text,
  );
  record.columns = columns.map(({ name, type, encode }) => ({ name, display: type.display, encode }));
  return {
    command: 'CREATE TABLE',
    steps: [
      `CREATE ${temporary ? 'TEMP ' : ''}TABLE ${ifNotExists}${name} (${definitions.join(', ')})`,
      recordTable(t, target, record),
    ],
  };
}

/** `(a, b)`: the column names of a CREATE TABLE AS, without types. */
function isNameList(t: Translation): boolean {
  return t.reader.isIdentifier(1) && (t.reader.isOperator(',', 2) || t.reader.isOperator(')', 2));
}

function recordTable(t: Translation, target: string, record: TableRecord): string {
  const physical = (name: string) => t.names.quote(name).slice(1, -1).replaceAll('""', '"');
  const json = {
    ...record,
    sortkey: record.sortkey.map(physical),
    ...(record.distkey === undefined ? {} : { distkey: physical(record.distkey) }),
    primaryKey: record.primaryKey.map(physical),
    columns: record.columns.map((column) => ({ ...column, name: physical(column.name) })),
  };
  return `SELECT "_redshift_state"."record_table"(${quoteLiteral(target)}::regclass, ${quoteLiteral(JSON.stringify(json))}::jsonb)`;
}

/** PRIMARY KEY, UNIQUE and FOREIGN KEY: recorded at most, never enforced (AWS: "Defining table constraints"). */
function tableConstraint(t: Translation, record: TableRecord): boolean {
  const { reader } = t;
  if (reader.isWords('like'))
    throw new RedshiftError('LIKE cannot be combined with other column definitions', '42601');
  const named = reader.acceptWords('constraint');
  if (named) reader.identifier();
  if (reader.acceptWords('primary', 'key')) {
    if (record.primaryKey.length > 0)
      throw new RedshiftError('multiple primary keys for table are not allowed', '42P16');
    record.primaryKey.push(...reader.parenthesized(() => reader.identifier()));
    return true;
  }
  if (reader.isWords('unique') && reader.isOperator('(', 1)) {
    reader.next();
    reader.parenthesized(() => reader.identifier());
    return true;
  }
  if (reader.acceptWords('foreign', 'key')) {
    reader.parenthesized(() => reader.identifier());
    reader.expectWords('references');
    references(t);
    return true;
  }
  if (named || reader.isWords('check')) throw new NotSupported('CHECK constraints');
  return false;
}

function references(t: Translation): void {
  t.relationName();
  if (t.reader.isOperator('(')) t.reader.parenthesized(() => t.reader.identifier());
}

function columnDefinition(
  t: Translation,
  record: Pick<TableRecord, 'sortkey' | 'distkey' | 'primaryKey'>,
): ColumnDefinition {
  const { reader } = t;
  const name = reader.name();
  const type = parseTypeName(reader, 'column');
  let text = columnText(t, name, type);
  let encode = 'auto';
  for (;;) {
    if (reader.acceptWords('not', 'null')) text += ' NOT NULL';
    else if (reader.acceptWords('null')) continue;
    else if (reader.acceptWords('encode')) encode = encoding(t);
    else if (reader.acceptWords('distkey')) record.distkey = name;
    else if (reader.acceptWords('sortkey')) record.sortkey.push(name);
    else if (reader.acceptWords('primary', 'key')) record.primaryKey.push(name);
    else if (reader.acceptWords('unique')) continue;
    else if (reader.acceptWords('references')) references(t);
    else if (reader.acceptWords('default')) text += ` DEFAULT ${expression(t)}`;
    else if (reader.isWords('identity') || reader.isWords('generated')) text += identity(t, type);
    else if (reader.isWords('collate')) throw new NotSupported('COLLATE');
    else return { name, type, text, encode };
  }
}

/** The column with the checks that make it count bytes: PostgreSQL's own limit counts characters. */
function columnText(t: Translation, name: string, type: TypeName): string {
  const column = t.names.quote(name);
  const id = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const check = (test: string) => ` CONSTRAINT "bytes of ${type.display} ${id}" CHECK (${test})`;
  if (type.kind === 'varchar')
    return `${column} ${type.physical}${check(`octet_length(${column}) <= ${type.maxBytes}`)}`;
  if (type.kind === 'char')
    return `${column} ${type.physical}${check(`octet_length(${column}::text) = char_length(${column}::text)`)}`;
  if (type.kind === 'varbyte')
    return `${column} ${type.physical}${check(`octet_length(${column}) <= ${type.maxBytes}`)}`;
  return `${column} ${type.physical}`;
}

/** `IDENTITY(seed, step)` or `GENERATED BY DEFAULT AS IDENTITY(seed, step)`: INT and BIGINT only. */
function identity(t: Translation, type: TypeName): string {
  const { reader } = t;
  const byDefault = reader.acceptWords('generated', 'by', 'default', 'as');
  reader.expectWords('identity');
  if (type.kind !== 'integer' && type.kind !== 'bigint')
    throw new RedshiftError('identity column type must be INT or BIGINT', '22023');
  reader.expectOperator('(');
  const number = () => (reader.acceptOperator('-') ? -1 : 1) * reader.integer();
  const seed = number();
  reader.expectOperator(',');
  const step = number();
  reader.expectOperator(')');
  const bounds = step < 0 ? `MAXVALUE ${Math.max(seed, 1)}` : `MINVALUE ${Math.min(seed, 1)}`;
  return ` GENERATED ${byDefault ? 'BY DEFAULT' : 'ALWAYS'} AS IDENTITY (START WITH ${seed} INCREMENT BY ${step} ${bounds})`;
}

function encoding(t: Translation): string {
  const name = t.reader.identifier();
  if (!ENCODINGS.has(name)) throw new RedshiftError(`invalid encoding type "${name}"`, '22023');
  return name;
}

/** DISTSTYLE, DISTKEY, SORTKEY and BACKUP in any order: accepted, recorded, without effect on PostgreSQL. */
function tableAttributes(t: Translation, record: TableRecord): void {
  const { reader } = t;
  let written = record.distkey === undefined ? undefined : 'KEY';
  for (;;) {
    if (reader.acceptWords('backup')) {
      if (!reader.acceptOneOf('yes', 'no')) throw reader.syntaxError();
    } else if (reader.acceptWords('diststyle')) {
      const style = reader.acceptOneOf('auto', 'even', 'key', 'all');
      if (style === undefined) throw reader.syntaxError();
      written = style.toUpperCase();
    } else if (reader.acceptWords('distkey')) {
      const [column, ...more] = reader.parenthesized(() => reader.identifier());
      if (more.length > 0) throw new RedshiftError('DISTKEY takes one column');
      record.distkey = column!;
    } else if (reader.acceptWords('sortkey', 'auto')) record.sortstyle = 'AUTO';
    else if (reader.isWords('compound') || reader.isWords('interleaved') || reader.isWords('sortkey')) {
      record.sortstyle = reader.acceptOneOf('compound', 'interleaved')?.toUpperCase() ?? 'COMPOUND';
      reader.expectWords('sortkey');
      record.sortkey = reader.parenthesized(() => reader.identifier());
    } else if (reader.acceptWords('encode', 'auto')) continue;
    else break;
  }
  if (written === 'KEY' && record.distkey === undefined) {
    throw new RedshiftError('DISTSTYLE KEY needs a DISTKEY column');
  }
  if (record.distkey !== undefined && (written ?? 'KEY') !== 'KEY') {
    throw new RedshiftError(`cannot specify DISTKEY with DISTSTYLE ${written}`);
  }
  record.diststyle = written ?? (record.distkey === undefined ? 'AUTO' : 'KEY');
}

/** `ALTER TABLE t …` after the words ALTER TABLE. */
export function alterTable(t: Translation): StatementBody {
  const { reader } = t;
  const target = t.target(t.relationName());
  const one = (change: string): StatementBody => ({
    command: 'ALTER TABLE',
    steps: [`ALTER TABLE ${target} ${change}`],
  });
  if (reader.acceptWords('rename', 'to')) return one(`RENAME TO ${t.names.quote(reader.identifier())}`);
  if (reader.acceptWords('rename')) {
    reader.acceptWords('column');
    const from = t.names.quote(reader.identifier());
    reader.expectWords('to');
    return one(`RENAME COLUMN ${from} TO ${t.names.quote(reader.identifier())}`);
  }
  if (reader.acceptWords('owner', 'to'))
    return one(`OWNER TO ${t.names.quote(t.warehouse.roleOf('user', reader.identity('user')))}`);
  if (reader.acceptWords('append')) {
    return appendFrom(t, target);
  }
  if (reader.acceptWords('add')) {
    const record: TableRecord = {
      diststyle: 'AUTO',
      sortstyle: 'AUTO',
      sortkey: [],
      primaryKey: [],
      columns: [],
    };
    if (tableConstraint(t, record)) {
      const keys = JSON.stringify(record.primaryKey);
      return {
        command: 'ALTER TABLE',
        steps: [
          `SELECT "_redshift_state"."record_primary_key"(${quoteLiteral(target)}::regclass, ${quoteLiteral(keys)}::jsonb)`,
        ],
      };
    }
    reader.acceptWords('column');
    const column = columnDefinition(t, record);
    record.columns = [{ name: column.name, display: column.type.display, encode: column.encode }];
    return {
      command: 'ALTER TABLE',
      steps: [`ALTER TABLE ${target} ADD COLUMN ${column.text}`, recordTable(t, target, record)],
    };
  }
  if (reader.acceptWords('alter')) return alterColumn(t, target);
  if (reader.acceptWords('drop')) {
    if (reader.isWords('constraint') || reader.isWords('primary'))
      throw new NotSupported('ALTER TABLE … DROP CONSTRAINT');
    reader.acceptWords('column');
    const column = t.names.quote(reader.identifier());
    return one(
      `DROP COLUMN ${column}${reader.acceptWords('cascade') ? ' CASCADE' : reader.acceptWords('restrict') ? ' RESTRICT' : ''}`,
    );
  }
  throw reader.notSupported('this form of ALTER TABLE');
}

/**
 * `ALTER COLUMN c TYPE VARCHAR(n)`: the only change of type, and it must be alone (AWS: "ALTER TABLE").
 */
function alterColumn(t: Translation, target: string): StatementBody {
  const { reader } = t;
  reader.acceptWords('column');
  const name = reader.identifier();
  if (!reader.acceptWords('type')) throw reader.notSupported('this form of ALTER TABLE … ALTER');
  const type = parseTypeName(reader, 'column');
  if (type.kind !== 'varchar')
    throw new RedshiftError('ALTER COLUMN TYPE can only change the size of a VARCHAR column', '0A000');
  const column = t.names.quote(name);
  const text = columnText(t, name, type);
  const check = text.slice(text.indexOf('CONSTRAINT'));
  return {
    command: 'ALTER TABLE ALTER COLUMN TYPE',
    steps: [
      `LOCK TABLE ${target} IN ACCESS EXCLUSIVE MODE`,
      `SELECT "_redshift_state"."forget_varchar"(${quoteLiteral(target)}::regclass, ${quoteLiteral(column.slice(1, -1).replaceAll('""', '"'))}, ${quoteLiteral(type.display)})`,
      `ALTER TABLE ${target} ALTER COLUMN ${column} TYPE ${type.physical}, ADD ${check}`,
    ],
    transaction: 'alone',
  };
}
