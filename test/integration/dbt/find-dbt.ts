import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { partsCacheDirectory } from '../../../local/parts/parts-cache.ts';

const PACKAGES = ['dbt-core==1.11.16', 'dbt-postgres==1.11.0'];
/** The packages are about 150 MB; a second run finds them in the cache. */
const INSTALL_MS = 5 * 60_000;

/**
 * The directory with the program `dbt`: that of `TRIBUTARY_DBT`, else of a Python environment in the cache of parts,
 * which is created once. If that is not possible, the reason.
 */
export function findDbt(
  environment: NodeJS.ProcessEnv = process.env,
): { readonly bin: string } | { readonly absent: string } {
  if (environment.TRIBUTARY_DBT) return { bin: dirname(environment.TRIBUTARY_DBT) };
  const home = join(
    dirname(partsCacheDirectory(environment)),
    `dbt-${PACKAGES.join('-').replace(/[^\d.-]/g, '')}`,
  );
  const bin = join(home, 'bin');
  // An environment cannot be moved, so it is marked when it is complete.
  const complete = join(home, 'complete');
  if (existsSync(complete)) return { bin };
  rmSync(home, { recursive: true, force: true });
  mkdirSync(dirname(home), { recursive: true });
  const failure =
    run('python3', ['-m', 'venv', home]) ??
    run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
  if (failure !== undefined) {
    rmSync(home, { recursive: true, force: true });
    return { absent: failure };
  }
  writeFileSync(complete, '');
  return { bin };
}

/** @returns why it failed, in a line */
function run(program: string, words: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout: INSTALL_MS });
  if (error === undefined && status === 0) return undefined;
  const [last = ''] = (stderr ?? '').trim().split('\n').slice(-1);
  return `${program} ${words.slice(0, 3).join(' ')}: ${error?.message ?? last}`;
}
