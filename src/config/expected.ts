import { configJsonSchema } from './tributary-config.ts';

/** What the file may contain at a path, in words. Derived from the schema, so that it cannot go stale. */

/** The subset of JSON Schema that zod generates for our configuration. */
export interface SchemaNode {
  readonly type?: string;
  /** What a text must be, in words. */
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  /** Maps that differ by their `kind`. */
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  /** Of a list: what each of its values may be. */
  readonly items?: SchemaNode;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

type Path = readonly PropertyKey[];

let whole: SchemaNode | undefined;

/** The title of the whole file is its name, not what it must be. */
function wholeFile(): SchemaNode {
  if (whole === undefined) {
    const { title: _, ...schema } = configJsonSchema();
    whole = schema;
  }
  return whole;
}

/**
 * The schema at a path of the document; undefined if the schema has no such path.
 * @param content the document, for the kinds of its maps; without it, a map of several kinds may have what any kind may have
 */
export function schemaAt(path: Path, content?: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = wholeFile();
  let value = content;
  for (const step of path) {
    const map: SchemaNode | undefined = node && mapIn(node, value);
    value =
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
    const named: SchemaNode | undefined = map?.properties?.[String(step)];
    const any: SchemaNode | boolean | undefined = map?.additionalProperties;
    node =
      typeof step === 'number'
        ? node && listIn(node).items
        : (named ?? (typeof any === 'object' ? any : undefined));
  }
  return node;
}

/** The map among what is allowed, e.g. beside a word, or of the value's kind; else the node itself. */
export function mapIn(node: SchemaNode, value?: unknown): SchemaNode {
  if (node.oneOf !== undefined) return ofKind(node.oneOf, value) ?? ofAnyKind(node.oneOf);
  const maps = node.anyOf?.filter(({ properties }) => properties !== undefined) ?? [];
  return maps.toSorted((a, b) => keysIn(b, value) - keysIn(a, value))[0] ?? node;
}

/** How many keys of the value the map may have: of maps that differ by their keys, the value is the one with the most. */
const keysIn = ({ properties = {} }: SchemaNode, value: unknown): number =>
  Object.keys(Object(value)).filter((key) => Object.hasOwn(properties, key)).length;

/** What a map of several kinds says of its kind. */
export const kindOf = ({ properties }: SchemaNode): string => String(properties?.kind?.const);

const ofKind = (kinds: readonly SchemaNode[], value: unknown): SchemaNode | undefined =>
  kinds.find((each) => kindOf(each) === (value as { kind?: unknown } | null | undefined)?.kind);

const ofAnyKind = (kinds: readonly SchemaNode[]): SchemaNode => ({
  type: 'object',
  properties: {
    ...Object.assign({}, ...kinds.map(({ properties }) => properties)),
    kind: { enum: kinds.map(kindOf) },
  },
});

/** The list among what is allowed; else the node itself. */
const listIn = (node: SchemaNode): SchemaNode => node.anyOf?.find(({ items }) => items !== undefined) ?? node;

/** The keys that the map at this path may have; empty if any name is allowed. */
export function knownKeys(path: Path, content?: unknown): string[] {
  const node = schemaAt(path, content);
  const value = path.reduce(
    (held, step) => (held as Record<PropertyKey, unknown> | null | undefined)?.[step],
    content,
  );
  return node === undefined ? [] : Object.keys(mapIn(node, value).properties ?? {});
}

/** `a whole number from 1 to 2000`. */
export function inWords(node: SchemaNode): string {
  if (node.title !== undefined) return node.title;
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(inWords))].join(' or ');
  if (node.oneOf !== undefined) return `a map whose kind is ${node.oneOf.map(kindOf).join(', ')}`;
  switch (node.type ?? '') {
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range(node)}`;
    case 'number':
      return `a number${range(node)}`;
    case 'array':
      return 'a list';
    case 'object': {
      const keys = Object.keys(node.properties ?? {});
      return keys.length === 0 ? 'a map of names' : `a map with ${keys.join(', ')}`;
    }
    default:
      return 'a value';
  }
}

function range({ minimum, maximum, exclusiveMinimum }: SchemaNode): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && bounded) return ` from ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) return `, ${minimum} or more`;
  return bounded ? `, ${maximum} or less` : '';
}
