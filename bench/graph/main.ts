import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { startStack } from '../../local/stack/start-stack.ts';
import { benchGraph, graphText } from './bench-graph.ts';

/**
 * `npm run bench -- graph [--days 2557] [--sources 3] [--built 2557]`: seven years by day of four datasets, 10,228 partitions. The days of
 * the sources have no rows. docs/performance.md has the figures.
 */
const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '2557' },
    sources: { type: 'string', default: '3' },
    built: { type: 'string', default: '2557' },
  },
});
const [days, sources, builtDays] = [values.days, values.sources, values.built].map((text) => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${text} is not a number above 0.`);
  return Number(text);
}) as [number, number, number];

Runtime.install({ logger: new DefaultLogger('ERROR') });

const log = (line: string) => console.error(line);
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-graph-'));
const stack = await startStack({ directory: join(directory, 'stack'), persist: false, worker: false, log });
try {
  const { addresses } = stack;
  console.log(graphText(await benchGraph({ addresses, directory, days, sources, builtDays, log })));
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}; load average: ${loadavg()[0]!.toFixed(1)}.`,
  );
} finally {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}
