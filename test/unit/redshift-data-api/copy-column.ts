import type { TargetColumn } from '../../../local/redshift-data-api/copy/target-column.ts';
import { TokenReader } from '../../../local/redshift-data-api/sql/token-reader.ts';
import { tokenize } from '../../../local/redshift-data-api/sql/tokenizer.ts';
import { parseTypeName } from '../../../local/redshift-data-api/sql/type-name.ts';

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
