/** What the path of a request is about. Words and digits are those of Unicode, as in the table's earlier job. */

const WORD = String.raw`[\p{L}\p{N}_]`;
/** Between a word and what is no word. */
const EDGE = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;

// oxlint-disable-next-line no-control-regex -- Python's white space has four of them.
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const MATRIX_PARAMETERS = /;[^/]+/g;
const PUNCTUATION = /[^\p{L}\p{N}_/]/gu;
const IDS = new RegExp(
  String.raw`${EDGE}(?:syn|fh)\p{Nd}+(?:\.\p{Nd}+)?${EDGE}|${EDGE}\p{Nd}+${WORD}*[^/]${EDGE}`,
  'gu',
);
const NUMBERS = /\/\p{Nd}+/gu;

/** Paths that end in a name, and what they become. */
const NAMED: readonly (readonly [start: string, signature: string])[] = [
  ['/entity/md5', '/entity/md5/#'],
  ['/evaluation/name', '/evaluation/name/#'],
  ['/entity/alias', '/entity/alias/#'],
];

/** `GET /entity/#`; null without a method or a URL. */
export function methodSignatureOf(method: string | null, url: string | null): string | null {
  const path = normalizedPath(url);
  return method === null || path === null ? null : `${method} ${path}`;
}

/** The path below the version, with # for ids. */
export function normalizedPath(url: string | null): string | null {
  if (url === null) return null;
  const decoded = urlDecoded(url.toLowerCase()).replace(WHITE_SPACE, '');
  const version = decoded.indexOf('/v1/');
  if (version < 0) return 'INVALID URL';
  const path = decoded.slice(version + '/v1'.length);
  const named = NAMED.find(([start]) => path.startsWith(start));
  if (named !== undefined) return named[1];
  if (path.startsWith('/2fa')) return path;
  if (path.startsWith('/user/bundle')) return '/user/bundle';
  if (path.includes('/access/')) return '/objects/#/access/#';
  if (path.includes('/schema/type/registered/')) return '/schema/type/registered/#';
  return path
    .replace(MATRIX_PARAMETERS, '')
    .replace(PUNCTUATION, '')
    .replace(IDS, '#')
    .replace(NUMBERS, '/#');
}

const MAX_INT64 = 2n ** 63n - 1n;

/** The number of the first entity in the path; null if it has more than 64 bits. */
export function entityIdOf(url: string | null): bigint | null {
  const digits = /\/entity\/(?:syn)?(\d+)/i.exec(url ?? '')?.[1];
  if (digits === undefined) return null;
  const id = digits.replace(/^0+/, '').length > 19 ? undefined : BigInt(digits);
  return id === undefined || id > MAX_INT64 ? null : id;
}

/** Decodes escapes that are UTF-8. Others stay as they are: paths are made by anyone. */
function urlDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16));
    let decoded = '';
    for (let at = 0; at < bytes.length; ) {
      const character = characterAt(bytes, at);
      decoded += character?.text ?? run.slice(3 * at, 3 * at + 3);
      at += character?.length ?? 1;
    }
    return decoded;
  });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function characterAt(bytes: Uint8Array, at: number): { text: string; length: number } | undefined {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      return { text: UTF8.decode(bytes.subarray(at, at + length)), length };
    } catch {
      // Not a whole character yet, or none.
    }
  }
  return undefined;
}
