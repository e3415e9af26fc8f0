import type { Document } from 'yaml';
import { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import type { ConfigProblem } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';

/** A loader of the file whose settings may be wrong in part: the valid settings, with their defaults. */
export interface WrittenLoader {
  readonly name: string;
  readonly parts: Partial<LoaderDefinition>;
  /**
   * A problem of this loader.
   * @param path below the loader, e.g. `['source', 'match']`
   * @param of whether the position is that of the setting's name or of its value
   */
  readonly problem: (
    path: readonly (string | number)[],
    of: 'key' | 'value',
    message: string,
  ) => ConfigProblem;
}

/** @param loaders with their defaults, not validated yet */
export const writtenLoaders = (
  document: Document,
  loaders: Readonly<Record<string, unknown>>,
): WrittenLoader[] =>
  Object.entries(loaders).map(([name, loader]) => ({
    name,
    parts: partsOf(loader),
    problem: (below, of, message) => {
      const path = ['loaders', name, ...below];
      return { path, offset: offsetOf(document, path, of), message: `expected ${message}` };
    },
  }));

function partsOf(loader: unknown): Partial<LoaderDefinition> {
  if (typeof loader !== 'object' || loader === null) return {};
  const parts = Object.entries(LoaderDefinition.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse((loader as Record<string, unknown>)[key]);
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data] as const] : [];
  });
  return Object.fromEntries(parts);
}

/** Whether both are one column: Redshift folds names to lower case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
