import { Transient } from '../errors.ts';
import type { Row } from '../warehouse.ts';

type Value = Row[string];

interface ResultAnswer {
  readonly Records?: readonly (readonly Record<string, Value>[])[];
  readonly ColumnMetadata?: readonly { readonly label?: string; readonly name?: string }[];
  readonly NextToken?: string;
}

/** One page of a statement's result. */
export interface ResultPage {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/**
 * A GetStatementResult answer as rows. Read from the answer's text: a longValue is a JSON number there, and the
 * SDK's own reading rounds what exceeds 2^53. Such values come as text. DECIMAL, SUPER, dates and timestamps are
 * text already; VARBYTE is hexadecimal text.
 */
export function parseResultAnswer(body: Buffer): ResultPage {
  const answer = parse(body.toString('utf8'));
  const names = (answer.ColumnMetadata ?? []).map(
    ({ label, name }, index) => label || name || `column${index + 1}`,
  );
  return {
    // fromEntries makes own properties, whatever a column is called.
    rows: (answer.Records ?? []).map((record) =>
      Object.fromEntries(record.map((field, index) => [names[index] ?? `column${index + 1}`, cellOf(field)])),
    ),
    nextToken: answer.NextToken || undefined,
  };
}

function parse(text: string): ResultAnswer {
  try {
    return JSON.parse(text, exactly) as ResultAnswer;
  } catch {
    // Not the parser's message: it quotes the data. `$retryable` has the SDK ask again.
    const error = new Transient('DamagedAnswer', 'A page of the result is not JSON; it is read again.');
    throw Object.assign(error, { $retryable: { throttling: false } });
  }
}

/** JSON.parse's reviver: integers that a number cannot hold keep their text. */
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

/** A field is a union: one member, named by its kind. `isNull` stands alone. */
function cellOf(field: Readonly<Record<string, Value>>): Value {
  if (field.isNull === true) return null;
  if (typeof field.blobValue === 'string') return Buffer.from(field.blobValue, 'base64').toString('hex');
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}
