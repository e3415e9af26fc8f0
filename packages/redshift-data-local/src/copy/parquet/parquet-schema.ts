import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import { type LeafType, leafType } from './leaf-type.ts';

/** A column of a Parquet file, or a part of a nested one. */
export interface ParquetNode {
  name: string;
  type: LeafType | { kind: 'struct' | 'list' | 'map' };
  /** A struct's fields, a list's element, a map's key and value. */
  children: ParquetNode[];
  /** As Redshift shows the column in an error. */
  shown: string;
}

/** The columns of a file in their order. */
export function parquetColumns(metadata: FileMetaData): ParquetNode[] {
  return new SchemaReader().columns(parquetSchema(metadata));
}

class SchemaReader {
  #leaves = 0;

  columns(root: SchemaTree): ParquetNode[] {
    return root.children.map((tree) => this.#node(tree, 0, 0));
  }

  /** @param definition and `repetition`: the levels of the group around it */
  #node(tree: SchemaTree, definition: number, repetition: number): ParquetNode {
    const { element, children } = tree;
    const d = definition + (element.repetition_type === 'REQUIRED' ? 0 : 1);
    const r = repetition + (element.repetition_type === 'REPEATED' ? 1 : 0);
    const start = `${(element.repetition_type ?? 'REQUIRED').toLowerCase()} ${(element.type ?? 'group').toLowerCase()} ${element.name}`;
    const shown = children.length === 0 ? `${start} [i:${this.#leaves++} d:${d} r:${r}]` : start;
    const node = { ...this.#content(tree, d, r), name: element.name, shown };
    return element.repetition_type === 'REPEATED'
      ? { ...node, type: { kind: 'list' }, children: [node] }
      : node;
  }

  #content(tree: SchemaTree, d: number, r: number): Pick<ParquetNode, 'type' | 'children'> {
    const { element, children } = tree;
    if (children.length === 0) return { type: leafType(element), children: [] };
    const [repeated] = children;
    const annotation = groupAnnotation(element);
    if (children.length === 1 && repeated!.element.repetition_type === 'REPEATED') {
      if (annotation === 'LIST' && repeated!.children.length <= 1) {
        const [item] = repeated!.children;
        const element =
          item === undefined ? this.#node(repeated!, d, r).children[0]! : this.#node(item, d + 1, r + 1);
        return { type: { kind: 'list' }, children: [element] };
      }
      if (annotation === 'MAP' && repeated!.children.length === 2)
        return {
          type: { kind: 'map' },
          children: repeated!.children.map((child) => this.#node(child, d + 1, r + 1)),
        };
    }
    return { type: { kind: 'struct' }, children: children.map((child) => this.#node(child, d, r)) };
  }
}

function groupAnnotation(element: SchemaElement): 'LIST' | 'MAP' | undefined {
  const { converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'LIST' || converted === 'LIST') return 'LIST';
  return logical?.type === 'MAP' || converted === 'MAP' || converted === 'MAP_KEY_VALUE' ? 'MAP' : undefined;
}

/**
 * The same file as one without logical types, so that its reader returns the values as they are stored: a DECIMAL's
 * unscaled bytes, not a floating point number. Only lists, maps and the texts within them keep their types.
 */
export function withStoredValues(metadata: FileMetaData): FileMetaData {
  const flat = new Set(
    parquetSchema(metadata)
      .children.filter(
        ({ element, children }) => children.length === 0 && element.repetition_type !== 'REPEATED',
      )
      .map(({ element }) => element),
  );
  const schema = metadata.schema.map((element): SchemaElement => {
    const { converted_type: _c, logical_type: _l, scale: _s, precision: _p, ...stored } = element;
    const isText = element.type === 'BYTE_ARRAY' && leafType(element).kind === 'text' && !flat.has(element);
    const annotation = element.type === undefined ? groupAnnotation(element) : isText ? 'UTF8' : undefined;
    return annotation === undefined ? stored : { ...stored, converted_type: annotation };
  });
  return { ...metadata, schema };
}
