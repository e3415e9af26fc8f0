import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PACKAGE = dirname(import.meta.dirname);
const NAME = '@tributary-data/redshift-data-local';
/** Everything that `files` of package.json may name, and what npm always packs. */
const SHIPPED = ['package.json', 'README.md', 'DIALECT.md', 'LICENSE', 'NOTICE', 'bin'];

/** The package as npm packs it, unpacked into an empty project outside the checkout. */
export interface PackedPackage {
  readonly tarball: string;
  /** Paths in the tarball, sorted. */
  readonly files: readonly string[];
  /** The project that has the package in its `node_modules`. */
  readonly project: string;
  readonly bin: string;
  remove(): void;
}

/**
 * Builds and packs the package, and installs the tarball with the checkout's copies of its dependencies, so that no
 * registry is needed. The checkout's own `dist` is neither read nor written: several tests may pack at once.
 */
export function installPacked(): PackedPackage {
  const directory = mkdtempSync(join(tmpdir(), 'redshift-data-local-'));
  const staged = join(directory, 'staged');
  for (const file of SHIPPED) cpSync(join(PACKAGE, file), join(staged, file), { recursive: true });
  execFileSync(process.execPath, [join(PACKAGE, 'scripts/build.js'), join(staged, 'dist')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { tarball, files } = pack(staged, directory);
  const project = join(directory, 'project');
  const installed = join(project, 'node_modules', NAME);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
  for (const dependency of dependenciesOf(installed)) linkDependency(dependency, project);
  return {
    tarball,
    files,
    project,
    bin: join(installed, 'bin/redshift-data-local.js'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Packs a folder as npm does. @returns the tarball in `destination`, and the paths in it, sorted. */
export function pack(folder: string, destination: string): { tarball: string; files: readonly string[] } {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string; files: { path: string }[] }];
  return {
    tarball: join(destination, packed.filename),
    files: packed.files.map(({ path }) => path).sort(),
  };
}

function dependenciesOf(installed: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return Object.keys(dependencies);
}

function linkDependency(name: string, project: string): void {
  const directories = createRequire(import.meta.url).resolve.paths(name)!;
  const link = join(project, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  for (const directory of directories) {
    try {
      readFileSync(join(directory, name, 'package.json'));
    } catch {
      continue;
    }
    symlinkSync(join(directory, name), link);
    return;
  }
  throw new Error(`${name} is not installed`);
}
