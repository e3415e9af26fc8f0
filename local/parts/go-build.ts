import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endingWithParent } from './ending-with-parent.ts';
import type { Search } from './part.ts';
import { partsCacheDirectory } from './parts-cache.ts';

/** One build already uses every core, so builds run one after the other. */
let lastBuild: Promise<unknown> = Promise.resolve();

/**
 * Builds a Go program from the module proxy into `directory/<program>`, and reports progress every few seconds.
 * @throws if Go is not installed or the build fails, with the end of Go's output
 */
export function buildWithGo(
  goPackage: string,
  program: string,
  directory: string,
  search: Search,
): Promise<void> {
  const build = lastBuild.then(() => runGo(goPackage, program, directory, search));
  lastBuild = build.catch(() => {});
  return build;
}

async function runGo(goPackage: string, program: string, directory: string, { log, signal }: Search) {
  signal?.throwIfAborted();
  if (spawnSync('go', ['version']).status !== 0) throw new Error('Go is not on PATH');
  const bin = mkdtempSync(join(directory, 'bin-'));
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  log(`building ${goPackage} with Go, once: this takes one to three minutes`);
  let packages = 0;
  const progress = setInterval(() => {
    log(`building ${program}: ${seconds()} s, ${packages} packages compiled`);
  }, 10_000);
  try {
    // -v prints each package as it is compiled. -s -w leave out debug information.
    const arguments_ = ['install', '-v', '-ldflags=-s -w', goPackage];
    await runToEnd(
      'go',
      arguments_,
      { ...goEnvironment(), GOBIN: bin, CGO_ENABLED: '0' },
      () => packages++,
      signal,
    );
    renameSync(join(bin, program), join(directory, program));
    log(`built ${program} in ${seconds()} s`);
  } finally {
    clearInterval(progress);
    rmSync(bin, { recursive: true, force: true });
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

function runToEnd(
  command: string,
  arguments_: string[],
  env: NodeJS.ProcessEnv,
  onLine: () => void,
  signal?: AbortSignal,
) {
  return new Promise<void>((resolve, reject) => {
    const [ending, endingArguments] = endingWithParent(command, arguments_, 'SIGTERM');
    const child = spawn(ending, endingArguments, { env, stdio: ['ignore', 'ignore', 'pipe'], signal });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-4000);
      for (const _line of chunk.matchAll(/\n/g)) onLine();
    });
    child.on('error', reject);
    child.on('close', (code, endSignal) => {
      if (code === 0) return resolve();
      const end = output.trim().split('\n').slice(-8).join('\n    ');
      reject(
        new Error(`\`${command} ${arguments_.join(' ')}\` ended with ${code ?? endSignal}:\n    ${end}`),
      );
    });
  });
}
