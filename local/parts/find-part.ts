import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { buildWithGo } from './go-build.ts';
import { type Part, type Platform, type Search, thisPlatform } from './part.ts';
import { PartMissingError } from './part-missing-error.ts';
import { cachedPartDirectory, fillOnce } from './parts-cache.ts';
import { downloadRelease } from './vendor-release.ts';

interface FoundPart {
  /** The executable's absolute path. */
  path: string;
  from: 'environment' | 'PATH' | 'npm' | 'cache' | 'vendor release' | 'Go build';
}

/** Looks in one place. Returns undefined if the part is not there, and adds what was tried to `tried`. */
type Place = (
  part: Part,
  platform: Platform,
  tried: string[],
  search: Search,
) => Promise<FoundPart | undefined>;

/** The order is a promise to users: a program that they named or installed takes precedence over a fetched one. */
const here: Place[] = [fromEnvironment, fromPath, fromNpm, fromCache];
const places: Place[] = [...here, fromVendor, fromGo];

/**
 * Finds a part. Fetches or builds it if necessary.
 * @throws PartMissingError if no place has it; an Error if the environment names something that is not a program
 */
export async function findPart(part: Part, search: Search): Promise<FoundPart> {
  const platform = thisPlatform();
  const tried: string[] = [];
  for (const place of places) {
    const found = await place(part, platform, tried, search);
    if (found) return found;
  }
  throw new PartMissingError(part, platform, tried);
}

/** Finds a part without fetching it; undefined if it would have to be fetched. */
export async function findPartHere(part: Part): Promise<FoundPart | undefined> {
  const platform = thisPlatform();
  for (const place of here) {
    const found = await place(part, platform, [], { log: () => {} });
    if (found) return found;
  }
  return undefined;
}

async function fromEnvironment(part: Part): Promise<FoundPart | undefined> {
  const path = process.env[part.environmentVariable];
  if (!path) return undefined;
  if (!isExecutable(path)) {
    throw new Error(
      `${part.environmentVariable}=${path} is not an executable file. Set it to the path of ${part.title}, or unset it to search for the part.`,
    );
  }
  return { path, from: 'environment' };
}

async function fromPath(part: Part, _platform: Platform, tried: string[], search: Search) {
  const path = onPath(part.program);
  if (!path) {
    tried.push(`PATH: no \`${part.program}\``);
    return undefined;
  }
  const asked = spawnSync(path, part.versionArguments, { encoding: 'utf8', timeout: 10_000 });
  const output = `${asked.stdout ?? ''}${asked.stderr ?? ''}`;
  if (asked.status === 0 && part.accepts(output)) return { path, from: 'PATH' as const };
  const firstLine = output.trim().split('\n')[0] ?? '';
  tried.push(`PATH: ${path} reports "${firstLine}"; required: ${part.acceptedVersions}`);
  search.log(`ignoring ${path} ("${firstLine}"); required: ${part.acceptedVersions}`);
  return undefined;
}

async function fromNpm(part: Part, platform: Platform, tried: string[]): Promise<FoundPart | undefined> {
  if (!part.npm) return undefined;
  const packageName = part.npm.packageName(platform);
  const directory = npmPackageDirectory(packageName);
  const path = directory && join(directory, part.npm.program);
  if (path && isExecutable(path)) return { path, from: 'npm' };
  tried.push(`npm: ${packageName} is not installed`);
  return undefined;
}

async function fromCache(part: Part, platform: Platform): Promise<FoundPart | undefined> {
  const path = join(cachedPartDirectory(part.name, part.version, platform), part.program);
  return isExecutable(path) ? { path, from: 'cache' } : undefined;
}

async function fromVendor(part: Part, platform: Platform, tried: string[], search: Search) {
  const release = part.vendorRelease?.(platform);
  if (!release) return undefined;
  return fetched(part, platform, tried, search, 'vendor release', (directory) =>
    downloadRelease(release, part.program, directory, search),
  );
}

async function fromGo(part: Part, platform: Platform, tried: string[], search: Search) {
  const { goProgram } = part;
  if (!goProgram) return undefined;
  return fetched(part, platform, tried, search, 'Go build', (directory) =>
    buildWithGo(goProgram, part.program, directory, search),
  );
}

async function fetched(
  part: Part,
  platform: Platform,
  tried: string[],
  search: Search,
  from: FoundPart['from'],
  fill: (directory: string) => Promise<void>,
): Promise<FoundPart | undefined> {
  const directory = cachedPartDirectory(part.name, part.version, platform);
  try {
    await fillOnce(directory, search, fill);
    return { path: join(directory, part.program), from };
  } catch (error) {
    tried.push(`${from}: ${(error as Error).message}`);
    search.signal?.throwIfAborted();
    search.log(`${part.name}: ${from}: ${(error as Error).message}`);
    return undefined;
  }
}

/** The folder of an installed npm package, wherever npm put it; undefined if it is not installed. */
export function npmPackageDirectory(packageName: string): string | undefined {
  const lookIn = createRequire(import.meta.url).resolve.paths(packageName) ?? [];
  return lookIn.map((root) => join(root, packageName)).find((path) => existsSync(path));
}

/** The first executable with this name on PATH, except in npm's `.bin` folders. */
export function onPath(program: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== '');
  return directories
    .filter((entry) => !(entry.endsWith('.bin') && dirname(entry).endsWith('node_modules')))
    .map((entry) => join(entry, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
