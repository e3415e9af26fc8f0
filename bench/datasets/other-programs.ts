import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillOnce, partsCacheDirectory } from '../../local/parts/parts-cache.ts';
import { cpuSeconds, pinned } from '../speed/process-tree.ts';
import type { ProgramResult } from './bench-datasets.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { RecordFiles } from './record-files.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

const pyarrowDirectory = () => join(partsCacheDirectory(), 'bench-pyarrow-26.0.1');

/** The Python that has pyarrow once the benchmark, or its test, has run. */
export const pyarrowPython = (): string => join(pyarrowDirectory(), 'bin', 'python');

/** The command of the program in Python, in a virtual environment in the user's cache. @throws with the reason, in one line */
export async function pyarrowCommand(
  log: (line: string) => void,
  python = 'python3',
): Promise<[string, ...string[]]> {
  const directory = pyarrowDirectory();
  await fillOnce(directory, { log }, async (empty) => {
    log('installing pyarrow, once');
    await run(python, ['-m', 'venv', empty]);
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '-r'];
    await run(join(empty, 'bin', 'python'), [...pip, here('python/requirements.txt')]);
  }).catch((error: Error) => {
    throw new Error(`pyarrow cannot be installed: ${error.message.trim().split('\n').at(-1)}`, {
      cause: error,
    });
  });
  return [pyarrowPython(), here('python/main.py')];
}

export const duckdbCommand = (): [string, ...string[]] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  here('duckdb-main.ts'),
];

/** Runs a program over the files, from local disk to local disk. @throws if it fails */
export async function benchProgram(
  program: string,
  command: [string, ...string[]],
  { files, directory, cores }: { files: RecordFiles; directory: string; cores: readonly number[] },
): Promise<ProgramResult> {
  mkdirSync(directory, { recursive: true });
  const [executable, words] = pinned(command, cores);
  const beganMs = Date.now();
  const child = spawn(executable, [...words, files.directory, directory, String(Math.max(1, cores.length))], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const memory = new MemoryWatch(child.pid as number);
  let spent = 0;
  const looking = setInterval(() => {
    spent = Math.max(spent, cpuSeconds(child.pid as number));
  }, 50);
  const [code] = await once(child, 'close');
  clearInterval(looking);
  if (code !== 0) throw new Error(`${program} failed: ${errors}`);
  return {
    ...{ program, rows: Number(out.trim()), seconds: (Date.now() - beganMs) / 1000, cpuSeconds: spent },
    peaks: await memory.end(),
    sizes: parquetSizes(directory),
  };
}

const parquetSizes = (directory: string): number[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.parquet'))
    .map((path) => statSync(join(directory, path)).size);
