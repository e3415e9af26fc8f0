import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import type { Pipeline } from '../pipeline/definition/pipeline.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { divideDatasets } from './datasets/dataset-entry.ts';
import { offsetOf } from './document-positions.ts';
import { issuesBehindName, jointProblems } from './joint-problems.ts';
import type { PipelineEntry } from './pipeline-entry.ts';
import { pipelineOfEntry } from './pipeline-of-entry.ts';
import { protoProblems } from './proto-problems.ts';
import { divideSchedules } from './schedules/schedule-entry.ts';
import { credentialProblems, problemsOf } from './schema-problems.ts';
import { isPattern } from './table-patterns.ts';
import { ConfigDocument, type TributaryConfig } from './tributary-config.ts';
import { isWritten, withDefaults, writtenPath } from './with-defaults.ts';

/**
 * Parses the configuration from YAML text (YAML 1.2, one document; anchors and `<<` are allowed).
 * @param file its name in messages
 * @throws ConfigError `ConfigInvalid` with every problem, one per line: `file:line:column path: what`
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
    const message = 'the file is empty: expected a map with the key "pipelines", "loaders" or "datasets"';
    throw invalid(file, lines, [{ offset: 0, path: [], message }]);
  }
  const merged = withDefaults(content);
  const parsed = ConfigDocument.safeParse(merged);
  const found = [
    ...withoutAnything(content),
    ...jointProblems(document, merged),
    ...(parsed.error?.issues ?? [])
      .flatMap((issue) => [issue, ...issuesBehindName(issue, merged)])
      .flatMap((issue) => ownIssue(issue, content))
      .flatMap((issue) => problemsOf(issue, document, merged)),
  ];
  const problems = [
    ...credentialProblems(document, content),
    ...protoProblems(document),
    ...atTheirDefault(found, document, content),
  ];
  if (parsed.success && problems.length === 0) return divided(parsed.data);
  throw invalid(file, lines, problems);
}

/** The pipelines of single tables, and the patterns; source datasets, and derived ones; the schedules of pipelines, and those of loaders. */
function divided({
  pipelines: entries,
  datasets,
  schedules,
  ...rest
}: z.infer<typeof ConfigDocument>): TributaryConfig {
  const pipelines: Record<string, Pipeline> = {};
  const patterns: Record<string, PipelineEntry> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (isPattern(entry.source.table)) patterns[name] = entry;
    else pipelines[name] = pipelineOfEntry(entry);
  }
  return { ...rest, ...divideDatasets(datasets), ...divideSchedules(schedules), pipelines, patterns };
}

/** Each of these maps may be left out, but not all at once. */
function withoutAnything(content: unknown): ConfigProblem[] {
  const isMap = typeof content === 'object' && !Array.isArray(content);
  if (!isMap || ['pipelines', 'loaders', 'datasets'].some((map) => isWritten(content, [map]))) return [];
  return [
    { offset: 0, path: [], message: 'Missing key: "pipelines", "loaders" or "datasets", a map of names' },
  ];
}

/** A problem of a default is found in each pipeline that takes it over: it is reported where it is written, once. */
function atTheirDefault(
  problems: readonly ConfigProblem[],
  document: Document,
  content: unknown,
): ConfigProblem[] {
  const placed = problems.map((problem) => {
    const path = writtenPath(content, problem.path);
    if (path === problem.path) return problem;
    return { ...problem, path, offset: offsetOf(document, path, 'value') };
  });
  const inDefaults = new Map<number, ConfigProblem>();
  for (const problem of placed) {
    if (problem.path[0] === 'defaults' && !inDefaults.has(problem.offset))
      inDefaults.set(problem.offset, problem);
  }
  return placed.filter(
    (problem) => problem.path[0] !== 'defaults' || inDefaults.get(problem.offset) === problem,
  );
}

/** An unknown key of the defaults is reported there, not in the pipelines that it was merged into. */
function ownIssue(issue: z.core.$ZodIssue, content: unknown): z.core.$ZodIssue[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  const keys = issue.keys.filter((key) => isWritten(content, [...issue.path, key]));
  return keys.length === 0 ? [] : [{ ...issue, keys }];
}

/** Only this step finds aliases without an anchor, and aliases that expand too much. */
function contentOf(document: Document, file: string, lines: LineCounter): unknown {
  const dangling: ConfigProblem[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `*${alias.source} refers to nothing: there is no anchor &${alias.source} before it`;
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

/** Replaces messages of the parser that are hard to understand. */
function syntax(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML allows only spaces';
    case 'DUPLICATE_KEY':
      return 'this key occurs twice in its map: remove one';
    case 'MULTIPLE_DOCS':
      return 'a second document starts here (---): the file must contain only one';
    default:
      return message;
  }
}

function invalid(file: string, lines: LineCounter, problems: readonly ConfigProblem[]): ConfigError {
  // What an alias repeats is in the file once, so it is reported once.
  const unique = new Map(
    problems.toReversed().map((problem) => [`${problem.offset} ${problem.message}`, problem]),
  );
  const sorted = [...unique.values()].sort((a, b) => a.offset - b.offset);
  const said = sorted.map(({ offset, path, message }) => {
    const { line, col } = lines.linePos(offset);
    const where = path
      .map((step, i) => (typeof step === 'number' ? `[${step}]` : i ? `.${step}` : step))
      .join('');
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)} ${where === '' ? '' : `${where}: `}${message}`;
  });
  return new ConfigError('ConfigInvalid', said.join('\n'));
}
