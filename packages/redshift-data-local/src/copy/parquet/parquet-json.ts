import { FieldError } from '../values/field-error.ts';
import { decimalText, type Unscaled } from './decimal-text.ts';
import type { ParquetNode } from './parquet-schema.ts';
import { dateText, microseconds, timestampText } from './parquet-time.ts';

/** A value as JSON for a SUPER column (AWS: "SERIALIZETOJSON"). @throws FieldError if it has no JSON */
export function parquetJson(value: unknown, node: ParquetNode): string {
  if (value === null || value === undefined) return 'null';
  const { type, children } = node;
  switch (type.kind) {
    case 'struct': {
      const fields = value as Record<string, unknown>;
      return `{${children.map((child) => `${JSON.stringify(child.name)}:${parquetJson(fields[child.name], child)}`).join(',')}}`;
    }
    case 'map': {
      const entries = Object.entries(value as Record<string, unknown>);
      return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${parquetJson(item, children[1]!)}`).join(',')}}`;
    }
    case 'list':
      return `[${(value as unknown[]).map((item) => parquetJson(item, children[0]!)).join(',')}]`;
    case 'boolean':
    case 'integer':
      return String(value as boolean | number | bigint);
    case 'float':
    case 'double':
      if (!Number.isFinite(value))
        throw new FieldError(1224, `JSON has no number ${String(value as number)}`);
      return String(value as number);
    case 'decimal':
      return decimalText(value as Unscaled, type.scale);
    case 'text':
      return JSON.stringify(text(value as string | Uint8Array));
    case 'date':
      return quoted(dateText(BigInt(value as number)));
    case 'timestamp':
      return quoted(timestampText(microseconds(BigInt(value as bigint), type.unit)));
    case 'bytes':
    case 'other':
      throw new FieldError(1224, `A value of this Parquet type has no JSON: ${node.name}`);
  }
}

function quoted(time: string | undefined): string {
  if (time === undefined) throw new FieldError(1206, 'The date or time is not of the years 1 to 9999');
  return JSON.stringify(time);
}

/** The texts of nested columns are decoded already. */
function text(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('utf8');
}
