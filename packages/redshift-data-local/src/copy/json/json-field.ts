import type { TargetColumn } from '../target-column.ts';
import { type FieldOptions, loadValue } from '../values/field-rules.ts';
import type { JsonNode } from './json-node.ts';
import { jsonString, stringEnd } from './json-string.ts';

/**
 * Checks a JSON value as Redshift does and returns it as PostgreSQL reads it (latin1), or null for NULL. A SUPER column
 * takes the value itself. Any other column takes its text: a string's content, a number or a word as it is written, an
 * object or array as a whole. @throws FieldError
 */
export function loadJson(node: JsonNode, column: TargetColumn, options: FieldOptions): string | null {
  if (node.kind === 'null') return null;
  if (column.kind === 'super') return loadValue(node.text, column, options);
  return loadValue(fieldText(node, column), column, options);
}

function fieldText(node: JsonNode, column: TargetColumn): string {
  switch (node.kind) {
    case 'string':
      return jsonString(node.text);
    case 'object':
    case 'array':
      return withoutLineEnds(node.text);
    case 'number':
      return column.kind === 'numeric' ? decimalText(node.text) : node.text;
    case 'boolean':
    case 'null':
      return node.text;
  }
}

/**
 * AWS, "COPY from JSON format": an object or array is loaded as a string. In the page's examples, the line ends between
 * its parts are gone with the indentation, and other blanks are not.
 */
function withoutLineEnds(json: string): string {
  if (!/[\r\n]/.test(json)) return json;
  let kept = '';
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const end = quote < 0 ? json.length : quote;
    const lines = json.slice(at, end).split(/[\r\n]+/);
    kept += lines.map((line, index) => trimmed(line, index > 0, index < lines.length - 1)).join('');
    at = quote < 0 ? end : stringEnd(json, quote);
    kept += json.slice(end, at);
  }
  return kept;
}

function trimmed(line: string, atStart: boolean, atEnd: boolean): string {
  const started = atStart ? line.trimStart() : line;
  return atEnd ? started.trimEnd() : started;
}

/**
 * AWS, "Loss of numeric precision": a number with a fraction passes through a floating point number, and that value,
 * which may be a little less than the number that was written, is cut to the column's scale. So 0.29 becomes 0.28 in a
 * DECIMAL(8,2), unless it is written as a string or the COPY has ROUNDEC.
 */
function decimalText(number: string): string {
  if (/^-?\d+$/.test(number)) return number;
  const value = Number(number);
  // An integer from here on, which `toFixed` would write with an exponent.
  if (Math.abs(value) >= 1e21) return Number.isFinite(value) ? String(BigInt(value)) : number;
  return value.toFixed(100);
}
