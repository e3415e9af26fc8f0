import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { changes } from './changes/running-changes.ts';
import { ChaosStack } from './chaos-stack.ts';
import { datasets } from './datasets/running-datasets.ts';
import { deaths, graphs } from './graphs/running-graph.ts';
import { keepHistories, keepRunFiles } from './histories.ts';
import { loader } from './loader/running-loader.ts';
import { outcomeOf, type System } from './outcome.ts';
import { refresh } from './refresh/running-refresh.ts';

const systems: Readonly<Record<string, System>> = { refresh, loader, changes, datasets, graphs, deaths };

const usage = `npm run chaos -- [--system ${Object.keys(systems).join('|')}] [--schedules N] [--seed S | --seeds S,S,…] [--soak MINUTES] [--at-once N] [--patient] [--unguarded] [--verbose]

Refreshes a changing table, loads files that arrive, follows and applies the changes of a table, publishes a dataset, or recomputes reports, again and again while workers die and
services fail, and measures what is live after each. Schedules have the seeds S, S + 1, …, or those of --seeds S,S,…; one seed is one schedule. With
--patient, everything may take four times as long: for a machine that is busy.

Exit codes: 0 all passed; 1 a schedule failed, as all should with --unguarded; 2 the command is wrong.`;

const options = {
  system: { type: 'string', default: 'refresh' },
  schedules: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string' },
  soak: { type: 'string' },
  'at-once': { type: 'string', default: '6' },
  'time-limit': { type: 'string', default: '240' },
  patient: { type: 'boolean', default: false },
  unguarded: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Parses the options. If they are invalid, prints the error and the usage, and exits with code 2. */
function asked() {
  try {
    const { values } = parseArgs({ options });
    const whole = (name: 'schedules' | 'seed' | 'seeds' | 'at-once' | 'time-limit', least: number) =>
      (values[name] ?? '').split(name === 'seeds' ? ',' : /$/).map((text) => {
        if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
        throw new Error(
          `--${name} must be a whole number of at least ${least}; it is ${JSON.stringify(text)}`,
        );
      });
    if (values.soak !== undefined && !(Number(values.soak) > 0)) {
      throw new Error(`--soak must be a number of minutes; it is ${JSON.stringify(values.soak)}`);
    }
    if (!Object.hasOwn(systems, values.system)) {
      throw new Error(
        `--system must be ${Object.keys(systems).join(' or ')}; it is ${JSON.stringify(values.system)}`,
      );
    }
    const one = (name: Parameters<typeof whole>[0], least: number) => whole(name, least)[0]!;
    const numbers = { schedules: one('schedules', 1), seed: one('seed', 0), atOnce: one('at-once', 1) };
    const named = values.seeds === undefined ? undefined : whole('seeds', 0);
    return { values, ...numbers, timeLimitSeconds: one('time-limit', 1), named };
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

const { values, schedules, seed: first, atOnce, timeLimitSeconds, named } = asked();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const system = systems[values.system]!;
const soakUntilMs = values.soak === undefined ? undefined : Date.now() + Number(values.soak) * 60_000;

const directory = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
const stack = await startStack({ directory, persist: false, log: (line) => console.log(`stack: ${line}`) });
const chaos = await ChaosStack.connect(stack.addresses, directory, Math.ceil(atOnce / 2), values.patient);
const injected = new Map<string, number>();
let next = first;
let passed = 0;
let failed = 0;

/** The next schedule's seed; undefined if there is none. */
function nextSeed(): number | undefined {
  if (named !== undefined) return named.shift();
  const more = soakUntilMs === undefined ? next < first + schedules : Date.now() < soakUntilMs;
  return more ? next++ : undefined;
}

async function lane(): Promise<void> {
  for (let seed = nextSeed(); seed !== undefined; seed = nextSeed()) {
    const outcome = await outcomeOf(system, seed, {
      stack: chaos,
      unguarded: values.unguarded,
      timeLimitSeconds: timeLimitSeconds * chaos.patience,
      ...(values.verbose ? { log: (line: string) => console.log(line) } : {}),
    });
    for (const [kind, n] of Object.entries(outcome.injected))
      injected.set(kind, (injected.get(kind) ?? 0) + n);
    if (outcome.broken.length === 0) {
      passed++;
      console.log(`✔ seed ${seed}: ${outcome.seconds.toFixed(1)} s`);
      continue;
    }
    failed++;
    const folder = join(
      ...['.tributary', 'chaos', `${values.system === 'refresh' ? '' : `${values.system}-`}seed-${seed}`],
    );
    const known = { schedule: system.scheduleOf(seed), ...outcome, client: undefined };
    await keepHistories(outcome.client, folder, known)
      .then(() => keepRunFiles(chaos.store, outcome.directoryInS3, folder))
      .catch((error: unknown) => console.log(`    not everything could be kept: ${String(error)}`));
    console.log(`✘ seed ${seed}: ${outcome.seconds.toFixed(1)} s`);
    for (const line of outcome.broken.slice(0, 12)) console.log(`    ${line}`);
    if (outcome.broken.length > 12) console.log(`    and ${outcome.broken.length - 12} more`);
    console.log(
      `    again: npm run chaos -- --system ${values.system} --schedules 1 --seed ${seed}${values.unguarded ? ' --unguarded' : ''}; histories: ${folder}`,
    );
  }
}

const began = Date.now();
try {
  // One that fails must not take the connections away from the others.
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const each of lanes) if (each.status === 'rejected') throw each.reason;
} finally {
  await chaos.close();
  await stack.stop();
}
console.log(`\n${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(
  `faults injected: ${[...injected]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ')}`,
);
console.log(`${passed} passed, ${failed} failed`);
// Exit explicitly: after so many child processes, Node's own clean-up may wait for one of their requests forever.
process.exit(failed === 0 ? 0 : 1);
