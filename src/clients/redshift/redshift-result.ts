import { Transient } from '../errors.ts';
import type { Row } from '../warehouse.ts';

type Value = Row[string];

interface ResultResponse {
  readonly Records?: readonly (readonly Record<string, Value>[])[];
  readonly ColumnMetadata?: readonly {
    readonly label?: string;
    readonly name?: string;
    readonly typeName?: string;
  }[];
  readonly NextToken?: string;
}

/** One page of a statement's result. */
export interface ResultPage {
  readonly columns: readonly ResultColumn[];
  /** In the order of the columns. */
  readonly cells: readonly (readonly Value[])[];
  readonly nextToken: string | undefined;
}

export interface ResultColumn {
  readonly name: string;
  /** As the service names it, e.g. `int8`; empty if it does not. */
  readonly type: string;
}

/**
 * Parses a GetStatementResult response. A longValue is a JSON number, and the SDK's own parser rounds values above 2^53,
 * so they are read from the response's text and returned as text. DECIMAL, SUPER, dates and timestamps are text already.
 * VARBYTE is hexadecimal text.
 * @throws Transient `DamagedAnswer` if the body is not JSON. It has `$retryable`, so the SDK requests the page again.
 */
export function parseResultResponse(body: Buffer): ResultPage {
  const response = parse(body.toString('utf8'));
  return {
    columns: (response.ColumnMetadata ?? []).map(({ label, name, typeName = '' }, index) => ({
      name: label || name || unnamed(index),
      type: typeName,
    })),
    cells: (response.Records ?? []).map((record) => record.map(cellOf)),
    nextToken: response.NextToken || undefined,
  };
}

/** The rows of a page by column name. Of several columns with one name, the last one counts. */
export function rowsOf({ columns, cells }: ResultPage): Row[] {
  // fromEntries makes own properties, whatever the column's name.
  return cells.map((record) =>
    Object.fromEntries(record.map((cell, index) => [columns[index]?.name ?? unnamed(index), cell])),
  );
}

const unnamed = (index: number) => `column${index + 1}`;

function parse(text: string): ResultResponse {
  try {
    return JSON.parse(text, exactly) as ResultResponse;
  } catch {
    // Omits the parser's message, which quotes the data.
    const error = new Transient('DamagedAnswer', 'A page of the result is not JSON. The page is read again.');
    throw Object.assign(error, { $retryable: { throttling: false } });
  }
}

/** JSON.parse's reviver: integers that a number cannot hold exactly stay text. */
function exactly(
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (key === 'longValue' && typeof value === 'number' && !Number.isSafeInteger(value)) {
    return context?.source ?? value;
  }
  return value;
}

/** A field is a union: it has one member, named by its kind, or only `isNull`. */
function cellOf(field: Readonly<Record<string, Value>>): Value {
  if (field.isNull === true) return null;
  if (typeof field.blobValue === 'string') return Buffer.from(field.blobValue, 'base64').toString('hex');
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}
