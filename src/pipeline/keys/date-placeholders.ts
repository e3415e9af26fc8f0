/** Dates in prefixes: %Y, %m, %d and %H, each filled with zeros to its width; %% is a percent sign. */

const HOUR_MS = 3_600_000;
const PLACEHOLDER = /%(.?)/gsu;

/** What is wrong with the placeholders of a text, as `expected …`; undefined if nothing is. */
export function datePlaceholderProblem(text: string): string | undefined {
  const wrong = [...text.matchAll(PLACEHOLDER)].find(([, letter]) => !/^[YmdH%]$/.test(letter ?? ''));
  return wrong === undefined
    ? undefined
    : `only %Y, %m, %d, %H and, for a percent sign, %% after a %, not ${JSON.stringify(wrong[0])}`;
}

/** The text with the date in place of its placeholders. @param atMs milliseconds since 1970; the date is that of UTC */
export function withDate(text: string, atMs: number): string {
  const date = new Date(atMs);
  const two = (n: number) => String(n).padStart(2, '0');
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()).padStart(4, '0'),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    H: two(date.getUTCHours()),
    '%': '%',
  };
  return text.replace(PLACEHOLDER, (whole, letter: string) => parts[letter] ?? whole);
}

/**
 * All that the text stands for between the two times, both included, the earliest first, each once.
 * @param fromMs milliseconds since 1970, like `toMs`
 */
export function datesBetween(text: string, fromMs: number, toMs: number): string[] {
  const found = new Set<string>();
  for (let at = Math.floor(fromMs / HOUR_MS) * HOUR_MS; at <= toMs; at += HOUR_MS)
    found.add(withDate(text, at));
  return [...found];
}
