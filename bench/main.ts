/**
 * `npm run bench -- [changes|datasets|graph|ledger|loader|speed] …`, or `--system loader`: what a system does per second and what that costs. Without a
 * name, how fast a worker copies. The other options are those of each system's `main.ts`.
 */
const SYSTEMS = {
  changes: () => import('./changes/main.ts'),
  datasets: () => import('./datasets/main.ts'),
  graph: () => import('./graph/main.ts'),
  ledger: () => import('./ledger/main.ts'),
  speed: () => import('./speed/main.ts'),
  loader: () => import('./loader/main.ts'),
};

const words = process.argv.slice(2);
const at = words[0] === '--system' ? 1 : 0;
const named = words[at]?.startsWith('-') === false;
if (at === 1 && !named)
  throw new Error('--system needs a name: changes, datasets, graph, ledger, loader or speed.');
const name = named ? words[at]! : 'speed';
if (!Object.hasOwn(SYSTEMS, name))
  throw new Error(`There is no benchmark "${name}": changes, datasets, graph, ledger, loader or speed.`);
process.argv.splice(2, named ? at + 1 : 0);
await SYSTEMS[name as keyof typeof SYSTEMS]();
