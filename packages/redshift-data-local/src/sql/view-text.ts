import { quoteIdentifier } from './identifier.ts';
import { tokenize } from './tokens/tokenizer.ts';

/** A token as it is written, and whether a blank comes before it. */
interface Piece {
  text: string;
  spaced: boolean;
}

/** What PostgreSQL calls the types of casts from SUPER, by the functions that perform them here. */
const SUPER_CASTS = new Map([
  ['super_varchar', 'character varying'],
  ['super_char', 'character'],
  ['super_smallint', 'smallint'],
  ['super_integer', 'integer'],
  ['super_bigint', 'bigint'],
  ['super_numeric', 'numeric'],
  ['super_real', 'real'],
  ['super_double', 'double precision'],
  ['super_boolean', 'boolean'],
  ['super_date', 'date'],
  ['super_timestamp', 'timestamp without time zone'],
  ['super_timestamptz', 'timestamp with time zone'],
]);

const VALUE_CALLS = new Map([
  ['session_identity', 'current_user'],
  ['sysdate', 'sysdate'],
]);

/**
 * A bound view's query in Redshift's dialect, from PostgreSQL's text of it: on one line, names and stars resolved as of
 * now, so that renamed tables have their new names. Functions and casts that only this server knows become what they
 * were translated from. The caller checks that the result means the same.
 * @throws if the text has tokens that the dialect lacks.
 */
export function viewText(deparsed: string, longName: (physical: string) => string): string {
  let pieces = piecesOf(deparsed, longName);
  for (const pass of [
    withoutTextCasts,
    withoutOwnSchema,
    withInLists,
    withSuperPaths,
    withOwnCasts,
    withValueKeywords,
    withinGroup,
  ])
    pieces = pass(pieces);
  return pieces.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('');
}

function piecesOf(sql: string, longName: (physical: string) => string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  // Backslashes are plain in PostgreSQL's text, and escapes in the dialect.
  for (const { kind, text, value, start } of tokenize(sql.replaceAll('\\', '\\\\'))) {
    if (kind === 'end') break;
    const spaced = start > end;
    end = start + text.length;
    pieces.push({
      text: kind === 'quoted' && value.includes('~') ? quoteIdentifier(longName(value)) : text,
      spaced,
    });
  }
  return pieces;
}

const at = (pieces: readonly Piece[], index: number): string => pieces[index]?.text ?? '';

/** True if these texts come at `index`. */
function isAt(pieces: readonly Piece[], index: number, ...texts: string[]): boolean {
  return texts.every((text, offset) => at(pieces, index + offset) === text);
}

/** The place of the bracket that closes the one at `open`. */
function closing(pieces: readonly Piece[], open: number): number {
  let depth = 0;
  for (let index = open; index < pieces.length; index++) {
    if (['(', '['].includes(at(pieces, index))) depth++;
    else if ([')', ']'].includes(at(pieces, index)) && --depth === 0) return index;
  }
  return pieces.length;
}

/** `(id)::text` is how PostgreSQL compares a VARCHAR; written in Redshift it would be a cast to VARCHAR(256). */
function withoutTextCasts(pieces: Piece[]): Piece[] {
  const isCast = (index: number) => isAt(pieces, index, '::', 'text') && at(pieces, index + 2) !== '[';
  return pieces.filter((_piece, index) => !isCast(index) && !(index > 0 && isCast(index - 1)));
}

function withoutOwnSchema(pieces: Piece[]): Piece[] {
  const isOwn = (index: number) => /^"?_redshift"?$/.test(at(pieces, index)) && at(pieces, index + 1) === '.';
  return pieces.flatMap((piece, index) => {
    if (isOwn(index) || isOwn(index - 1)) return [];
    return isOwn(index - 2) ? { ...piece, spaced: pieces[index - 2]!.spaced } : piece;
  });
}

/** `= ANY (ARRAY[…])` and `<> ALL (ARRAY[…])`, with or without a cast of the array. */
function withInLists(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const operator = isAt(pieces, index, '=', 'ANY', '(')
      ? 'IN'
      : isAt(pieces, index, '<>', 'ALL', '(')
        ? 'NOT IN'
        : undefined;
    const array = at(pieces, index + 3) === '(' ? index + 4 : index + 3;
    if (operator === undefined || at(pieces, array) !== 'ARRAY') {
      out.push(pieces[index]!);
      continue;
    }
    const close = closing(pieces, array + 1);
    const list = withInLists(pieces.slice(array + 2, close));
    out.push({ text: operator, spaced: true }, { text: '(', spaced: true }, ...list, {
      text: ')',
      spaced: false,
    });
    index = closing(pieces, index + 2);
  }
  return out;
}

