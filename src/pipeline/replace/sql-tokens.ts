/** A token of an SQL text: `text` is as written. Comments and white space are no tokens. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'other';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const QUOTED = /"(?:[^"]+|"")*"/y;
const STRING = { escapes: /'(?:[^'\\]+|''|\\[\s\S])*'/y, plain: /'(?:[^']+|'')*'/y };
const DOLLAR = /\$([\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const LINE_COMMENT = /--[^\n\r]*/y;
const SPACE = /\s+/y;

/**
 * Splits an SQL text into tokens, so that no rule is ever applied to what only looks like a keyword, in a comment or in a
 * quoted text. Comments between slashes nest, as in PostgreSQL.
 * @param options `escapes`: a backslash in a text escapes the character after it
 * @returns undefined if a quote or a comment does not end.
 */
export function sqlTokens(sql: string, options: { readonly escapes: boolean }): SqlToken[] | undefined {
  const tokens: SqlToken[] = [];
  let at = 0;
  const matched = (pattern: RegExp): number | undefined => {
    pattern.lastIndex = at;
    return pattern.test(sql) ? pattern.lastIndex : undefined;
  };
  while (at < sql.length) {
    const skipped = matched(SPACE) ?? matched(LINE_COMMENT) ?? commentEnd(sql, at);
    if (skipped === null) return undefined;
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const [kind, end] = tokenAt(sql, at, matched, options.escapes);
    if (end === undefined) return undefined;
    tokens.push({ kind, text: sql.slice(at, end), start: at, end });
    at = end;
  }
  return tokens;
}

/** The kind of the token, and its end if it has one. */
function tokenAt(
  sql: string,
  at: number,
  matched: (pattern: RegExp) => number | undefined,
  escapes: boolean,
): readonly [SqlToken['kind'], number | undefined] {
  if (sql[at] === '"') return ['quoted', matched(QUOTED)];
  if (sql[at] === "'") return ['string', matched(escapes ? STRING.escapes : STRING.plain)];
  const dollar = sql[at] === '$' ? matched(DOLLAR) : undefined;
  if (dollar !== undefined) {
    const quote = sql.slice(at, dollar);
    const end = sql.indexOf(quote, dollar);
    return ['string', end < 0 ? undefined : end + quote.length];
  }
  const word = matched(WORD);
  return word === undefined ? ['other', at + 1] : ['word', word];
}

/** The end of a comment between slashes, null if it does not end, and undefined if there is none at this place. */
function commentEnd(sql: string, start: number): number | null | undefined {
  if (!sql.startsWith('/*', start)) return undefined;
  let depth = 0;
  for (let at = start; at < sql.length; ) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else at++;
  }
  return null;
}
