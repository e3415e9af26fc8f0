import { jsonString, stringEnd } from './json-string.ts';

const BLANKS = /[ \t\r\n]*/y;
/** A number, `true`, `false` or `null`. */
const SCALAR = /[^ \t\r\n,\]}]+/y;

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** By a value's first character. */
const KINDS: Record<string, JsonKind> = {
  '{': 'object',
  '[': 'array',
  '"': 'string',
  t: 'boolean',
  f: 'boolean',
  n: 'null',
};

/**
 * A value of well-formed JSON as it is written: latin1 text, one character per byte, so that numbers keep their digits
 * and strings their bytes. Its members or items are found when they are asked for.
 */
export class JsonNode {
  /** The value's own text, without white space around it. */
  readonly text: string;
  #members: ReadonlyMap<string, JsonNode> | undefined;
  #items: readonly JsonNode[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get kind(): JsonKind {
    return KINDS[this.text[0]!] ?? 'number';
  }

  /** An object's members by their unescaped keys (latin1). Of two members with one key, the last one counts. */
  get members(): ReadonlyMap<string, JsonNode> {
    this.#members ??= new Map(membersOf(this.text));
    return this.#members;
  }

  /** An array's items. */
  get items(): readonly JsonNode[] {
    this.#items ??= [...itemsOf(this.text)];
    return this.#items;
  }
}

/** The members of an object in the order in which they are written. */
export function* membersOf(text: string): Generator<[key: string, value: JsonNode]> {
  for (let at = matchEnd(BLANKS, text, 1); text[at] === '"'; ) {
    const keyEnd = stringEnd(text, at);
    const key = jsonString(text.slice(at, keyEnd));
    const colon = matchEnd(BLANKS, text, keyEnd);
    const start = matchEnd(BLANKS, text, colon + 1);
    const end = valueEnd(text, start);
    yield [key, new JsonNode(text.slice(start, end))];
    at = afterComma(text, end);
  }
}

function* itemsOf(text: string): Generator<JsonNode> {
  for (let at = matchEnd(BLANKS, text, 1); at < text.length && text[at] !== ']'; ) {
    const end = valueEnd(text, at);
    yield new JsonNode(text.slice(at, end));
    at = afterComma(text, end);
  }
}

function afterComma(text: string, at: number): number {
  const next = matchEnd(BLANKS, text, at);
  return text[next] === ',' ? matchEnd(BLANKS, text, next + 1) : next;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') return matchEnd(SCALAR, text, start);
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') open++;
    else if ((character === '}' || character === ']') && --open === 0) return at + 1;
  }
  return text.length;
}
