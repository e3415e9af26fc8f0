import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { ChangesBench } from './bench-changes.ts';
import { changesFigures, changesText } from './report.ts';

/**
 * `npm run bench -- changes [--rate 5000] [--seconds 600] [--tables 1] [--item-bytes 1000] [--keys 100000] [--shards 8] [--stop 60]
 * [--apply-seconds 30] [--paused-destination] [--requests] [--cpu-prof directory] [--quick] [--json file]`: a table's changes at
 * a fixed rate, followed and applied by one worker. `--quick` takes a minute, and counts requests. With `--paused-destination` the
 * pipeline has a second destination, which is paused throughout. docs/performance.md has the figures.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    stop: { type: 'string' },
    tables: { type: 'string', default: '1' },
    'item-bytes': { type: 'string', default: '1000' },
    keys: { type: 'string' },
    shards: { type: 'string' },
    'apply-seconds': { type: 'string' },
    'paused-destination': { type: 'boolean', default: false },
    requests: { type: 'boolean' },
    'cpu-prof': { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
if (process.platform !== 'linux') {
  console.error('The benchmark reads CPU time and memory from /proc, which only Linux has.');
  process.exit(1);
}
const { quick } = values;
const changesPerSecond = wholeNumber('rate', values.rate ?? (quick ? '1000' : '5000'));
const options = {
  changesPerSecond,
  seconds: wholeNumber('seconds', values.seconds ?? (quick ? '40' : '600')),
  stopSeconds: wholeNumber('stop', values.stop ?? (quick ? '5' : '60')),
  tables: wholeNumber('tables', values.tables),
  itemBytes: wholeNumber('item-bytes', values['item-bytes']),
  keys: wholeNumber('keys', values.keys ?? (quick ? '10000' : '100000')),
  // A partition of DynamoDB takes 1,000 writes of 1 KB per second, and each has a shard.
  shards: wholeNumber('shards', values.shards ?? String(2 ** Math.ceil(Math.log2(changesPerSecond / 1000)))),
  applySeconds: wholeNumber('apply-seconds', values['apply-seconds'] ?? (quick ? '5' : '30')),
  hasPausedDestination: values['paused-destination'],
  profileDirectory: values['cpu-prof'],
  countsRequests: values.requests ?? quick,
};
if (options.tables < 1 || options.itemBytes > 300_000)
  throw new Error('A table at least, and items of 300,000 bytes at most.');
if (options.stopSeconds >= options.seconds / 2)
  throw new Error('The worker is stopped for less than half of the time.');

const log = (line: string) => console.error(line);
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-changes-'));
const stack = await startStack({ directory: join(directory, 'stack'), persist: false, log });
const servers = stack.parts.flatMap(({ name, process: server }) =>
  server === undefined ? [] : { name, pid: server.pid },
);
const bench = new ChangesBench({ ...options, addresses: stack.addresses, directory, servers, log });
try {
  const loadBefore = loadavg()[0]!;
  const result = await bench.run();
  console.log(changesText(result));
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}; load average before: ` +
      `${loadBefore.toFixed(1)}, after: ${loadavg()[0]!.toFixed(1)}.`,
  );
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ options, figures: changesFigures(result), ...result }, null, 2)}\n`,
    );
} finally {
  await bench.close();
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}.`);
  return Number(text);
}
