import { execFileSync } from 'node:child_process';
import { workflowBundle } from '../src/workers/workflow-bundle.ts';

/**
 * `node bin/with-packages.js bench/worker-start.ts`: what a worker spends on its workflow code before
 * it polls, when it bundles the sources and when it has a bundle. Each figure is of a process of its own that has loaded
 * the worker's code.
 */

const ROUNDS = 3;
const modules = {
  bundle: `const { bundleSources } = await import('./src/workers/bundle-sources.ts'); await bundleSources();`,
  kept: `const { workflowBundle } = await import('./src/workers/workflow-bundle.ts'); await workflowBundle();`,
  nothing: '',
};
type Case = keyof typeof modules;

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

function costOf(what: Case): Cost {
  const script = `
    await import('./src/workers/run-worker.ts');
    const before = { ms: performance.now(), cpu: process.cpuUsage() };
    ${modules[what]}
    const { user, system } = process.cpuUsage(before.cpu);
    console.log(JSON.stringify({
      seconds: (performance.now() - before.ms) / 1000,
      cpuSeconds: (user + system) / 1e6,
      megabytes: process.resourceUsage().maxRSS / 1024,
    }));`;
  const arguments_ = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' })) as Cost;
}

/** The median of each figure. */
function median(costs: readonly Cost[]): Cost {
  const middle = (figure: keyof Cost) =>
    costs.map((cost) => cost[figure]).sort((a, b) => a - b)[Math.floor(costs.length / 2)]!;
  return { seconds: middle('seconds'), cpuSeconds: middle('cpuSeconds'), megabytes: middle('megabytes') };
}

await workflowBundle();
const costs = new Map<Case, Cost[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const what of Object.keys(modules) as Case[]) {
    costs.set(what, [...(costs.get(what) ?? []), costOf(what)]);
  }
}
const [bundle, kept, nothing] = (['bundle', 'kept', 'nothing'] as const).map((what) =>
  median(costs.get(what)!),
) as [Cost, Cost, Cost];
const line = (name: string, { seconds, cpuSeconds, megabytes }: Cost) =>
  `${name}: ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU-s, ${Math.max(0, megabytes - nothing.megabytes).toFixed(0)} MB more at the peak`;
console.log(line('bundles the sources', bundle));
console.log(line('has a bundle       ', kept));
console.log(
  `ratio: ${(bundle.seconds / kept.seconds).toFixed(0)} times the time, ${(bundle.cpuSeconds / kept.cpuSeconds).toFixed(0)} times the CPU`,
);
