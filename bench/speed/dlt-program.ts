import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillOnce, partsCacheDirectory } from '../../local/parts/parts-cache.ts';

const REQUIREMENTS = fileURLToPath(new URL('dlt/requirements.txt', import.meta.url));
const MAIN = fileURLToPath(new URL('dlt/main.py', import.meta.url));

/**
 * The command that runs dlt, in a virtual environment in the user's cache, created the first time.
 * @throws if there is no Python with pip, or if the packages cannot be installed
 */
export async function dltCommand(log: (line: string) => void): Promise<[string, ...string[]]> {
  execFileSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'pipe' });
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const directory = join(partsCacheDirectory(), `bench-dlt-${hash}`);
  await fillOnce(directory, { log }, async (empty) => {
    log('installing dlt, once');
    const run = promisify(execFile);
    await run('python3', ['-m', 'venv', empty]);
    await run(join(empty, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
  });
  return [join(directory, 'bin', 'python'), MAIN];
}
