import { NotSupported, RedshiftError } from '../unsupported.ts';

/**
 * One word of a statement. `text` is what was written; `value` is what it means: words and quoted
 * identifiers in lower case (Redshift folds both), string literals without quotes and escapes.
 */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'parameter' | 'end';
  text: string;
  value: string;
  start: number;
}

// biome-ignore format: a table, longest first
const OPERATORS = [
  '!~~*', '!~~', '!~*', '~~*', '||/', '::', '||', '<=', '>=', '<>', '!=', '~~', '~*', '!~', '<<', '>>', '|/',
  '+', '-', '*', '/', '%', '^', '=', '<', '>', '(', ')', ',', '.', ';', '[', ']', ':', '~', '&', '|', '#', '@', '!',
];

const WORD_PATTERN = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
/** `#name`, a temporary table; after an operand `#` is the operator XOR. */
const TEMPORARY_NAME_PATTERN = /#[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER_PATTERN = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SPACE_PATTERN = /[\s\ufeff]+/y;

/** Redshift folds ASCII letters only. */
function foldIdentifier(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Splits a statement into tokens; comments are dropped. The last token has kind `end`. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const matchAt = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  const push = (kind: Token['kind'], text: string, value: string) => {
    tokens.push({ kind, text, value, start: at });
    at += text.length;
  };
  while (at < sql.length) {
    const space = matchAt(SPACE_PATTERN);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
      continue;
    }
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      continue;
    }
    const character = sql[at]!;
    if (character === "'") {
      const text = quotedText(sql, at, "'");
      push('string', text, unescapeString(text.slice(1, -1)));
      continue;
    }
    if (character === '"') {
      const text = quotedText(sql, at, '"');
      const name = text.slice(1, -1).replaceAll('""', '"');
      if (name === '') throw new RedshiftError('zero-length delimited identifier at or near """"');
      push('quoted', text, foldIdentifier(name));
      continue;
    }
    if (character === '$') throw new NotSupported('dollar-quoted text and positional parameters ($)');
    const number = /[0-9.]/.test(character) ? matchAt(NUMBER_PATTERN) : undefined;
    if (number !== undefined) {
      push('number', number, number);
      continue;
    }
    const previous = tokens.at(-1);
    const afterOperand =
      previous !== undefined &&
      (['number', 'string', 'parameter'].includes(previous.kind) || previous.value === ')');
    const word =
      matchAt(WORD_PATTERN) ??
      (/\s/.test(sql[at - 1] ?? '') && !afterOperand ? matchAt(TEMPORARY_NAME_PATTERN) : undefined);
    if (word !== undefined) {
      push('word', word, foldIdentifier(word));
      continue;
    }
    if (character === ':' && sql[at + 1] !== ':') {
      const name = /:([A-Za-z0-9_]+)/y;
      name.lastIndex = at;
      const parameter = name.exec(sql);
      // `a[1:2]` does not exist in Redshift, so a colon before a word is always a parameter.
      if (parameter) {
        push('parameter', parameter[0], parameter[1]!);
        continue;
      }
    }
    const operator = OPERATORS.find((candidate) => sql.startsWith(candidate, at));
    if (operator === undefined) throw new RedshiftError(`syntax error at or near "${character}"`);
    push('operator', operator, operator);
  }
  tokens.push({ kind: 'end', text: '', value: '', start: sql.length });
  return tokens;
}

function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  throw new RedshiftError('unterminated /* comment');
}

function quotedText(sql: string, start: number, quote: string): string {
  for (let at = start + 1; at < sql.length; at++) {
    if (quote === "'" && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return sql.slice(start, at + 1);
      at++;
    }
  }
  const what = quote === "'" ? 'quoted string' : 'quoted identifier';
  throw new RedshiftError(`unterminated ${what} at or near "${sql.slice(start, start + 40)}"`);
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Redshift is based on PostgreSQL 8.0, so it still reads backslash escapes in ordinary literals. */
function unescapeString(body: string): string {
  return body.replace(/''|\\([0-7]{1,3}|[\s\S])/g, (match, escaped: string | undefined) => {
    if (match === "''") return "'";
    if (/^[0-7]+$/.test(escaped!)) return String.fromCharCode(Number.parseInt(escaped!, 8));
    return ESCAPES[escaped!] ?? escaped!;
  });
}
