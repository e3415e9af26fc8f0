import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillOnce, partsCacheDirectory } from '../../local/parts/parts-cache.ts';

const REQUIREMENTS = fileURLToPath(new URL('dlt/requirements.txt', import.meta.url));
const MAIN = fileURLToPath(new URL('dlt/main.py', import.meta.url));

const run = promisify(execFile);

/**
 * The command that runs dlt, in a virtual environment in the user's cache, created the first time.
 * @throws if there is no Python with venv and pip, or if the packages cannot be installed; the message is one line
 */
export async function dltCommand(
  log: (line: string) => void,
  python = 'python3',
): Promise<[string, ...string[]]> {
  await run(python, ['-c', 'import ensurepip, venv']).catch((error: Error) => {
    throw new Error(`${python} with venv and pip is needed`, { cause: error });
  });
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const directory = join(partsCacheDirectory(), `bench-dlt-${hash}`);
  await fillOnce(directory, { log }, async (empty) => {
    log('installing dlt, once');
    await run(python, ['-m', 'venv', empty]);
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '-r', REQUIREMENTS];
    await run(join(empty, 'bin', 'python'), pip).catch((error: Error & { readonly stderr?: string }) => {
      const lines = (error.stderr ?? '').trim().split('\n');
      throw new Error(`pip cannot install it: ${lines.at(-1)}`, { cause: error });
    });
  });
  return [join(directory, 'bin', 'python'), MAIN];
}
