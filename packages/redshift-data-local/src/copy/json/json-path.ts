import { FieldError } from '../values/field-error.ts';
import type { JsonNode } from './json-node.ts';

/** The steps from the root to one element: names of members (latin1, as `JsonNode` has them) and indexes of items. */
export type JsonPath = readonly (string | number)[];

const BRACKETS = /^\$(?:\['[^'[\]]*'\]|\[\d+\])+$/;
const DOTS = /^\$(?:\[\d+\])*(?:\.[^.'[\]]+(?:\[\d+\])*)*$/;
const STEP = /\['([^']*)'\]|\[(\d+)\]|\.([^.'[\]]+)/g;

export interface ParsedPath {
  path: JsonPath;
  /** `either` if the path has only indexes. */
  notation: 'brackets' | 'dots' | 'either';
}

/**
 * Parses a JSONPath expression: `$['a']['b'][0]` or `$.a.b[0]` (AWS: "JSONPath expressions").
 * @returns nothing if it is neither, or names the root alone
 */
export function parseJsonPath(text: string): ParsedPath | undefined {
  const isBrackets = BRACKETS.test(text);
  if (text === '$' || !(isBrackets || DOTS.test(text))) return undefined;
  const path = Array.from(text.matchAll(STEP), ([, quoted, index, plain]) =>
    index === undefined ? Buffer.from((quoted ?? plain)!, 'utf8').toString('latin1') : Number(index),
  );
  const isEither = path.every((step) => typeof step === 'number');
  return { path, notation: isEither ? 'either' : isBrackets ? 'brackets' : 'dots' };
}

/**
 * The element that a path refers to, or nothing if a member of that name is absent.
 * @throws FieldError, in AWS's words, if a step does not fit the data
 */
export function elementAt(root: JsonNode, path: JsonPath): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (typeof step === 'number') {
      node = node?.kind === 'array' ? node.items[step] : undefined;
      if (node === undefined)
        throw new FieldError(1216, 'Invalid JSONPath format: Not an array or index out of range.');
    } else if (node !== undefined) {
      if (node.kind !== 'object')
        throw new FieldError(1216, 'Invalid JSONPath format: Member is not an object.');
      node = node.members.get(step);
    }
  }
  return node;
}
