import { qualified } from '../sql/identifier.ts';
import { type SqlToken, sqlTokens } from './sql-tokens.ts';

/**
 * What `pg_views.definition` says about a view. For a view WITH NO SCHEMA BINDING, Redshift keeps the text that was
 * sent, comments included; for other views, only the query, with all names resolved.
 */
export type ViewText =
  /**
   * It refers to its tables by name, so a copy of it in the new schema reads the new tables once they have the live name.
   * `before` ends before the word CREATE, and `after` begins after the view's name.
   */
  | { readonly kind: 'late-binding'; readonly before: string; readonly after: string }
  /** It refers to the tables themselves. */
  | { readonly kind: 'bound'; readonly query: string }
  | { readonly kind: 'materialized' }
  | { readonly kind: 'unreadable' };

export function readViewText(definition: string): ViewText {
  // Redshift reads a backslash in a text as an escape, PostgreSQL does not, and only one of them makes sense of the end.
  const readings = [true, false].map((escapes) => readTokens(definition, sqlTokens(definition, { escapes })));
  return readings.find(({ kind }) => kind !== 'unreadable') ?? { kind: 'unreadable' };
}

/**
 * The statement that copies a late-binding view to another schema, with its query and its comments unchanged. Undefined
 * for any other text.
 */
export function copyView(definition: string, schema: string, view: string): string | undefined {
  const text = readViewText(definition);
  if (text.kind !== 'late-binding') return undefined;
  return `${text.before}CREATE OR REPLACE VIEW ${qualified(schema, view)}${text.after}`;
}

/** The same text, whatever schema a copy of the view is in. */
export function sameViewText(one: string, other: string): boolean {
  return copyView(one, 's', 'v') === copyView(other, 's', 'v');
}

function readTokens(definition: string, tokens: readonly SqlToken[] | undefined): ViewText {
  const all = tokens?.slice() ?? [];
  let end = definition.length;
  let after = '';
  while (all.at(-1)?.text === ';') {
    const last = all.pop() as SqlToken;
    after = definition.slice(last.end, end) + after;
    end = last.start;
  }
  const [first] = all;
  if (first === undefined) return { kind: 'unreadable' };
  const word = (at: number) => (all[at]?.kind === 'word' ? all[at].text.toLowerCase() : all[at]?.text);
  if (word(0) !== 'create') {
    const isQuery = ['select', 'with', '('].includes(word(0) ?? '') && !isUnbound(all);
    return isQuery
      ? { kind: 'bound', query: definition.slice(first.start, end).trim() }
      : { kind: 'unreadable' };
  }
  let at = 1;
  if (word(at) === 'or' && word(at + 1) === 'replace') at += 2;
  if (word(at) === 'materialized') return { kind: 'materialized' };
  if (word(at) !== 'view') return { kind: 'unreadable' };
  at++;
  for (;;) {
    const { kind } = all[at] ?? {};
    if (kind !== 'word' && kind !== 'quoted') return { kind: 'unreadable' };
    if (word(at + 1) !== '.') break;
    at += 2;
  }
  if (!isUnbound(all)) return { kind: 'unreadable' };
  const name = all[at] as SqlToken;
  // A comment after the last semicolon stays; the semicolon does not, because a statement is sent without one.
  const rest = `${definition.slice(name.end, end)}${after}`;
  return { kind: 'late-binding', before: definition.slice(0, first.start), after: rest.trimEnd() };
}

function isUnbound(tokens: readonly SqlToken[]): boolean {
  const last = tokens.slice(-4).map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : ''));
  return last.join(' ') === 'with no schema binding';
}
