import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { ChaosStack } from './chaos-stack.ts';
import { keepHistories, keepRunFiles } from './histories.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedule.ts';

const usage = `npm run chaos -- [--schedules N] [--seed S | --seeds S,S,…] [--soak MINUTES] [--at-once N] [--unguarded] [--verbose]

Refreshes a changing table again and again while workers die and services fail, and measures what is live after
each. Schedules have the seeds S, S + 1, …, or those of --seeds S,S,…; one seed is one schedule.`;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    soak: { type: 'string' },
    'at-once': { type: 'string', default: '6' },
    'time-limit': { type: 'string', default: '120' },
    unguarded: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const numbers = Object.fromEntries(
  (['schedules', 'seed', 'at-once', 'time-limit'] as const).map((name) => [name, Number(values[name])]),
);
if (values.help || Object.values(numbers).some((n) => !Number.isInteger(n) || n < 0)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const first = numbers.seed as number;
const atOnce = numbers['at-once'] as number;
const soakUntilMs = values.soak === undefined ? undefined : Date.now() + Number(values.soak) * 60_000;

const directory = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
const stack = await startStack({ directory, persist: false, log: (line) => console.log(`stack: ${line}`) });
const chaos = await ChaosStack.connect(stack.addresses, directory, Math.ceil(atOnce / 2));
const injected = new Map<string, number>();
const named = values.seeds?.split(',').map(Number);
let next = first;
let passed = 0;
let failed = 0;

/** The next schedule's seed; undefined where there is none. */
function nextSeed(): number | undefined {
  if (named !== undefined) return named.shift();
  const more =
    soakUntilMs === undefined ? next < first + (numbers.schedules as number) : Date.now() < soakUntilMs;
  return more ? next++ : undefined;
}

async function lane(): Promise<void> {
  for (let seed = nextSeed(); seed !== undefined; seed = nextSeed()) {
    const outcome = await runSchedule(seed, {
      stack: chaos,
      unguarded: values.unguarded,
      timeLimitSeconds: numbers['time-limit'] as number,
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
    const folder = await keepHistories(outcome.client, join('.tributary', 'chaos', `seed-${seed}`), {
      schedule: scheduleOf(seed),
      ...outcome,
      client: undefined,
    });
    await keepRunFiles(chaos.store, outcome.runDirectory, folder);
    console.log(`✘ seed ${seed}: ${outcome.seconds.toFixed(1)} s`);
    for (const line of outcome.broken.slice(0, 12)) console.log(`    ${line}`);
    if (outcome.broken.length > 12) console.log(`    and ${outcome.broken.length - 12} more`);
    console.log(
      `    again: npm run chaos -- --schedules 1 --seed ${seed}${values.unguarded ? ' --unguarded' : ''}; histories: ${folder}`,
    );
  }
}

const began = Date.now();
try {
  await Promise.all(Array.from({ length: atOnce }, lane));
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
// Ended by hand: after so many child processes Node's own clean-up may wait for one of their requests for ever.
process.exit(failed === 0 ? 0 : 1);
