import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { endingWithParent } from './ending-with-parent.ts';
import type { GoProgram, Search } from './part.ts';
import { partsCacheDirectory } from './parts-cache.ts';

/** One build already uses every core, so builds run one after the other. */
let lastBuild: Promise<unknown> = Promise.resolve();

/**
 * Builds a Go program from the module proxy into `directory/<program>`, and reports progress every few seconds. Only the
 * pinned source is built.
 * @throws if Go is not installed, the module is not the pinned one, or the build fails, with the end of Go's output
 */
export function buildWithGo(
  goProgram: GoProgram,
  program: string,
  directory: string,
  search: Search,
): Promise<void> {
  const build = lastBuild.then(() => runGo(goProgram, program, directory, search));
  lastBuild = build.catch(() => {});
  return build;
}

async function runGo(
  { module, sum, package: goPackage }: GoProgram,
  program: string,
  directory: string,
  { log, signal }: Search,
) {
  signal?.throwIfAborted();
  if (spawnSync('go', ['version']).status !== 0) throw new Error('Go is not on PATH');
  const work = mkdtempSync(join(directory, 'build-'));
  const env = { ...goEnvironment(), CGO_ENABLED: '0', GOWORK: 'off' };
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  log(`building ${module} with Go, once: this takes one to three minutes`);
  let packages = 0;
  const progress = setInterval(() => {
    log(`building ${program}: ${seconds()} s, ${packages} packages compiled`);
  }, 10_000);
  try {
    const download = await runToEnd(['mod', 'download', '-json', module], { cwd: work, env, signal });
    const fetched = JSON.parse(download) as { Sum: string; Dir: string };
    if (fetched.Sum !== sum) throw new Error(`${module} has the hash ${fetched.Sum}, not the pinned ${sum}`);
    // As the main module, it has its own go.sum, which Go checks every other module against. `go install` would not.
    const source = join(work, 'source');
    copyWritable(fetched.Dir, source);
    // -v prints each package as it is compiled. -s -w leave out debug information.
    const build = ['build', '-v', '-mod=readonly', '-ldflags=-s -w', '-o', join(work, program), goPackage];
    await runToEnd(build, { cwd: source, env, signal }, () => packages++);
    renameSync(join(work, program), join(directory, program));
    log(`built ${program} in ${seconds()} s`);
  } finally {
    clearInterval(progress);
    rmSync(work, { recursive: true, force: true });
  }
}

/** Go's module cache is read-only, and so would a copy of its folders be: it could not be deleted. */
function copyWritable(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyWritable(source, target);
    else writeFileSync(target, readFileSync(source));
  }
}

/** Go keeps modules and compiled packages in the home directory. Without one, choose another place. */
function goEnvironment(): NodeJS.ProcessEnv {
  const known = spawnSync('go', ['env', 'GOCACHE', 'GOMODCACHE'], { encoding: 'utf8' });
  try {
    for (const directory of known.stdout.trim().split('\n')) mkdirSync(directory, { recursive: true });
    return process.env;
  } catch {
    const own = join(partsCacheDirectory(), 'go');
    return { ...process.env, GOCACHE: join(own, 'build'), GOMODCACHE: join(own, 'mod'), GOPATH: own };
  }
}

/** @returns what it printed. */
function runToEnd(
  arguments_: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
  onLine: () => void = () => {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command, commandArguments] = endingWithParent('go', arguments_, 'SIGTERM');
    const child = spawn(command, commandArguments, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-4000);
      for (const _line of chunk.matchAll(/\n/g)) onLine();
    });
    child.on('error', reject);
    child.on('close', (code, endSignal) => {
      if (code === 0) return resolve(printed);
      const end = (output + printed.slice(-2000)).trim().split('\n').slice(-8).join('\n    ');
      reject(new Error(`\`go ${arguments_.join(' ')}\` ended with ${code ?? endSignal}:\n    ${end}`));
    });
  });
}
