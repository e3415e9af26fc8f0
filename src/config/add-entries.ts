import { type Document, isMap, isPair, isScalar, parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';

/**
 * The text of a configuration file with more pipelines or loaders, each as lines without indentation. Everything else in the file stays
 * as it is, byte for byte: comments, order, quotes.
 * @throws ConfigError `ConfigInvalid` if the file writes them in braces, so that lines cannot be added to them
 */
export function addEntries(
  text: string,
  file: string,
  map: 'pipelines' | 'loaders',
  entries: readonly (readonly string[])[],
): string {
  const document = parseDocument(text);
  const { before, indent, after } = placeFor(document, text, file, map);
  const pad = ' '.repeat(indent);
  const block = entries
    .map((lines) => lines.map((line) => (line === '' ? '' : pad + line)).join('\n'))
    .join('\n\n');
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return `${start}${block}\n${after}`;
}

interface Place {
  readonly before: string;
  readonly indent: number;
  readonly after: string;
}

/** Where the next entry goes: below the last line of the map. */
function placeFor(document: Document, text: string, file: string, map: string): Place {
  const root = document.contents;
  const pair = isMap(root)
    ? root.items.find((each) => isPair(each) && isScalar(each.key) && each.key.value === map)
    : undefined;
  if (pair === undefined) {
    return {
      before: `${text.trimEnd()}${text.trim() === '' ? '' : '\n\n'}${map}:\n`,
      indent: 2,
      after: '',
    };
  }
  const { value } = pair;
  const entries = isMap(value) ? value.items : [];
  if (entries.length > 0 && isMap(value) && value.flow === true) {
    throw new ConfigError(
      'ConfigInvalid',
      `${file} writes its ${map} in braces, so nothing can be added to them. Write each on lines of its own, ` +
        'or name another file with --config.',
    );
  }
  const keyStart = (pair.key as { range?: [number, number, number] }).range?.[0] ?? 0;
  if (entries.length === 0) return emptyPlace(text, keyStart);
  const first = (entries[0]?.key as { range?: [number, number, number] } | undefined)?.range?.[0] ?? 0;
  const indent = first - (text.lastIndexOf('\n', first - 1) + 1);
  const end = endOfBlock(text, first, indent);
  const above = text.slice(0, end);
  return { before: `${above}${above.endsWith('\n') ? '\n' : '\n\n'}`, indent, after: text.slice(end) };
}

/** `pipelines:` or `loaders: {}`: what follows the colon on its line is dropped, but a comment stays. */
function emptyPlace(text: string, keyStart: number): Place {
  const colon = text.indexOf(':', keyStart) + 1;
  const lineEnd = text.indexOf('\n', colon);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const comment = /#.*$/.exec(text.slice(colon, end))?.[0];
  const rest = lineEnd < 0 ? '' : text.slice(lineEnd + 1);
  return {
    before: `${text.slice(0, colon)}${comment === undefined ? '' : ` ${comment}`}\n`,
    indent: 2,
    after: rest,
  };
}

/** The offset after the last line that belongs to the block: a line of less indentation ends it, unless it is a comment. */
function endOfBlock(text: string, from: number, indent: number): number {
  let end = text.length;
  for (let at = from; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 ? text.length : next + 1;
    const lineStart = text.lastIndexOf('\n', at - 1) + 1;
    const line = text.slice(lineStart, lineEnd).replace(/\r?\n$/, '');
    const own = line.length - line.trimStart().length;
    const isBlank = line.trim() === '';
    const isComment = line.trimStart().startsWith('#');
    if (!isBlank && !isComment && own < indent) break;
    if (!isBlank && (!isComment || own >= indent)) end = lineEnd;
    at = lineEnd;
  }
  return end;
}
