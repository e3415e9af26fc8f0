import { fileURLToPath } from 'node:url';

/**
 * Where this package's files are. A checkout runs the TypeScript in `src` and `local`; the built package has the same
 * tree as JavaScript below `dist`, because Node does not strip types under `node_modules`.
 */

const here = import.meta.url;

/** True if the TypeScript sources run, false if the built package does. */
export const IS_CHECKOUT = here.endsWith('.ts');

const root = new URL(IS_CHECKOUT ? '../../' : '../../../', here);

/** The directory of package.json, without a slash at its end. */
export const PACKAGE_ROOT = fileURLToPath(root).replace(/\/$/, '');

/** The path of a file that is not compiled: `packageFile('local/data/nobel/prizes.json')`. */
export const packageFile = (path: string): string => fileURLToPath(new URL(path, root));

/** The path of a module that a new process starts with: `packageModule('src/workers/main.ts')`. */
export const packageModule = (source: string): string =>
  packageFile(IS_CHECKOUT ? source : `dist/${source.replace(/\.ts$/, '.js')}`);
