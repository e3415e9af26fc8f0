import { Buffer } from 'node:buffer';
import { isNested, type TableColumn } from '../pipeline/datasets/parquet/column-type.ts';
import type { StepRow, StepValue } from '../pipeline/datasets/records/step-context.ts';
import type { StepRows } from './step-messages.ts';

/**
 * Makes rows of the engine's texts. What a function must not take for NULL throws when it is read: a list, a struct, and a column
 * that there is not.
 */
export function rowMaker(input: string, columns: readonly TableColumn[]): (rows: StepRows) => StepRow[] {
  const shown = columns.filter(({ type }) => !isNested(type));
  const known = new Set<string | symbol>(shown.map(({ name }) => name));
  const hidden = new Set<string | symbol>(
    columns.filter(({ type }) => isNested(type)).map(({ name }) => name),
  );
  const prototype = new Proxy(Object.prototype, {
    get(target, name, receiver): unknown {
      if (hidden.has(name))
        throw new TypeError(
          `${input}.${String(name)} is a list or a struct: take what you need of it with SQL, in a dataset of its own`,
        );
      if (
        typeof name === 'symbol' ||
        name in target ||
        known.has(name) ||
        name === 'then' ||
        name === 'toJSON'
      )
        return Reflect.get(target, name, receiver);
      throw new TypeError(`${input} has no column ${name}: it has ${[...known].join(', ')}`);
    },
  });
  return (rows) =>
    rows.map((texts) => {
      const row = Object.create(prototype) as Record<string, StepValue>;
      for (const [index, { name, type }] of shown.entries()) {
        const text = texts[index] ?? null;
        row[name] = text === null ? null : typedValue(text, type.kind);
      }
      return row;
    });
}

function typedValue(text: string, kind: TableColumn['type']['kind']): StepValue {
  switch (kind) {
    case 'bigint':
      return BigInt(text);
    case 'double':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'binary':
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'string':
    case 'decimal':
    case 'date':
    case 'timestamp':
    case 'list':
    case 'struct':
      return text;
  }
}
