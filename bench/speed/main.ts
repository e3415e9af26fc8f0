import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { runBench } from './bench.ts';
import { dltCommand } from './dlt-program.ts';
import { itemsDirectory } from './item-file.ts';
import { figuresOf, ratiosOf } from './measurement.ts';
import { PROGRAMS, type ProgramName } from './program.ts';
import { lineOf, tableOf } from './report.ts';
import { SHAPES, shapeNamed } from './shapes.ts';

/**
 * `npm run bench -- [--quick] [--shapes single-table,wide] [--programs tributary,dlt] [--cores 1,2] [--rounds 5]
 * [--megabytes 300] [--seed 1] [--json file]`: how fast a worker copies, per second of CPU, and two other programs
 * beside it. docs/performance.md describes it.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    shapes: { type: 'string', default: SHAPES.map(({ name }) => name).join(',') },
    programs: { type: 'string', default: PROGRAMS.join(',') },
    cores: { type: 'string' },
    rounds: { type: 'string' },
    megabytes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const list = (text: string) => text.split(',').map((each) => each.trim());
const shapes = list(values.shapes).map(shapeNamed);
const cores = list(values.cores ?? (values.quick ? '1' : '1,2')).map(wholeNumber);
const rounds = wholeNumber(values.rounds ?? (values.quick ? '1' : '5'));
const bytes = wholeNumber(values.megabytes ?? (values.quick ? '40' : '300')) * 1_000_000;
const seed = wholeNumber(values.seed);
/** The slower a program, the less it copies: a round then takes each about as long. */
const SHARES: Readonly<Record<ProgramName, number>> = { tributary: 1, 'first-written': 1 / 3, dlt: 1 / 10 };

if (process.platform !== 'linux') {
  console.error('The benchmark reads CPU time and memory from /proc, which only Linux has.');
  process.exit(1);
}
const log = (line: string) => console.error(line);
const programs = new Map<ProgramName, number>();
for (const name of PROGRAMS.filter((each) => list(values.programs).includes(each))) {
  if (name === 'dlt') {
    try {
      await dltCommand(log);
    } catch (error) {
      log(`dlt is not measured: ${(error as Error).message}.`);
      continue;
    }
  }
  programs.set(name, bytes * SHARES[name]);
}
const stack = await startStack({
  directory: mkdtempSync(join(tmpdir(), 'tributary-bench-')),
  persist: false,
  log,
});
try {
  const load = loadavg()[0]!;
  const measurements = await runBench({
    ...{ shapes, cores, rounds, seed, log },
    bytes: programs,
    keepPrograms: values.quick,
    directory: itemsDirectory(seed),
    addresses: stack.addresses,
    serverPids: stack.parts.flatMap(({ process: server }) => server?.pid ?? []),
  });
  const ratios = ratiosOf(measurements);
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMegabytes: Math.round(totalmem() / 1e6),
    node: process.version,
    loadBefore: load,
  };
  console.log(tableOf(measurements));
  const idle = measurements.flatMap(({ idleMegabytes }) => idleMegabytes ?? []);
  if (idle.length > 0) console.log(`An idle worker takes ${Math.max(...idle)} MB.`);
  console.log(
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}; load average before: ${load.toFixed(1)}; ` +
      `${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}.`,
  );
  for (const each of ratios) console.log(lineOf(each));
  if (values.json !== undefined) {
    const results = measurements.map((each) => ({ ...each, ...figuresOf(each) }));
    const options = { quick: values.quick, seed, rounds };
    writeFileSync(values.json, `${JSON.stringify({ machine, options, results, ratios }, null, 2)}\n`);
  }
} finally {
  await stack.stop();
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is not a whole number of at least 1.`);
  return Number(text);
}
