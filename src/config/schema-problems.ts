import type { Document } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../pipeline/text/nearest.ts';
import type { ConfigProblem } from './config-error.ts';
import {
  CREDENTIALS_BELONG_ELSEWHERE,
  looksLikeCredentialKey,
  looksLikeCredentialValue,
} from './credentials.ts';
import { offsetOf } from './document-positions.ts';
import { inWords, knownKeys, schemaAt } from './expected.ts';
import { PROTO } from './proto-problems.ts';

/** Turns zod's issues into messages for the author of the file. */

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

const pathOf = (issue: Issue): Path =>
  issue.path.map((step) => (typeof step === 'number' ? step : String(step)));

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Describes a value: `the number 2024`, `"four"`. Never shows a credential. */
function got(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (looksLikeCredentialValue(value)) return 'what looks like a credential';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

/** Explains what YAML did, if that is surprising. */
function yamlTrap(value: unknown, expected: string): string {
  if (typeof value === 'string' && expected === 'true or false' && /^(on|off|yes|no|y|n)$/i.test(value)) {
    return `. YAML 1.2 reads ${value} as text: write true or false`;
  }
  if (/^text(?: or |$)/.test(expected) && (typeof value === 'number' || typeof value === 'boolean')) {
    return `. Put it in quotes: "${String(value)}"`;
  }
  if (expected.includes('number') && typeof value === 'string' && /^[0-9][0-9_.,]*$/.test(value)) {
    return '. Write the number without quotes, commas or underscores';
  }
  return '';
}

/** What a text or list of a wrong length must be. Undefined if something else is wrong. */
function rightLength(issue: Issue, value: unknown): string | undefined {
  const [what, parts] = typeof value === 'string' ? ['text', 'characters'] : ['a list', 'values'];
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined;
  if (issue.code === 'too_big') return `${what} of at most ${issue.maximum} ${parts}`;
  if (issue.code !== 'too_small') return undefined;
  return value.length === 0 ? `${what} that is not empty` : `${what} of at least ${issue.minimum} ${parts}`;
}

function wrongValue(issue: Issue, path: Path, value: unknown, content: unknown): string {
  if (issue.code === 'invalid_format' || issue.code === 'custom') {
    return `expected ${issue.message}, got ${got(value)}`;
  }
  const schema = schemaAt(path, content);
  const expected = rightLength(issue, value) ?? (schema === undefined ? issue.message : inWords(schema));
  return `expected ${expected}, got ${got(value)}${yamlTrap(value, expected)}`;
}

/** The issues inside a map, where a word or a map is allowed and the value is a map. */
const issuesInMap = ({ errors }: Extract<Issue, { code: 'invalid_union' }>): Issue[] =>
  errors.find((issues) =>
    issues.every(({ code, path }) => code === 'unrecognized_keys' || path.length > 0),
  ) ?? [];

/** A key of several words was a text with a comma, which ends a value within { }. */
function keyHint(key: string, path: Path, content: unknown): string {
  if (/\s/.test(key.trim()) && valueAt(content, [...path, key]) === null)
    return '. Within { }, a comma ends a text: put the text with the comma in quotes, or on lines of its own after |';
  const known = knownKeys(path, content);
  return didYouMean(key, known) || (known.length === 0 ? '' : `. Known here: ${known.join(', ')}`);
}

/** The problems in one of zod's issues: an issue about unknown keys may name several. */
export function problemsOf(issue: Issue, document: Document, content: unknown): ConfigProblem[] {
  const path = pathOf(issue);
  const inMap = issue.code === 'invalid_union' ? issuesInMap(issue) : [];
  if (inMap.length > 0) {
    return inMap.flatMap((inner) =>
      problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, document, content),
    );
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .filter((key) => !looksLikeCredentialKey(key) && key !== PROTO)
      .map((key) => ({
        path,
        offset: offsetOf(document, [...path, key], 'key'),
        message: `Unrecognized key: "${key}"${keyHint(key, path, content)}`,
      }));
  }
  if (issue.code === 'invalid_key') {
    const name = String(path.at(-1) ?? '');
    const reasons = issue.issues.map((inner) => inner.message).join('; ');
    return [
      {
        path: path.slice(0, -1),
        offset: offsetOf(document, path, 'key'),
        message: `Key ${JSON.stringify(name)} is not valid here: expected ${reasons}`,
      },
    ];
  }
  const value = valueAt(content, path);
  if (value === undefined && path.length > 0 && issue.code !== 'custom') {
    const schema = schemaAt(path, content);
    return [
      {
        path: path.slice(0, -1),
        offset: offsetOf(document, path, 'key'),
        message: `Missing key: "${String(path.at(-1))}", ${schema === undefined ? issue.message : inWords(schema)}`,
      },
    ];
  }
  if (issue.code === 'custom' && (value === undefined || (value !== null && typeof value === 'object'))) {
    return [
      {
        path: value === undefined ? path.slice(0, -1) : path,
        offset: offsetOf(document, path, 'key'),
        message: `expected ${issue.message}`,
      },
    ];
  }
  return [
    { path, offset: offsetOf(document, path, 'value'), message: wrongValue(issue, path, value, content) },
  ];
}

/** Finds every key and value that looks like a credential. */
export function credentialProblems(document: Document, content: unknown, path: Path = []): ConfigProblem[] {
  if (looksLikeCredentialValue(content)) {
    return [{ path, offset: offsetOf(document, path, 'value'), message: CREDENTIALS_BELONG_ELSEWHERE }];
  }
  if (content === null || typeof content !== 'object') return [];
  return Object.entries(content).flatMap(([key, value]) => {
    const here = [...path, Array.isArray(content) ? Number(key) : key];
    if (!Array.isArray(content) && !isKnownOrFree(path, key) && looksLikeCredentialKey(key)) {
      return [{ path: here, offset: offsetOf(document, here, 'key'), message: CREDENTIALS_BELONG_ELSEWHERE }];
    }
    return credentialProblems(document, value, here);
  });
}

/** Whether the key is a known setting, or a free name such as a pipeline `password-resets` or an attribute `token`. */
const isKnownOrFree = (path: Path, key: string): boolean =>
  knownKeys(path).includes(key) || typeof schemaAt(path)?.additionalProperties === 'object';
