import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { allowedCores, pin } from '../speed/process-tree.ts';
import type { BenchDatasetOptions } from './bench-dataset.ts';
import { benchWorker, type ProgramResult } from './bench-datasets.ts';
import { lateRuns, manyDays } from './bounds.ts';
import { benchProgram, duckdbCommand, pyarrowCommand } from './other-programs.ts';
import { recordFiles } from './record-files.ts';
import { boundsText, datasetsText } from './report.ts';
import { exceeded } from './stated-bounds.ts';

/**
 * `npm run bench -- datasets [--megabytes 10000] [--days 30] [--file-megabytes 64] [--batch-megabytes 100] [--cores 2]
 * [--programs tributary,pyarrow,duckdb] [--cpu-prof directory] [--json file]`: gzipped lines of JSON to Parquet, a folder per day.
 * `--bounds [--touched-days 400] [--late-runs 30] [--late-days 60] [--pass-every 24]` instead: one run that touches many days, and runs
 * with late records of many; the exit code is 1 if they leave more than docs/datasets.md states.
 * docs/performance.md has the figures.
 */
const PROGRAMS = ['tributary', 'pyarrow', 'duckdb'];
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '10000' },
    days: { type: 'string', default: '30' },
    'file-megabytes': { type: 'string', default: '64' },
    'batch-megabytes': { type: 'string', default: '100' },
    cores: { type: 'string', default: '2' },
    programs: { type: 'string', default: PROGRAMS.join(',') },
    seed: { type: 'string', default: '1' },
    bounds: { type: 'boolean', default: false },
    'touched-days': { type: 'string', default: '400' },
    'late-runs': { type: 'string', default: '30' },
    'late-days': { type: 'string', default: '60' },
    'pass-every': { type: 'string', default: '24' },
    'cpu-prof': { type: 'string' },
    json: { type: 'string' },
  },
});
const programs = values.programs.split(',');
const unknown = programs.find((each) => !PROGRAMS.includes(each));
if (unknown !== undefined) throw new Error(`--programs takes ${PROGRAMS.join(', ')}, not ${unknown}.`);
const [megabytes, days, fileMegabytes, batchMegabytes, coreCount, seed] = [
  ...[values.megabytes, values.days, values['file-megabytes'], values['batch-megabytes'], values.cores],
  values.seed,
].map(wholeNumber) as [number, number, number, number, number, number];
const cores = (allowedCores() ?? []).slice(0, coreCount);

const log = (line: string) => console.error(line);
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-datasets-run-'));
try {
  const loadBefore = loadavg()[0]!;
  if (values.bounds) await bounds();
  else await speed();
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${cores.length} of ${cpus().length} cores, Node ${process.version}; load average before: ` +
      `${loadBefore.toFixed(1)}, after: ${loadavg()[0]!.toFixed(1)}.`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function speed(): Promise<void> {
  log('generating the records, once');
  const files = recordFiles({ seed, megabytes, fileMegabytes, days });
  const results: ProgramResult[] = [];
  for (const program of programs) {
    log(program);
    const options = { files, directory: join(directory, program), cores };
    if (program === 'duckdb') results.push(await benchProgram('DuckDB', duckdbCommand(), options));
    if (program === 'pyarrow')
      results.push(await benchProgram('pyarrow', await pyarrowCommand(log), options));
    if (program === 'tributary')
      results.push(await onStack((dataset) => benchWorker(dataset, files, batchMegabytes)));
  }
  console.log(datasetsText(files, results));
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ options: values, records: files.records, results }, null, 2)}\n`,
    );
}

async function bounds(): Promise<void> {
  const [touched, runs, lateDays, passEvery] = [
    ...[values['touched-days'], values['late-runs'], values['late-days'], values['pass-every']],
  ].map(wholeNumber) as [number, number, number, number];
  const days = await onStack((dataset) => manyDays(dataset, { days: touched, recordsPerDay: 3 }));
  console.log(boundsText(`One run, ${touched} days`, days));
  const late = await onStack((dataset) => lateRuns(dataset, { runs, lateDays, passEvery }, log));
  console.log(boundsText(`${runs} runs, ${lateDays} late days`, late));
  if ([days, late].some((result) => exceeded(result, result.bounds).length > 0)) process.exitCode = 1;
}

/** With servers of its own, on the same cores. */
async function onStack<T>(work: (dataset: BenchDatasetOptions) => Promise<T>): Promise<T> {
  const stack = await startStack({ directory: join(directory, 'stack'), persist: false, log });
  try {
    const servers = stack.parts.flatMap(({ process: server }) => (server === undefined ? [] : [server.pid]));
    if (cores.length > 0) pin(servers, cores);
    return await work({
      ...{ addresses: stack.addresses, directory: join(directory, 'tributary'), cores },
      profileDirectory: values['cpu-prof'],
    });
  } finally {
    await stack.stop();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is not a whole number.`);
  return Number(text);
}
