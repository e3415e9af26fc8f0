import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { minify } from 'terser';
import { Terminal } from '../clients/errors.ts';
import { PACKAGE_ROOT, packageModule } from '../installation/package-files.ts';

/** The modules of a data converter that run in workflows. */
export type Converters = Pick<DataConverter, 'payloadConverterPath' | 'failureConverterPath'>;

const MOST_BYTES = 256 * 1024 * 1024;

/** Bundles the sources now, with these converters. The code names no path of this machine. */
export async function bundleSources(converters: Converters = {}): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...converters,
    workflowsPath: packageModule('src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  return compact(code);
}

/**
 * The same in a process of its own: webpack takes more than 100 MB, which a worker would keep until it ends.
 * @throws Terminal `BadEnvironment` if webpack finds errors, in the sources or in the converters
 */
export async function bundleInProcess(converters: Converters = {}): Promise<string> {
  const print = packageModule('src/workers/print-workflow-bundle.ts');
  const words = ['--disable-warning=ExperimentalWarning', print, JSON.stringify(converters)];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: MOST_BYTES });
    return stdout;
  } catch (error) {
    const printed = (error as { stderr?: string }).stderr?.trim();
    throw new Terminal('BadEnvironment', `The workflows could not be bundled:\n${printed || String(error)}`, {
      cause: error,
    });
  }
}

const SOURCE_MAP = /^\/\/# sourceMappingURL=data:application\/json;[^,\n]*base64,([\w+/=]+)\s*$/m;

/**
 * The bundle as a worker keeps it in memory, several times over: without comments and blanks, in ASCII, because V8 gives every
 * character of another text two bytes, and without the sources that the source map repeats. All names remain, and so do
 * file names and lines, for stack traces. The paths in the source map become relative to the package's root.
 */
async function compact(bundled: string): Promise<string> {
  const [, encoded = ''] = SOURCE_MAP.exec(bundled) ?? [];
  const root = JSON.stringify(`${PACKAGE_ROOT}/`).slice(1, -1);
  const text = Buffer.from(encoded, 'base64').toString('utf8').replaceAll(root, '');
  const { sourcesContent: _, ...map } = JSON.parse(text) as { file: string; sourcesContent?: unknown };
  const { code = '' } = await minify(bundled.replace(SOURCE_MAP, ''), {
    compress: false,
    mangle: false,
    format: { comments: false, ascii_only: true },
    sourceMap: { content: JSON.stringify(map), filename: map.file, url: 'inline', includeSources: false },
  });
  return code;
}
