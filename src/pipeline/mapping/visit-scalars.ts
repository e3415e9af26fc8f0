import type { AttributeValue, Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { attributePath, entityPath, entryPath, memberPath, type Path, ROOT } from '../item/path.ts';
import { routeTest } from './entity-route.ts';
import { columnMapping, type Mapping } from './mapping.ts';

/** A value that is one cell: a member of a set counts as one as well. */
export type Scalar = { readonly S: string } | { readonly N: string } | { readonly other: true };

/**
 * Calls `visit` with each scalar of the items at the path that its column has by the mapping. What the mapping ignores or
 * keeps whole is passed over.
 */
export function visitScalars(
  items: readonly Item[],
  key: Key,
  mapping: Pick<Mapping, 'columns' | 'entities'>,
  visit: (path: Path, scalar: Scalar) => void,
): void {
  const routes = Object.entries(mapping.entities).map(
    ([entity, route]) => [entityPath(entity), routeTest(route, key)] as const,
  );
  const settings = (path: Path) => columnMapping(mapping as Mapping, path) ?? {};

  function fields(map: Item, parent: Path): void {
    for (const [name, value] of Object.entries(map)) at(value, attributePath(parent, name));
  }
  function at(value: AttributeValue, path: Path): void {
    const { ignore, asSuper, asRows } = settings(path);
    if (ignore || asSuper) return;
    if ('S' in value) visit(path, { S: value.S });
    else if ('N' in value) visit(path, { N: value.N });
    else if ('SS' in value) for (const S of value.SS) visit(memberPath(path), { S });
    else if ('NS' in value) for (const N of value.NS) visit(memberPath(path), { N });
    else if ('L' in value) for (const member of value.L) at(member, memberPath(path));
    else if ('M' in value && asRows) for (const entry of Object.values(value.M)) entryOf(entry, path);
    else if ('M' in value) fields(value.M, path);
    else if (!('NULL' in value)) visit(path, { other: true });
  }
  function entryOf(entry: AttributeValue, path: Path): void {
    if ('M' in entry) fields(entry.M, entryPath(path));
    else at(entry, entryPath(path));
  }

  for (const item of items) {
    const [root = ROOT] = routes.find(([, belongs]) => belongs(item)) ?? [];
    fields(item, root);
  }
}
