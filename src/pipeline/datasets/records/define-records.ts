import { EPOCH_UNITS, type EpochUnit } from '../../item/epoch.ts';
import { type ColumnType, columnType, type ValueOf, type WrittenType } from './column-type.ts';
import type { JsonRecord, JsonValue } from './json-value.ts';

interface About<T> {
  /** Of its values. A value that the type cannot hold exactly sets the record aside. */
  readonly type: T;
  /** What the column means, for the catalogue. At most 255 characters. */
  readonly comment?: string;
}

/**
 * A column that takes a value of the record, by its path: `payload.sessionId`. A dot in a name is written `%2E`. Of several
 * paths, the first that has a value counts. A value that is missing or null is NULL.
 */
interface MappedColumn<T> extends About<T> {
  readonly from: string | readonly string[];
  /** Changes the value, if there is one, before it is checked. */
  readonly convert?: (value: Exclude<JsonValue, null>) => ValueOf<T>;
  /** For `timestamp` and `date`: numbers count seconds, milliseconds or microseconds since 1970. Without it, times are ISO 8601 text. */
  readonly epoch?: T extends 'timestamp' | 'date' ? EpochUnit : never;
  readonly compute?: never;
}

/** A column that a function computes. A function that throws sets the record aside. */
interface ComputedColumn<T, R> extends About<T> {
  readonly compute: (record: R) => ValueOf<T>;
  readonly from?: never;
  readonly convert?: never;
  readonly epoch?: never;
}

export type WrittenColumn<T, R> = MappedColumn<T> | ComputedColumn<T, R>;

/** A column as data. */
export interface RecordColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment?: string;
  /** The names on the way to its value, one list per path; undefined if it is computed. */
  readonly from?: readonly (readonly string[])[];
  readonly epoch?: EpochUnit;
  readonly convert?: (value: Exclude<JsonValue, null>) => unknown;
  readonly compute?: (record: JsonRecord) => unknown;
}

/** What a record module exports by default. */
export interface RecordDefinition {
  readonly columns: readonly RecordColumn[];
}

/**
 * The columns of a dataset, in their order: the default export of a record module.
 *
 *     export default defineRecords({
 *       session_id: { type: 'string', comment: 'The session.', from: 'payload.sessionId' },
 *       client: { type: 'string', comment: 'Which client it was.', compute: (record: AccessRecord) => clientOf(record) },
 *     });
 *
 * Functions get the record as it was parsed. Its numbers are exact: one that JavaScript's numbers do not hold is a bigint or
 * a `WrittenNumber`.
 * @throws TypeError with every column that is wrong
 */
export function defineRecords<
  const T extends Readonly<Record<string, WrittenType>>,
  R extends object = JsonRecord,
>(columns: { readonly [C in keyof T]: WrittenColumn<T[C], R> }): RecordDefinition {
  return recordDefinition({
    columns: Object.entries(columns).map(([name, column]) => ({ ...Object(column), name })),
  });
}

const NAME = /^[a-z_][a-z0-9_]{0,126}$/;
/** https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html */
const MAX_COMMENT = 255;
const COMMENT = /^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}\t]*$/u;
const isCatalogueComment = (text: string) => text.length <= MAX_COMMENT && COMMENT.test(text);
const MAX_COLUMNS = 1500;
const KNOWN = new Set(['name', 'type', 'comment', 'from', 'convert', 'epoch', 'compute']);

function recordDefinition({
  columns,
}: {
  readonly columns: readonly Record<string, unknown>[];
}): RecordDefinition {
  const problems: string[] = [];
  if (columns.length === 0) problems.push('expected at least one column');
  if (columns.length > MAX_COLUMNS) problems.push(`expected at most ${MAX_COLUMNS} columns`);
  const checked = columns.flatMap((column) => {
    try {
      return [checkedColumn(column)];
    } catch (error) {
      problems.push(`column ${String(column.name)}: expected ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  return { columns: checked };
}

function checkedColumn(column: Record<string, unknown>): RecordColumn {
  const { name, type: written, comment, from, convert, epoch, compute } = column;
  const unknown = Object.keys(column).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new TypeError(`no key ${JSON.stringify(unknown)}`);
  if (typeof name !== 'string' || !NAME.test(name))
    throw new TypeError(
      'a name of lower-case letters, digits and _, at most 127, not beginning with a digit',
    );
  const type = columnType(written);
  if (comment !== undefined && (typeof comment !== 'string' || !isCatalogueComment(comment)))
    throw new TypeError(
      `a comment in one line of at most ${MAX_COMMENT} characters, the limit of the Glue catalogue`,
    );
  if ((from === undefined) === (compute === undefined))
    throw new TypeError('exactly one of from and compute');
  const about = { name, type, ...(comment !== undefined && { comment }) };
  if (compute !== undefined) {
    if (typeof compute !== 'function') throw new TypeError('a function as compute');
    if (convert !== undefined || epoch !== undefined) throw new TypeError('convert and epoch only with from');
    return { ...about, compute: compute as (record: JsonRecord) => unknown };
  }
  if (convert !== undefined && typeof convert !== 'function') throw new TypeError('a function as convert');
  if (epoch !== undefined && !(type.kind === 'timestamp' || type.kind === 'date'))
    throw new TypeError('epoch only with the types timestamp and date');
  if (epoch !== undefined && !EPOCH_UNITS.includes(epoch as EpochUnit))
    throw new TypeError(`epoch: ${EPOCH_UNITS.join(', ')}`);
  return {
    ...about,
    from: pathsOf(from),
    ...(epoch !== undefined && { epoch: epoch as EpochUnit }),
    ...(convert !== undefined && { convert: convert as (value: Exclude<JsonValue, null>) => unknown }),
  };
}

function pathsOf(from: unknown): string[][] {
  const paths = Array.isArray(from) ? from : [from];
  if (paths.length === 0) throw new TypeError('at least one path in from');
  return paths.map((path) => {
    if (typeof path !== 'string' || path.split('.').some((step) => step === ''))
      throw new TypeError('paths in from such as payload.sessionId: names with one dot between them');
    return path.split('.').map(nameOf);
  });
}

function nameOf(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw new TypeError(
      `a path with escapes such as %2E, not ${JSON.stringify(step)}; a percent sign is %25`,
    );
  }
}
