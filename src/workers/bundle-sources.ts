import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
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

const SOURCE_MAP = /(?<=^\/\/# sourceMappingURL=data:application\/json;[^,\n]*base64,)[\w+/=]+/m;

/**
 * The bundle as a worker keeps it in memory, several times over: in ASCII, because V8 gives every character of another
 * text two bytes, and without the sources that the source map repeats. File names and lines remain, for stack traces.
 * The paths in the source map, also in generated sources, become relative to the package's root.
 */
function compact(code: string): string {
  const root = JSON.stringify(`${PACKAGE_ROOT}/`).slice(1, -1);
  const mapped = code.replace(SOURCE_MAP, (encoded) => {
    const text = Buffer.from(encoded, 'base64').toString('utf8').replaceAll(root, '');
    const { sourcesContent: _, ...map } = JSON.parse(text) as Record<string, unknown>;
    return Buffer.from(JSON.stringify(map)).toString('base64');
  });
  return mapped.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
