import { quoteLiteral } from './identifier.ts';
import type { Translation } from './translation.ts';
import { NotSupported } from './unsupported.ts';

/**
 * Reads a dotted name: a column, or a path into its SUPER value (`t.data.items[0].name`).
 * Names in a path fold like all names, so an attribute with capitals is not found (AWS: SUPER and
 * `enable_case_sensitive_identifier`).
 */
export function columnPath(t: Translation, parts: string[]): string {
  const { reader, scope } = t;
  const columns = scope === undefined ? parts.length : Math.min(parts.length, scope.columnParts(parts));
  if (columns > 3) throw new NotSupported(`the name ${parts.join('.')}`);
  const column = parts
    .slice(0, columns)
    .map((part) => t.names.quote(part))
    .join('.');
  let path = column;
  const attribute = (name: string) => {
    path = `(${path} -> ${quoteLiteral(name)})`;
  };
  parts.slice(columns).forEach(attribute);
  for (;;) {
    if (reader.acceptOperator('[')) {
      if (reader.peek().kind !== 'number') throw new NotSupported('a subscript that is not a plain number');
      path = `"_redshift"."super_item"(${path}, ${reader.integer()})`;
      reader.expectOperator(']');
    } else if (path !== column && reader.isOperator('.') && reader.isIdentifier(1)) {
      reader.next();
      attribute(reader.identifier());
    } else break;
  }
  if (path === column) return column;
  t.superNavigations++;
  t.lastNavigation = path;
  return t.lastNavigation;
}
