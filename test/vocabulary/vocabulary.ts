import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Which words docs, messages, comments and identifiers avoid: the phrases that an exact match can find. */

export interface Phrase {
  /** Spellings to avoid. One with a capital letter is a whole identifier; the others match in any case. */
  readonly avoid: readonly string[];
  /** What to write instead. */
  readonly write: string;
}

export interface Vocabulary {
  readonly phrases: readonly Phrase[];
  /** Uses that are right, each with its reason. */
  readonly allowed: readonly { readonly file: string; readonly phrase: string; readonly why: string }[];
}

interface Found {
  readonly line: number;
  readonly phrase: string;
  readonly write: string;
}

/** The phrases in a text. Words inside identifiers count: `madeAnew` and `MADE_ANEW` contain `anew`. */
export function findPhrases(text: string, phrases: readonly Phrase[]): Found[] {
  const spellings = phrases.flatMap(({ avoid, write }) => avoid.map((phrase) => ({ phrase, write })));
  const isIdentifier = ({ phrase }: { readonly phrase: string }) => /[A-Z]/.test(phrase);
  return [
    ...matches(text, 'gu', spellings.filter(isIdentifier)),
    ...matches(
      wordsOf(text),
      'giu',
      spellings.filter((spelling) => !isIdentifier(spelling)),
    ),
  ].sort((a, b) => a.line - b.line);
}

/** The same lines, with identifiers as words, and without what continues a comment or a string on the next line. */
const wordsOf = (text: string) =>
  text
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|_/gu, ' ')
    .replaceAll(/['"`] \+\n[^\S\n]*['"`]/g, '\n')
    .replaceAll(/\n[^\S\n]*(?:\*|\/\/|--|#)(?= )/g, '\n');

/** Between two words of a phrase: blanks, or one line break. */
const BETWEEN = String.raw`(?:[^\S\n]+\n?|\n)[^\S\n]*`;

function matches(text: string, flags: string, spellings: readonly Omit<Found, 'line'>[]): Found[] {
  const known = new Map(spellings.map((spelling) => [spelling.phrase, spelling]));
  // Longer spellings first.
  const patterns = [...known.keys()]
    .sort()
    .reverse()
    .map((phrase) => phrase.split(' ').join(BETWEEN));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${patterns.join('|')})(?![\\p{L}\\p{N}])`, flags);
  return [...text.matchAll(pattern)].flatMap(({ index, 0: match }) => {
    const spelling = known.get(match) ?? known.get(match.toLowerCase().replaceAll(/\s+/g, ' '));
    return spelling === undefined ? [] : [{ ...spelling, line: text.slice(0, index).split('\n').length }];
  });
}

const READ = /(?:\.(?:ts|js|md|ya?ml|sql|jsonc?)|\/Dockerfile)$/;
/** Other people's text, data, and the list itself. */
const SKIPPED =
  /\/(?:node_modules|dist|\.(?!github\b)[^/]+)(?:\/|$)|^\/(?:local\/data|test\/fixtures|test\/vocabulary|test\/replay\/.*\.json|.*\/vocabulary\.test\.ts)/;

/** The files at a path below the root, as paths from the root. */
function filesAt(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  const files = statSync(full).isDirectory()
    ? readdirSync(full, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    : [path];
  return files.filter((file) => READ.test(`/${file}`) && !SKIPPED.test(`/${file}`)).sort();
}

/**
 * Every use of a phrase that is not allowed, as `<file>:<line>: "<phrase>": write <what>`; and every permission that
 * a file does not use.
 * @param paths files and folders to read, from the root
 */
export function checkVocabulary(root: string, paths: readonly string[], vocabulary: Vocabulary): string[] {
  return paths
    .flatMap((path) => filesAt(root, path))
    .flatMap((file) => {
      const found = findPhrases(readFileSync(join(root, file), 'utf8'), vocabulary.phrases);
      const allowed = vocabulary.allowed.filter((use) => use.file === file).map(({ phrase }) => phrase);
      return [
        ...found
          .filter(({ phrase }) => !allowed.includes(phrase))
          .map(({ line, phrase, write }) => `${file}:${line}: "${phrase}": write ${write}`),
        ...allowed
          .filter((phrase) => !found.some((use) => use.phrase === phrase))
          .map((phrase) => `${file} may use "${phrase}" but does not: remove the permission`),
      ];
    });
}
