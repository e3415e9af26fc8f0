import { isSystemColumn } from '../columns/column-names.ts';
import { roleSql } from '../load/copy-statement.ts';
import { guard } from '../sql/guard.ts';
import { byteLength, MAX_NAME_BYTES, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import { textSql } from '../sql/text-sql.ts';
import type { BatchFile, BatchLoad, FileColumn, FileGroup, Statement } from './batch-load.ts';
import { type ColumnType, columnType } from './column-type.ts';
import {
  DECIMAL_TEXT_TYPE,
  decimalFromText,
  isInexactText,
  isInexactValue,
  isNumber,
} from './exact-decimal.ts';
import { type Target, typeOf } from './target.ts';
import { readRows } from './temporary-tables.ts';

/** A column of a group's temporary table. */
export interface StagedColumn {
  /** Quoted. It has the name of the target's column, so that COPY's errors name it. */
  readonly sql: string;
  readonly file: FileColumn;
  /** What COPY reads it as. */
  readonly type: ColumnType;
  /** its place in the target; absent if it is left out. */
  readonly into?: { readonly column: string; readonly value: string };
  /** The condition that a value would change on its way into the target; absent if none can. */
  readonly isInexact?: string;
}

/** A temporary table has columns of ours beside the target's, and Redshift allows 1,600. */
export const MAX_STAGED_COLUMNS = 1_580;

/** What a column without a place in the target is read as. */
const ANY_TEXT = 'varchar(65535)';

/**
 * The columns of a group's temporary table: in the file's order, all nullable. LIKE would copy NOT NULL from the target, and
 * a NULL key would then fail COPY instead of being set aside.
 */
export function stagedColumns(target: Target, group: FileGroup): StagedColumn[] {
  const taken = new Set(group.columns.flatMap(({ column }) => (column === undefined ? [] : [column])));
  return group.columns.map((file, at) => {
    const { column } = file;
    if (column === undefined) {
      const sql = quoteIdentifier(nameForIgnored(file.name, at, taken));
      return { sql, file, type: columnType(file.type ?? ANY_TEXT) };
    }
    const sql = quoteIdentifier(column);
    const type = typeOf(target, column);
    if (group.format !== 'parquet' && type.kind === 'decimal') {
      return {
        sql,
        file,
        type: columnType(DECIMAL_TEXT_TYPE),
        into: { column, value: decimalFromText(sql, type) },
        isInexact: isInexactText(sql, type),
      };
    }
    const read = convertible(columnType(file.type ?? type.sql), type);
    const inserted = { sql, file, type: read };
    if (read.sql === type.sql) return { ...inserted, into: { column, value: sql } };
    const isInexact = isInexactValue(sql, read, type);
    return {
      ...inserted,
      into: { column, value: `${sql}::${type.sql}` },
      ...(isInexact === undefined ? {} : { isInexact }),
    };
  });
}

/**
 * The type to read a file's values as: its own if a cast can make the column's of it, else the column's, so that COPY refuses
 * what does not fit. A cast would cut a text, and make NULL of a nested value.
 */
function convertible(own: ColumnType, type: ColumnType): ColumnType {
  const isConvertible = (isNumber(own) && isNumber(type)) || (own.kind === 'time' && type.kind === 'time');
  return isConvertible ? own : type;
}

/** JSON's keys are matched with it, so it is the file's own name if that can be a column's. */
function nameForIgnored(name: string, at: number, taken: Set<string>): string {
  const folded = name.toLowerCase();
  const isName =
    name !== '' && !name.includes('\0') && byteLength(folded) <= MAX_NAME_BYTES && !isSystemColumn(folded);
  let given = isName && !taken.has(folded) ? folded : `_tributary_ignored_${at + 1}`;
  while (taken.has(given)) given += '_';
  taken.add(given);
  return given;
}

/** Statements that read a group's files into its temporary table, and check that every value will keep all its digits. */
export function stagingStatements(load: BatchLoad, n: number): Statement[] {
  const columns = stagedColumns(load.target, load.groups[n]!);
  const inexact = columns.flatMap(({ isInexact }) => isInexact ?? []);
  return [
    ...copyStatements(load, n).map((sql) => ({ sql })),
    ...(inexact.length === 0
      ? []
      : [
          {
            sql: guard('count(*) = 0', `${readRows(n)} WHERE ${inexact.join(' OR ')}`),
            guard: 'values' as const,
          },
        ]),
  ];
}

/**
 * A transaction that reads a group's files again and returns values that do not fit their columns exactly: rows of `column`,
 * `type` and `value`, at most 20. Undefined if the group has no such column.
 */
export function inexactValues(load: BatchLoad, n: number): string[] | undefined {
  const checked = stagedColumns(load.target, load.groups[n]!).flatMap(({ sql, into, isInexact }) =>
    into === undefined || isInexact === undefined ? [] : [{ sql, column: into.column, isInexact }],
  );
  if (checked.length === 0) return undefined;
  const pick = (value: (one: (typeof checked)[number]) => string) =>
    `CASE ${checked.map((one) => `WHEN ${one.isInexact} THEN ${value(one)}`).join(' ')} END`;
  return [
    ...copyStatements(load, n),
    `SELECT ${pick(({ column }) => textSql(column))} AS "column", ` +
      `${pick(({ column }) => quoteLiteral(typeOf(load.target, column).sql))} AS "type", ` +
      `${pick(({ sql }) => `${sql}::VARCHAR`)} AS "value" ` +
      `FROM ${readRows(n)} WHERE ${checked.map(({ isInexact }) => isInexact).join(' OR ')} LIMIT 20`,
  ];
}

function copyStatements({ target, groups, bucket, iamRole, region }: BatchLoad, n: number): string[] {
  const group = groups[n]!;
  const definitions = stagedColumns(target, group).map(({ sql, type }) => `${sql} ${type.sql}`);
  const copy = [
    `COPY ${readRows(n)} FROM ${quoteLiteral(`s3://${bucket}/${group.manifestKey}`)}`,
    `${roleSql(iamRole)} MANIFEST`,
    ...group.copyOptions,
    // COPY of Parquet takes few options: https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
    ...(group.format === 'parquet' ? [] : ['COMPUPDATE OFF']),
    'STATUPDATE OFF',
    ...(region === undefined || group.format === 'parquet' ? [] : [`REGION ${quoteLiteral(region)}`]),
  ];
  return [`CREATE TEMP TABLE ${readRows(n)} (${definitions.join(', ')})`, copy.join(' ')];
}

/**
 * The body of COPY's manifest for a group's files: each once, in order, with its length, which Parquet requires. Each is
 * mandatory, because by default COPY skips missing files.
 */
export function batchManifestBody(files: readonly BatchFile[]): string {
  const entries = files.map(({ bucket, key, bytes, copiedTo }) => ({
    url: `s3://${copiedTo?.bucket ?? bucket}/${copiedTo?.key ?? key}`,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  return `${JSON.stringify({ entries }, undefined, 1)}\n`;
}
