import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { IS_CHECKOUT, packageFile, packageModule } from '../installation/package-files.ts';
import { bundleInProcess, type Converters } from './bundle-sources.ts';
import { ENCODING_FAILURE_CONVERTER } from './data-converter.ts';

/** The bundles that the build puts into the package, below its root. */
const SHIPPED_BUNDLE = 'dist/workflows.js';
const SHIPPED_ENCODING_BUNDLE = 'dist/workflows-encoding.js';

/** All that workflow code may import: the table in ARCHITECTURE.md keeps it so. */
const SOURCE_FOLDERS = ['src/workflows', 'src/contract', 'src/pipeline'];
const BUNDLER = packageModule('src/workers/bundle-sources.ts');
const BUNDLES_KEPT = 3;

interface WorkflowCode {
  readonly code: string;
}

/** For a data converter that has codecs and no modules of its own. */
export const ENCODING: Converters = { failureConverterPath: ENCODING_FAILURE_CONVERTER };

/**
 * The workflows as the one script that a worker runs. The package ships it. A checkout bundles its sources, which takes
 * seconds, and keeps the bundle in `cache` until a source or an npm package changes. With modules of a user's own data
 * converter, which may change at any time, every worker bundles.
 */
export async function workflowBundle(
  { payloadConverterPath, failureConverterPath }: Converters = {},
  cache: string = packageFile('.tributary/workflows'),
  bundle: (converters: Converters) => Promise<string> = bundleInProcess,
): Promise<WorkflowCode> {
  const converters: Converters = {
    ...(payloadConverterPath === undefined ? {} : { payloadConverterPath }),
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
  };
  const isPlain = isDeepStrictEqual(converters, {});
  if (!isPlain && !isDeepStrictEqual(converters, ENCODING)) return { code: await bundle(converters) };
  if (!IS_CHECKOUT) {
    const shipped = isPlain ? SHIPPED_BUNDLE : SHIPPED_ENCODING_BUNDLE;
    return { code: readFileSync(packageFile(shipped), 'utf8') };
  }
  const more = [BUNDLER, ...(isPlain ? [] : [ENCODING_FAILURE_CONVERTER])];
  const file = join(cache, `${hashOfSources(more)}.js`);
  const kept = readIfPossible(file);
  if (kept !== undefined) return { code: kept };
  const code = await bundle(converters);
  try {
    keep(file, code);
    removeOlder(cache);
  } catch {
    // This user may not write to the checkout, so the next worker bundles again.
  }
  return { code };
}

/** @param more absolute paths of modules outside of the workflows' folders */
function hashOfSources(more: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (file: string, content: string) => hash.update(`${file}\0${content}\0`);
  for (const folder of SOURCE_FOLDERS) {
    for (const name of readdirSync(packageFile(folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const file = `${folder}/${name}`;
      if (file.endsWith('.ts')) add(file, readFileSync(packageFile(file), 'utf8'));
    }
  }
  for (const file of more) add(file, readFileSync(file, 'utf8'));
  // What npm installed; if another program installed the packages, the lock file.
  const installed = ['node_modules/.package-lock.json', 'package-lock.json'].map((file) =>
    readIfPossible(packageFile(file)),
  );
  add('packages', installed.find((content) => content !== undefined) ?? '');
  return hash.digest('hex').slice(0, 32);
}

/** Another worker may read or write the same file: it appears whole, or not at all. */
function keep(file: string, code: string): void {
  const unfinished = `${file}.${randomUUID()}`;
  mkdirSync(join(file, '..'), { recursive: true });
  try {
    writeFileSync(unfinished, code, { flush: true });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Keeps the newest bundles: another worker may be about to write or read one. */
function removeOlder(cache: string): void {
  const byAge = readdirSync(cache)
    .map((name) => join(cache, name))
    .map((file) => ({ file, at: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.at - a.at);
  for (const { file } of byAge.slice(BUNDLES_KEPT)) rmSync(file, { force: true });
}

function readIfPossible(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
