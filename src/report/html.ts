/** A piece of HTML that is safe to put anywhere between tags. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Piece = string | number | Html | undefined | readonly Piece[];

/** HTML from a template. Every inserted text is escaped, so a table may have any name. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  let text = parts[0] ?? '';
  for (const [i, piece] of pieces.entries()) text += textOf(piece) + (parts[i + 1] ?? '');
  return new Html(text);
}

function textOf(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'number') return String(piece);
  return typeof piece === 'string' ? escaped(piece) : piece.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes text for use between tags and inside quoted attributes. Invisible characters, and those that change the
 * direction of the text, are shown as `\u{202e}`, so that no name looks like another.
 */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
}

/** A measure whose number and unit stay on one line. */
export const measure = (text: string): Html => html`${text.replaceAll(' ', '\u00a0')}`;

/** A point in time: readers see it in UTC to the second, programs get it exactly. */
export const moment = (iso: string): Html =>
  html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', '\u00a0')}\u00a0UTC</time>`;

/** A percentage with at most three decimals, for positions in SVG. */
export const percent = (part: number, whole: number): string =>
  `${whole <= 0 ? 0 : Math.round((part / whole) * 100_000) / 1000}%`;
