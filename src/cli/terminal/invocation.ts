import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { IS_CHECKOUT, PACKAGE_ROOT } from '../../installation/package-files.ts';
import { COMMANDS, withCommand } from '../../pipeline/text/commands.ts';

/**
 * How commands are printed. On the public registry `tributary` is another project's package, so a printed command must
 * never let npx fetch it: `npx tributary` only where npx finds this checkout, else what runs this very installation.
 */

/** Where a process was started, as far as printed commands depend on it. */
export interface Surroundings {
  readonly isCheckout: boolean;
  /** The directory of this package's package.json. */
  readonly packageRoot: string;
  /** The working directory. */
  readonly directory: string;
  /** The variable PATH. */
  readonly path: string;
}

/** What to type before a command's words, so that a shell in `directory` runs this very program. */
export function invocation({ isCheckout, packageRoot, directory, path }: Surroundings): string {
  const root = realPath(packageRoot);
  const launcher = join(packageRoot, 'bin', 'tributary.js');
  const real = realPath(launcher);
  if (isCheckout) {
    return root !== undefined && realPath(nearestPackage(directory)) === root
      ? 'npx tributary'
      : `node ${quoted(launcher)}`;
  }
  if (real !== undefined && firstOnPath(path) === real) return 'tributary';
  if (root !== undefined && installedAbove(directory) === root) return 'npx --no-install tributary';
  return `node ${quoted(launcher)}`;
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return PACKAGE_ROOT;
  }
}

const upwards = (directory: string): string[] => {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
};

/** The root of the project that npx works in. */
const nearestPackage = (directory: string) =>
  upwards(directory).find((each) => existsSync(join(each, 'package.json')));

/** The package whose binary npx takes without asking a registry. */
function installedAbove(directory: string): string | undefined {
  const project = upwards(directory).find((each) =>
    existsSync(join(each, 'node_modules', '.bin', 'tributary')),
  );
  if (project === undefined) return undefined;
  return realPath(join(project, 'node_modules', packageName()));
}

const packageName = () =>
  (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { name: string }).name;

/**
 * What a shell runs for `tributary`. npx and npm scripts put `node_modules/.bin` on PATH; the operator's shell does not
 * have it there.
 */
const firstOnPath = (path: string) =>
  path
    .split(delimiter)
    .filter((directory) => directory !== '' && !directory.endsWith('node_modules/.bin'))
    .map((directory) => realPath(join(directory, 'tributary')))
    .find((file) => file !== undefined);

function realPath(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : realpathSync(path);
  } catch {
    return undefined;
  }
}

const quoted = (path: string) =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;

/** What to type before a command's words: `${TRIBUTARY} status`. */
export const TRIBUTARY = invocation({
  isCheckout: IS_CHECKOUT,
  packageRoot: PACKAGE_ROOT,
  directory: workingDirectory(),
  path: process.env.PATH ?? '',
});

/** The `--config` of this command line, for commands that it prints: ` --config other.yaml`; empty if it has none. */
export function configGiven(words: readonly string[]): string {
  const at = words.findIndex((word) => /^--config(?:=|$)/.test(word));
  const file = words[at]?.includes('=') ? words[at]?.slice('--config='.length) : words[at + 1];
  return at < 0 || file === undefined ? '' : ` --config ${quoted(file)}`;
}

/** To append to a printed command that needs the configuration file or the local stack beside it. */
export const WITH_CONFIG = configGiven(process.argv.slice(2));

/** A command in quotes, which can be extended. Some commands take no `--config`. */
const QUOTED = new RegExp(
  `(["\`])(tributary (?!local|demo|config|completion)(?:${COMMANDS.join('|')})\\b[^"\`]*)\\1`,
  'g',
);

/**
 * Rewrites commands in a text from elsewhere, e.g. from an activity, which cannot know how the operator starts the
 * program, nor with which `--config`.
 */
export const asTypedHere = (text: string, typed = TRIBUTARY, config = WITH_CONFIG): string =>
  withCommand(
    text.replaceAll(QUOTED, (_, quote: string, command: string) => {
      const each = command.split(' && ');
      return (
        quote + each.map((one) => (one.includes(' --config ') ? one : one + config)).join(' && ') + quote
      );
    }),
    typed,
  );
