import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { issuesBehindName, jointProblems } from './joint-problems.ts';
import { credentialProblems, problemsOf } from './schema-problems.ts';
import { TributaryConfig } from './tributary-config.ts';

/**
 * The configuration in a YAML text (YAML 1.2, one document; anchors and `<<` allowed). `file` is its name in
 * messages. Throws ConfigError `ConfigInvalid` with every problem, one a line: `file:line:column path: what`.
 */
export function parseConfig(text: string, file: string): TributaryConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw invalid(
      file,
      lines,
      broken.map(({ pos, code, message }) => ({ offset: pos[0], path: [], message: syntax(code, message) })),
    );
  }
  const content = contentOf(document, file, lines);
  if (content === null || content === undefined) {
    const message = 'the file is empty: expected a map with the key "pipelines"';
    throw invalid(file, lines, [{ offset: 0, path: [], message }]);
  }
  const parsed = TributaryConfig.safeParse(content);
  const problems = [
    ...credentialProblems(document, content),
    ...jointProblems(document, content),
    ...(parsed.error?.issues ?? [])
      .flatMap((issue) => [issue, ...issuesBehindName(issue, content)])
      .flatMap((issue) => problemsOf(issue, document, content)),
  ];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw invalid(file, lines, problems);
}

/** Aliases to nothing, and aliases that expand without end, are only met here. */
function contentOf(document: Document, file: string, lines: LineCounter): unknown {
  const dangling: ConfigProblem[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `*${alias.source} repeats nothing: no anchor &${alias.source} stands before it`;
      dangling.push({ offset: alias.range?.[0] ?? 0, path: [], message });
    },
  });
  if (dangling.length > 0) throw invalid(file, lines, dangling);
  try {
    return document.toJS();
  } catch (error) {
    throw invalid(file, lines, [{ offset: 0, path: [], message: (error as Error).message }]);
  }
}

/** The parser's words where they are plain, ours where they are not. */
function syntax(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML allows only spaces';
    case 'DUPLICATE_KEY':
      return 'this key stands twice in its map: keep one';
    case 'MULTIPLE_DOCS':
      return 'a second document begins here (---): the file holds one';
    default:
      return message;
  }
}

function invalid(file: string, lines: LineCounter, problems: readonly ConfigProblem[]): ConfigError {
  // What an alias repeats stands once in the file: told once.
  const told = new Map(
    problems.toReversed().map((problem) => [`${problem.offset} ${problem.message}`, problem]),
  );
  const sorted = [...told.values()].sort((a, b) => a.offset - b.offset);
  const said = sorted.map(({ offset, path, message }) => {
    const { line, col } = lines.linePos(offset);
    const where = path
      .map((step, i) => (typeof step === 'number' ? `[${step}]` : i ? `.${step}` : step))
      .join('');
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)} ${where === '' ? '' : `${where}: `}${message}`;
  });
  return new ConfigError('ConfigInvalid', said.join('\n'));
}
