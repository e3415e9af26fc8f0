import { cellOf, type InstantRule } from './cell.ts';
import { typeText } from './column-type.ts';
import type { RecordColumn, RecordDefinition } from './define-records.ts';
import { isJsonRecord, type JsonRecord, type JsonValue, parseJson } from './json-value.ts';
import { localHours } from './local-time.ts';
import { Misfit } from './misfit.ts';
import type { Cell, RecordRow } from './record-row.ts';

/** Why a record has no row. */
export class RecordRefused extends Error {
  override readonly name = 'RecordRefused';
  /** What a function threw: unlike the message, it may quote values. */
  readonly detail: string | undefined;

  constructor(reason: string, detail?: string) {
    super(reason);
    this.detail = detail;
  }
}

/** @param timezone whose days columns of type `date` have. Default: UTC */
export function recordMapper(
  { columns }: RecordDefinition,
  timezone = 'UTC',
): (record: JsonRecord) => RecordRow {
  const local = localHours(timezone);
  const rules = columns.map(({ epoch }): InstantRule => ({ epoch, local }));
  return (record) => ({ cells: columns.map((column, i) => columnCell(column, record, rules[i]!)) });
}

function columnCell(column: RecordColumn, record: JsonRecord, rule: InstantRule): Cell {
  const value = columnValue(column, record);
  try {
    return cellOf(value, column.type, rule);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const where = column.from?.map((path) => path.join('.')).join(' or ') ?? 'its function';
    const { path = '', type = column.type } = error.member ?? {};
    // Without indexes, the reason is the same for all members of a list.
    const any = `${column.name}${path.replaceAll(/\[\d+\]/g, '[]')}`;
    throw new RecordRefused(
      `column ${any}: expected ${typeText(type)}, got ${error.message} (${where})`,
      path.includes('[') ? `${column.name}${path}` : undefined,
    );
  }
}

function columnValue({ name, from = [], convert, compute }: RecordColumn, record: JsonRecord): unknown {
  if (compute !== undefined) return called(name, () => compute(record));
  for (const path of from) {
    const value = valueAt(record, path);
    if (value !== undefined && value !== null) return convert ? called(name, () => convert(value)) : value;
  }
  return null;
}

function called(name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw new RecordRefused(`column ${name}: its function threw`, thrownText(error));
  }
}

/** Anything can be thrown, also what cannot become text. */
function thrownText(error: unknown): string {
  try {
    return String(error).slice(0, 500);
  } catch {
    return 'a value that is no text';
  }
}

function valueAt(record: JsonRecord, path: readonly string[]): JsonValue | undefined {
  let within = record;
  for (let i = 0; ; i++) {
    const step = path[i]!;
    if (!Object.hasOwn(within, step)) return undefined;
    const value = within[step];
    if (i === path.length - 1) return value;
    if (!isJsonRecord(value)) return undefined;
    within = value;
  }
}

/**
 * The record of a text.
 * @throws RecordRefused if it is not JSON, or not an object
 */
export function recordOf(text: string): JsonRecord {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RecordRefused('not JSON', thrownText(error));
  }
  if (!isJsonRecord(value)) throw new RecordRefused('not a JSON object');
  return value;
}
