import type { TargetColumn } from '../src/copy/target-column.ts';
import { TokenReader } from '../src/sql/tokens/token-reader.ts';
import { tokenize } from '../src/sql/tokens/tokenizer.ts';
import { parseTypeName } from '../src/sql/type-name.ts';

/** A nullable column of a type as DDL writes it. */
export function columnOf(name: string, type: string): TargetColumn {
  const {
    kind,
    display,
    maxBytes = 0,
    precision = 0,
    scale = 0,
  } = parseTypeName(new TokenReader(tokenize(type)), 'column');
  return { name, physicalName: name, kind, display, maxBytes, precision, scale, notNull: false };
}
