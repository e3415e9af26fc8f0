import { posix } from 'node:path';
import { parseSync } from '@swc/core';
import { section } from './pages.ts';

/** A row of ARCHITECTURE.md's table: the files of a folder, and what they may import. */
export interface Room {
  /** A folder, with its subfolders up to those that have rows of their own; or one file. */
  readonly folder: string;
  /** Folders, `<folder>/*` for a folder's own files only, npm packages, `node:` modules; a single `*` is anything. */
  readonly mayImport: readonly string[];
}

/** The rows of "Who may import whom". */
export function roomsOf(architecture: string): Room[] {
  const rows = section(architecture, 'Who may import whom')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));
  return rows.map(([folder = '', , imports = '']) => ({
    folder: codeIn(folder)[0] as string,
    mayImport: codeIn(imports),
  }));
}

const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);

/** The room that a file belongs to: of the folders that hold it, the innermost. */
function roomOf(file: string, rooms: readonly Room[]): Room | undefined {
  return rooms
    .filter(({ folder }) => file === folder || file.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

/**
 * What a file imports although its room does not allow it, as `<file> imports <what>`.
 * @param file its path from the repository's root
 * @param packages folder of each workspace package, by its npm name
 */
export function forbiddenImports(
  file: string,
  source: string,
  rooms: readonly Room[],
  packages: ReadonlyMap<string, string> = new Map(),
): string[] {
  const room = roomOf(file, rooms);
  if (room === undefined) return [`${file} is in no folder of the table`];
  const allowed = (target: string) =>
    room.mayImport.includes('*') ||
    roomOf(target, rooms) === room ||
    room.mayImport.some((entry) => covers(entry, target, rooms));
  return importsOf(source)
    .map((specifier) => resolve(file, specifier, packages))
    .filter((target) => !allowed(target))
    .map((target) => `${file} imports ${target}`);
}

function covers(entry: string, target: string, rooms: readonly Room[]): boolean {
  if (entry === target) return true;
  if (entry.endsWith('/*')) return posix.dirname(target) === entry.slice(0, -2);
  // A package's entry also allows its subpaths. A folder must be in the table; otherwise a typo would go unnoticed.
  if (!rooms.some(({ folder }) => folder === entry || folder.startsWith(`${entry}/`)))
    return isPackage(entry) && target.startsWith(`${entry}/`);
  return target.startsWith(`${entry}/`);
}

const isPackage = (entry: string) => !/^(src|local|packages|test|bench|bin|examples)\b/.test(entry);

/** A path from the repository's root, or a package's name as it was written. */
function resolve(file: string, specifier: string, packages: ReadonlyMap<string, string>): string {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(file), specifier));
  for (const [name, folder] of packages) {
    if (specifier === name || specifier.startsWith(`${name}/`))
      return `${folder}${specifier.slice(name.length)}/`;
  }
  return specifier;
}

/** Every module a source names: imports and re-exports, of values or types, static, dynamic or in a type. */
export function importsOf(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, source: from, argument, callee, arguments: given } = node as Record<string, unknown>;
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(String(type))) add(from);
    if (type === 'TsImportType') add(argument);
    if (type === 'TsExternalModuleReference') add((node as { expression: unknown }).expression);
    if (type === 'CallExpression' && (callee as { type: string }).type === 'Import') {
      add((given as { expression: unknown }[])[0]?.expression);
    }
    Object.values(node).forEach(visit);
  };
  const add = (literal: unknown) => {
    const { value } = (literal ?? {}) as { value?: unknown };
    if (typeof value === 'string') found.push(value);
  };
  visit(parseSync(source, { syntax: 'typescript', target: 'es2024' }).body);
  return found;
}
