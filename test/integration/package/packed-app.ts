import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPacked, pack } from '../../../packages/redshift-data-local/test/packed-package.ts';
import { PACKAGE_ROOT } from '../../../src/installation/package-files.ts';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const LOCAL_REDSHIFT = '@tributary-data/redshift-data-local';
/** npm packs these in any case. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/** The app as npm packs it, unpacked into an empty project outside the checkout. */
export interface PackedApp {
  readonly name: string;
  readonly version: string;
  /** Paths in the tarball, sorted. */
  readonly files: readonly string[];
  /** The project that has it in its `node_modules`. */
  readonly project: string;
  /** Where it is in there. */
  readonly installed: string;
  /** Installs the tarball of the local Redshift beside it. */
  addLocalRedshift(): void;
  remove(): void;
}

/**
 * Builds and packs the app, and installs the tarball with the checkout's copies of its dependencies: a real `npm install`
 * takes minutes. The checkout's own `dist` is neither read nor written.
 */
export function installPackedApp(): PackedApp {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-packed-'));
  const staged = join(directory, 'staged');
  const { name, version, files } = packageJson(PACKAGE_ROOT);
  for (const file of [...ALWAYS, ...files].filter((each) => each !== 'dist')) {
    cpSync(join(PACKAGE_ROOT, file), join(staged, file), { recursive: true });
  }
  execFileSync(process.execPath, [join(PACKAGE_ROOT, 'scripts/build.ts'), join(staged, 'dist')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const packed = pack(staged, directory);
  const project = join(directory, 'project');
  const installed = join(project, 'node_modules', name);
  unpack(packed.tarball, installed);
  const { dependencies, optionalDependencies } = packageJson(installed);
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) link(each, project);
  mkdirSync(join(project, 'node_modules/.bin'));
  symlinkSync(`../${name}/bin/tributary.js`, join(project, 'node_modules/.bin/tributary'));
  return {
    name,
    version,
    files: packed.files,
    project,
    installed,
    addLocalRedshift: () => {
      const redshift = installPacked();
      const target = join(project, 'node_modules', LOCAL_REDSHIFT);
      unpack(redshift.tarball, target);
      redshift.remove();
      for (const each of Object.keys(packageJson(target).dependencies)) link(each, project);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const packageJson = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageJson;

function unpack(tarball: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', directory, '--strip-components', '1']);
}

/** The checkout's copy of a dependency; those for other platforms are in neither place. */
function link(name: string, project: string): void {
  const copy = join(PACKAGE_ROOT, 'node_modules', name);
  const place = join(project, 'node_modules', name);
  if (!existsSync(copy) || existsSync(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(copy, place);
}
