// Patterns of keys, such as **/*.csv.gz:
//
//   *        any characters within a folder          ?        one character other than a slash
//   **       any characters, slashes included        {a,b}    alternatives; they may be nested
//   **/      any folders, or none                    \        takes the next character as it is
//
// Everything else stands for itself, a dot at the start of a name included; upper and lower case differ, as in S3.
//
// A key is matched in one pass that follows every place of the pattern it may be at, so no pattern is slow.

type Step =
  | { readonly kind: 'character'; readonly character: string }
  /** `?`, `*` and `**`. */
  | { readonly kind: 'one' | 'within' | 'any' }
  /** Two steps for the folders of a double star and a slash: at the start of a folder's name, and inside the name. */
  | { readonly kind: 'folders' | 'folder' };

/** A compiled pattern: the steps of each choice of its alternatives. */
export type Glob = readonly (readonly Step[])[];

const MOST_CHOICES = 256;

/** @throws Error with what is expected instead, if the pattern is malformed */
export function compileGlob(pattern: string): Glob {
  if (pattern.startsWith('!'))
    throw new Error('a pattern without ! at its start: it names what fits, never what does not');
  return expand(tokensOf(pattern)).map(stepsOf);
}

/** Whether the whole key fits the pattern. */
export function matchesGlob(glob: Glob, key: string): boolean {
  const characters = Array.from(key);
  return glob.some((steps) => {
    let at = new Uint8Array(steps.length + 1);
    let next = new Uint8Array(steps.length + 1);
    enter(steps, 0, at);
    for (const character of characters) {
      next.fill(0);
      for (let i = 0; i < steps.length; i++) {
        const after = at[i] === 1 ? take(steps, i, character) : undefined;
        if (after !== undefined) enter(steps, after, next);
      }
      [at, next] = [next, at];
    }
    return at[steps.length] === 1;
  });
}

/** A shortest key of a file that fits both patterns; undefined if there is none. Files are keys that do not end in a slash. */
export function commonKey(a: Glob, b: Glob): string | undefined {
  for (const left of a) {
    for (const right of b) {
      const found = commonKeyOf(left, right);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The pattern that only this text fits. */
export const literally = (text: string): string => text.replace(/[*?{}[\]\\,!]/g, '\\$&');

/** Marks a place, and those that follow it without a character. */
function enter(steps: readonly Step[], place: number, marks: Uint8Array): void {
  for (let at: number | undefined = place; at !== undefined && marks[at] === 0; at = skip(steps, at))
    marks[at] = 1;
}

/** The place after this one if it takes no character; undefined if it must take one. */
function skip(steps: readonly Step[], place: number): number | undefined {
  const kind = steps[place]?.kind;
  if (kind === 'within' || kind === 'any') return place + 1;
  return kind === 'folders' ? place + 2 : undefined;
}

/** The place after this one took the character; undefined if it does not take it. */
function take(steps: readonly Step[], place: number, character: string): number | undefined {
  const step = steps[place];
  if (step === undefined) return undefined;
  const isSlash = character === '/';
  switch (step.kind) {
    case 'character':
      return step.character === character ? place + 1 : undefined;
    case 'one':
      return isSlash ? undefined : place + 1;
    case 'within':
      return isSlash ? undefined : place;
    case 'any':
      return place;
    case 'folders':
      return isSlash ? place : place + 1;
    case 'folder':
      return isSlash ? place - 1 : place;
  }
}

/** Breadth first over pairs of places, apart for keys that may end here and others. */
function commonKeyOf(a: readonly Step[], b: readonly Step[]): string | undefined {
  const named = [...a, ...b].flatMap((step) => (step.kind === 'character' ? [step.character] : []));
  const alphabet = [...new Set([...named, 'x', '/'])];
  const seen = new Set<number>();
  const waiting: { readonly i: number; readonly j: number; readonly key: string }[] = [
    { i: 0, j: 0, key: '' },
  ];
  for (const { i, j, key } of waiting) {
    if (i === a.length && j === b.length && isFile(key)) return key;
    const visit = (left: number | undefined, right: number | undefined, text: string) => {
      if (left === undefined || right === undefined) return;
      const pair = 2 * (left * (b.length + 1) + right) + Number(isFile(text));
      if (seen.has(pair)) return;
      seen.add(pair);
      waiting.push({ i: left, j: right, key: text });
    };
    visit(skip(a, i), j, key);
    visit(i, skip(b, j), key);
    for (const character of alphabet) visit(take(a, i, character), take(b, j, character), key + character);
  }
  return undefined;
}

const isFile = (key: string): boolean => key !== '' && !key.endsWith('/');

/** One character, `{`, `,`, `}`, a run of stars, `?`; or a character that stands for itself. */
type Token = { readonly special: string } | { readonly character: string };

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of pattern.matchAll(/\\[\s\S]?|\*+|./gsu)) {
    if (text === '\\') throw new Error('a character after the backslash at the end');
    if (text === '[' || text === ']')
      throw new Error(
        `alternatives in braces, e.g. {a,b}, not brackets; \\${text} stands for the character itself`,
      );
    if (text.startsWith('\\')) tokens.push({ character: text.slice(1) });
    else if (/^(?:\*+|[?{},])$/.test(text)) tokens.push({ special: text.length > 1 ? '**' : text });
    else tokens.push({ character: text });
  }
  return tokens;
}

/** The pattern without alternatives, once for each choice of them. */
function expand(tokens: readonly Token[]): (readonly Token[])[] {
  let rest = 0;
  const special = () => {
    const token = tokens[rest];
    return token !== undefined && 'special' in token ? token.special : undefined;
  };
  const sequence = (inBraces: boolean): Token[][] => {
    let choices: Token[][] = [[]];
    for (; rest < tokens.length; rest++) {
      const mark = special();
      if (inBraces && (mark === ',' || mark === '}')) break;
      if (mark === '}') throw new Error('a { before the }; \\} stands for the character itself');
      const parts = mark === '{' ? alternatives() : [[asText(tokens[rest]!)]];
      choices = choices.flatMap((choice) => parts.map((part) => [...choice, ...part]));
      if (choices.length > MOST_CHOICES)
        throw new Error(`at most ${MOST_CHOICES} combinations of alternatives`);
    }
    return choices;
  };
  const alternatives = (): Token[][] => {
    const found: Token[][][] = [];
    do {
      rest++;
      found.push(sequence(true));
    } while (special() === ',');
    if (special() !== '}') throw new Error('a } after the {; \\{ stands for the character itself');
    if (found.length < 2)
      throw new Error('two alternatives or more in braces, e.g. {a,b}; \\{ stands for the character itself');
    return found.flat();
  };
  return sequence(false);
}

/** A comma outside of braces is only a comma. */
const asText = (token: Token): Token =>
  'special' in token && token.special === ',' ? { character: ',' } : token;

function stepsOf(tokens: readonly Token[]): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if ('character' in token) steps.push({ kind: 'character', character: token.character });
    else if (token.special === '?') steps.push({ kind: 'one' });
    else if (token.special === '*') steps.push({ kind: 'within' });
    else if (isSlash(tokens[i + 1]) && (i === 0 || isSlash(tokens[i - 1]))) {
      steps.push({ kind: 'folders' }, { kind: 'folder' });
      i++;
    } else steps.push({ kind: 'any' });
  }
  return steps;
}

const isSlash = (token: Token | undefined): boolean =>
  token !== undefined && 'character' in token && token.character === '/';
