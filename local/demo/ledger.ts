import { gzipSync } from 'node:zlib';
import { SeededLedger } from './seeded-ledger.ts';

/** A small ledger: the same each time. It keeps its own totals, which reports must equal. */

export const LEDGER_ACCOUNTS = 8;
/** Without the Sunday, on which nothing happened. */
const DAYS = [
  ...['2026-10-28', '2026-10-29', '2026-10-30', '2026-10-31'],
  ...['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05', '2026-11-06'],
];
/** The day whose file is overwritten later, and the amount that is right, in cents. */
export const CORRECTION = { day: '2026-10-30', cents: 299_544n };

/** A file of the ledger, by its key below the ledger's prefix. */
interface LedgerFile {
  readonly key: string;
  readonly body: Uint8Array;
}

export function demoLedger(): SeededLedger {
  const ledger = new SeededLedger(20_261_030);
  for (const day of DAYS) ledger.add(day, { accounts: LEDGER_ACCOUNTS, least: 10, most: 30 });
  return ledger;
}

export const ledgerFiles = (ledger: SeededLedger): LedgerFile[] => [
  accountsFile(),
  ...DAYS.map((day) => dayFile(ledger, day)),
];

/** The file of the corrected day, after the ledger was corrected. */
export function correctionFile(ledger: SeededLedger): LedgerFile {
  ledger.correct(CORRECTION.day, 0, CORRECTION.cents);
  return dayFile(ledger, CORRECTION.day);
}

function accountsFile(): LedgerFile {
  const accounts = Array.from({ length: LEDGER_ACCOUNTS }, (_, index) => ({
    ...{ account: index + 1, owner: OWNERS[index] ?? '', changed: '2026-10-01' },
  }));
  return { key: 'accounts/accounts.json.gz', body: linesOf(accounts) };
}

const OWNERS = ['Abbott', 'Brown', 'Clarke', 'Davies', 'Evans', 'Foster', 'Green', 'Hughes'];

const dayFile = (ledger: SeededLedger, day: string): LedgerFile => ({
  key: `transactions/${day}.json.gz`,
  body: linesOf(
    ledger
      .of(day)
      .map(({ id, account, day: own, kind, amount }) => ({ id, account, day: own, kind, amount })),
  ),
});

const linesOf = (records: readonly object[]) =>
  gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
