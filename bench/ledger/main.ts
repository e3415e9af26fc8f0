import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack/start-stack.ts';
import { allowedCores, pin } from '../speed/process-tree.ts';
import { benchLedger } from './bench-ledger.ts';
import { MOST_DAYS } from './ledger.ts';
import { ledgerText } from './report.ts';

/**
 * `npm run bench -- ledger [--transactions 20000000] [--accounts 100000] [--days 30] [--corrected 5] [--cores 2] [--seed 1]
 * [--cpu-prof directory] [--json file]`: statistics by day and month of the transactions of a month, and a text file per account; then
 * the same after a correction of one day. It fails unless every statement is exact, and the correction writes what changed and nothing else.
 * docs/performance.md has the figures.
 */
const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '20000000' },
    accounts: { type: 'string', default: '100000' },
    days: { type: 'string', default: String(MOST_DAYS) },
    corrected: { type: 'string', default: '5' },
    cores: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    'cpu-prof': { type: 'string' },
    json: { type: 'string' },
  },
});
const [transactions, accounts, days, correctedAccounts, coreCount, seed] = [
  ...[values.transactions, values.accounts, values.days, values.corrected, values.cores, values.seed],
].map((text) => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is not a number above 0.`);
  return Number(text);
}) as [number, number, number, number, number, number];
if (days > MOST_DAYS) throw new Error(`--days: at most ${MOST_DAYS}, those of one month.`);
const cores = (allowedCores() ?? []).slice(0, coreCount);

const log = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-ledger-'));
const loadBefore = loadavg()[0]!;
const stack = await startStack({ directory: join(directory, 'stack'), persist: false, worker: false, log });
try {
  const servers = stack.parts.flatMap(({ process: server }) => (server === undefined ? [] : [server.pid]));
  if (cores.length > 0) pin(servers, cores);
  const result = await benchLedger({
    ...{ addresses: stack.addresses, directory: join(directory, 'tributary'), cores, log },
    ...{ seed, transactions, accounts, days, correctedAccounts, profileDirectory: values['cpu-prof'] },
  });
  console.log(ledgerText(result));
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${cores.length} of ${cpus().length} cores, Node ${process.version}; load average before: ` +
      `${loadBefore.toFixed(1)}, after: ${loadavg()[0]!.toFixed(1)}.`,
  );
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify(result, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value), 2)}\n`,
    );
} finally {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}
