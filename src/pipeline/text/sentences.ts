/** Where a sentence ends: after its full stop, before white space and the next capital letter, quote or bracket. */
const SENTENCE_END = /(?<=[.!?]['"’”)]?)\s+(?=[\p{Lu}'"‘“(`])/u;

/**
 * The first sentences of a text, as many as fit into `maxCharacters`, but at least one: a sentence is never cut.
 * @returns the text itself if it fits; else its first sentences, followed by ` …`
 */
export function firstSentences(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const [first = '', ...others] = text.split(SENTENCE_END);
  let kept = first;
  for (const sentence of others) {
    if (kept.length + 1 + sentence.length > maxCharacters) break;
    kept += ` ${sentence}`;
  }
  return kept.length < text.length ? `${kept} …` : kept;
}

/** The text with at most `maxCharacters`. If it was cut, it ends in an ellipsis, and never in half of a surrogate pair. */
export const cut = (text: string, maxCharacters: number): string =>
  text.length <= maxCharacters
    ? text
    : `${text.slice(0, maxCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** The text on one line, with single spaces. */
export const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The text as a sentence that another one can follow: it ends with a full stop, unless it ends with a mark already. */
export const asSentence = (text: string): string => (/[.!?…]['"’”)]?$/.test(text) ? text : `${text}.`);
