import { GlueError } from './glue-error.ts';

/** A condition on a partition's values. @throws GlueError if they are not of the types of the keys */
export type Condition = (values: readonly string[]) => boolean;

/** A partition key of the table. */
export interface Key {
  readonly Name: string;
  readonly Type?: string | undefined;
}

/**
 * The condition that an `Expression` of GetPartitions states: comparisons, IN, BETWEEN, LIKE and IS NULL of partition keys with
 * literals, joined by AND, OR and NOT. https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
 * @throws GlueError `InvalidInputException` if it is not one, or if a literal is not of its key's type
 */
export function conditionOf(expression: string, keys: readonly Key[]): Condition {
  const parser = new Parser(expression, keys);
  const condition = parser.disjunction();
  parser.end();
  return condition;
}

const refused = (message: string) => new GlueError('InvalidInputException', message);

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<>|!=|<=|>=|[=<>(),]))/y;

class Parser {
  readonly #text: string;
  readonly #keys: readonly Key[];
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string, keys: readonly Key[]) {
    this.#text = text;
    this.#keys = keys;
    TOKEN.lastIndex = 0;
    for (let rest = 0; text.slice(rest).trim() !== ''; rest = TOKEN.lastIndex) {
      TOKEN.lastIndex = rest;
      const found = TOKEN.exec(text);
      if (found === null) throw this.#unsupported();
      this.#tokens.push(found[0].trim());
    }
  }

  disjunction(): Condition {
    let left = this.#conjunction();
    while (this.#takes('or')) left = either(left, this.#conjunction());
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#unsupported();
  }

  #conjunction(): Condition {
    let left = this.#negation();
    while (this.#takes('and')) left = both(left, this.#negation());
    return left;
  }

  #negation(): Condition {
    if (this.#takes('not')) return not(this.#negation());
    if (!this.#takes('(')) return this.#predicate();
    const inner = this.disjunction();
    this.#expect(')');
    return inner;
  }

  #predicate(): Condition {
    const name = this.#next();
    if (!/^[A-Za-z_]/.test(name)) throw this.#unsupported();
    // Glue keeps names in lower case.
    const index = this.#keys.findIndex((key) => key.Name === name.toLowerCase());
    if (index === -1) throw refused('Invalid partition expression!');
    const type = keyType(this.#keys[index]?.Type ?? '');
    const value = (values: readonly string[]) => values[index] ?? '';
    if (this.#takes('is')) {
      const isNegated = this.#takes('not');
      this.#expect('null');
      // A partition has all its values.
      return () => isNegated;
    }
    const isNegated = this.#takes('not');
    const condition = this.#listOf(type, value) ?? (isNegated ? undefined : this.#comparison(type, value));
    if (condition === undefined) throw this.#unsupported();
    return isNegated ? not(condition) : condition;
  }

  #listOf(type: KeyType, value: (values: readonly string[]) => string): Condition | undefined {
    const literal = () => type.literal(this.#literal());
    const order = (values: readonly string[], other: Comparable) =>
      compared(type.value(value(values)), other);
    if (this.#takes('in')) {
      this.#expect('(');
      const wanted = [literal()];
      while (this.#takes(',')) wanted.push(literal());
      this.#expect(')');
      return (values) => wanted.some((each) => order(values, each) === 0);
    }
    if (this.#takes('between')) {
      const low = literal();
      this.#expect('and');
      const high = literal();
      return (values) => order(values, low) >= 0 && order(values, high) <= 0;
    }
    if (!this.#takes('like')) return undefined;
    if (!type.hasLike) throw refused(`${type.name} data type doesn't support operation 'LIKE'`);
    const pattern = likePattern(this.#literal());
    return (values) => pattern.test(value(values));
  }

  #comparison(type: KeyType, value: (values: readonly string[]) => string): Condition {
    const holds = COMPARISONS[this.#next()];
    if (holds === undefined) throw this.#unsupported();
    const other = type.literal(this.#literal());
    return (values) => holds(compared(type.value(value(values)), other));
  }

  #literal(): string {
    const token = this.#next();
    if (/^-?\d/.test(token)) return token;
    if (!token.startsWith("'")) throw this.#unsupported();
    return token.slice(1, -1).replaceAll("''", "'");
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#unsupported();
    return token;
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw this.#unsupported();
  }

  #unsupported(): GlueError {
    return refused(`Unsupported expression '${this.#text}'`);
  }
}

const not =
  (one: Condition): Condition =>
  (values) =>
    !one(values);
const both =
  (one: Condition, other: Condition): Condition =>
  (values) =>
    one(values) && other(values);
const either =
  (one: Condition, other: Condition): Condition =>
  (values) =>
    one(values) || other(values);

const likePattern = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '.*')
      .replaceAll('_', '.')}$`,
    's',
  );

type Comparable = string | bigint;

const compared = (one: Comparable, other: Comparable) => (one < other ? -1 : one > other ? 1 : 0);

/** How values of one type are compared. */
interface KeyType {
  readonly name: string;
  readonly hasLike: boolean;
  /** @throws GlueError `InvalidInputException` if the expression's literal is not of the type */
  readonly literal: (text: string) => Comparable;
  /** @throws GlueError `InvalidStateException` if a partition's value is not of the type */
  readonly value: (text: string) => Comparable;
}

function keyType(type: string): KeyType {
  const found = TYPES.find(({ pattern }) => pattern.test(type.toLowerCase()));
  if (found === undefined) throw refused(`Unknown type : '${type}'`);
  const { name, hasLike, parse } = found;
  const parsed = (text: string, error: 'InvalidInputException' | 'InvalidStateException') => {
    const value = parse(text);
    if (value === undefined) throw new GlueError(error, found.wrong(text));
    return value;
  };
  return {
    ...{ name, hasLike },
    literal: (text) => parsed(text, 'InvalidInputException'),
    value: (text) => parsed(text, 'InvalidStateException'),
  };
}

/** More digits after the point than any DECIMAL has. */
const SCALE = 38;

function decimalOf(text: string): bigint | undefined {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = found;
  return fraction.length > SCALE ? undefined : BigInt(`${sign}${whole}${fraction.padEnd(SCALE, '0')}`);
}

function dateOf(text: string): string | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? text : undefined;
}

function timestampOf(text: string): string | undefined {
  const [, day = '', time = '', fraction = ''] =
    /^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3])(?::[0-5]\d){2})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return dateOf(day) === undefined ? undefined : `${day} ${time}.${fraction.padEnd(9, '0')}`;
}

interface Type {
  readonly pattern: RegExp;
  readonly name: string;
  readonly hasLike: boolean;
  readonly parse: (text: string) => Comparable | undefined;
  readonly wrong: (text: string) => string;
}

/** The types of partition keys that expressions may name. */
const TYPES: readonly Type[] = [
  {
    pattern: /^(?:string|char(?:\(\d+\))?|varchar(?:\(\d+\))?)$/,
    ...{ name: 'String', hasLike: true, parse: (text) => text, wrong: String },
  },
  {
    pattern: /^(?:tinyint|smallint|int|bigint|long)$/,
    ...{ name: 'Integral', hasLike: false },
    parse: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : undefined),
    wrong: (text) => `"${text}" is not an integer.`,
  },
  {
    pattern: /^decimal(?:\(\d+(?:,\d+)?\))?$/,
    ...{ name: 'Decimal', hasLike: false, parse: decimalOf, wrong: (text) => `${text} is not a decimal.` },
  },
  {
    pattern: /^date$/,
    ...{ name: 'Date', hasLike: false, parse: dateOf, wrong: (text) => `${text} is not a date.` },
  },
  {
    pattern: /^timestamp$/,
    ...{ name: 'Timestamp', hasLike: false, parse: timestampOf },
    wrong: (text) => `Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] ${text} is not a timestamp.`,
  },
];