/** `((s -> 'a') -> 'b')` and `super_item(s, 0)`, from the inside out: `s."a"."b"` and `s[0]`. */
function withSuperPaths(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    out.push(piece);
    if (piece.text !== ')') continue;
    const open = opening(out, out.length - 1);
    const inner = out.slice(open + 1, -1);
    const { spaced } = out[open]!;
    if (
      at(inner, inner.length - 3) === '-' &&
      at(inner, inner.length - 2) === '>' &&
      isPath(inner.slice(0, -3))
    ) {
      const name = quoteIdentifier(
        at(inner, inner.length - 1)
          .slice(1, -1)
          .replaceAll("''", "'"),
      );
      out.splice(open, Infinity, ...path(inner.slice(0, -3), spaced, '.', name));
    } else if (
      /^"?super_item"?$/.test(at(out, open - 1)) &&
      at(inner, inner.length - 2) === ',' &&
      isPath(inner.slice(0, -2))
    ) {
      const { spaced: before } = out[open - 1]!;
      out.splice(
        open - 1,
        Infinity,
        ...path(inner.slice(0, -2), before, '[', at(inner, inner.length - 1), ']'),
      );
    }
  }
  return out;
}

function path(base: Piece[], spaced: boolean, ...more: string[]): Piece[] {
  const [first, ...rest] = base;
  return [{ ...first!, spaced }, ...rest, ...more.map((text) => ({ text, spaced: false }))];
}

/** `a.b."c"[0]`: names, dots and subscripts, without blanks. */
function isPath(pieces: readonly Piece[]): boolean {
  return (
    pieces.length > 0 &&
    pieces.every(({ text, spaced }, index) => (index === 0 || !spaced) && /^(\w+|"[^"]+"|[.[\]])$/.test(text))
  );
}

function opening(pieces: readonly Piece[], close: number): number {
  let depth = 0;
  for (let index = close; index >= 0; index--) {
    if ([')', ']'].includes(at(pieces, index))) depth++;
    else if (['(', '['].includes(at(pieces, index)) && --depth === 0) return index;
  }
  return 0;
}

/** Values that are calls here: CURRENT_USER and SYSDATE. */
function withValueKeywords(pieces: Piece[]): Piece[] {
  const keyword = (index: number) =>
    isAt(pieces, index + 1, '(', ')') ? VALUE_CALLS.get(at(pieces, index).replaceAll('"', '')) : undefined;
  return pieces.flatMap((piece, index) => {
    if (keyword(index - 1) !== undefined || keyword(index - 2) !== undefined) return [];
    return { ...piece, text: keyword(index) ?? piece.text };
  });
}

/** `super_integer(x)` is `(x)::integer`; `cut_bytes(x, 5)::character varying(5)` is the cast alone. */
function withOwnCasts(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!;
    const name = piece.text.replaceAll('"', '');
    const type = SUPER_CASTS.get(name);
    if ((type === undefined && name !== 'cut_bytes') || at(pieces, index + 1) !== '(') {
      out.push(piece);
      continue;
    }
    const close = closing(pieces, index + 1);
    const inner = withOwnCasts(pieces.slice(index + 2, type === undefined ? close - 2 : close));
    out.push({ text: '(', spaced: piece.spaced }, ...inner, { text: ')', spaced: false });
    if (type !== undefined) out.push({ text: `::${type}`, spaced: false });
    index = close;
  }
  return out;
}

/** `listagg(x, ',' ORDER BY n)` */
function withinGroup(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (let index = 0; index < pieces.length; index++) {
    out.push(pieces[index]!);
    if (at(pieces, index) !== 'listagg' || at(pieces, index + 1) !== '(') continue;
    const close = closing(pieces, index + 1);
    const order = pieces.findIndex(
      (_piece, place) => place > index && place < close && isAt(pieces, place, 'ORDER', 'BY'),
    );
    if (order < 0) continue;
    const keys = pieces.slice(order, close);
    out.push(
      ...pieces.slice(index + 1, order),
      { text: ')', spaced: false },
      { text: 'WITHIN GROUP (', spaced: true },
    );
    out.push({ ...keys[0]!, spaced: false }, ...keys.slice(1), { text: ')', spaced: false });
    index = close;
  }
  return out;
}
