import { SourceMap } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { BuildFailure, BuildOptions, Message } from 'esbuild';
import { ModuleUnusable } from './module-unusable.ts';

/** What a record module imports of this package; the thread supplies it, so that it is no part of the bundle. */
const PACKAGE_NAME = '@tributary-data/tributary';

/**
 * A module and all that it imports, as one CommonJS script. The same files give the same script, wherever they are.
 * @param file its path
 * @throws ModuleUnusable with every error of the compiler, with file, line and column
 */
export async function bundleModule(file: string): Promise<string> {
  const { build } = await bundler();
  try {
    const { outputFiles } = await build(optionsFor(file));
    return outputFiles[0]!.text;
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    throw new ModuleUnusable(`${file} cannot be compiled:\n${errors.map(located).join('\n')}`);
  }
}

/**
 * A text with positions in a module's script, such as a stack trace, with the positions in the files that the script was made of.
 * @param code the script; if the files give another one by now, or none, the text stays as it is
 */
export async function inSourceFiles(text: string, file: string, code: string): Promise<string> {
  const path = resolve(file);
  const { build } = await bundler();
  // The name of the output decides how the map names its sources.
  const options = { ...optionsFor(file), sourcemap: 'external', outfile: `${path}.js` } as const;
  const built = await build(options).catch(() => undefined);
  const [map, script] = built?.outputFiles.map((output) => output.text) ?? [];
  if (map === undefined || script !== code) return text;
  const positions = new SourceMap(JSON.parse(map));
  return text.replaceAll(/([^\s()]+):(\d+):(\d+)/g, (whole, name: string, line: string, column: string) => {
    if (name !== file) return whole;
    const { fileName, lineNumber, columnNumber } = positions.findOrigin(Number(line), Number(column)) as {
      readonly fileName?: string;
      readonly lineNumber?: number;
      readonly columnNumber?: number;
    };
    return fileName === undefined ? whole : `${join(dirname(file), fileName)}:${lineNumber}:${columnNumber}`;
  });
}

const optionsFor = (file: string) =>
  ({
    entryPoints: [resolve(file)],
    absWorkingDir: dirname(resolve(file)),
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
  }) as const satisfies BuildOptions;

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
