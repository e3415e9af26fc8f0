import { dirname, resolve } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import { ModuleUnusable } from './module-unusable.ts';

/** What a record module imports of this package; the thread supplies it, so that it is no part of the bundle. */
const PACKAGE_NAME = '@tributary-data/tributary';

/**
 * A module and all that it imports, as one CommonJS script. The same files give the same script, wherever they are.
 * @param file its path
 * @throws ModuleUnusable with every error of the compiler, with file, line and column
 */
export async function bundleModule(file: string): Promise<string> {
  const path = resolve(file);
  const { build } = await bundler();
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      absWorkingDir: dirname(path),
      bundle: true,
      write: false,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      // Comments have paths in them.
      minifyWhitespace: true,
      legalComments: 'none',
      charset: 'utf8',
      logLevel: 'silent',
      external: [PACKAGE_NAME],
    });
    return outputFiles[0]!.text;
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    throw new ModuleUnusable(`${file} cannot be compiled:\n${errors.map(located).join('\n')}`);
  }
}

/** An optional dependency: without datasets, it is not needed. */
async function bundler(): Promise<typeof import('esbuild')> {
  try {
    return await import('esbuild');
  } catch {
    throw new ModuleUnusable(
      'Record modules need the package esbuild, an optional dependency that is not installed: npm install esbuild',
    );
  }
}

const located = ({ location, text }: Message) =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1} ${text}`;
