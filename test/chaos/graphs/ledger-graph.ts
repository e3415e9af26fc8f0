import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { decimal, SeededLedger } from '../../../local/demo/seeded-ledger.ts';

/** A small ledger and its reports, and what these must say: nothing here is the product's. */

const DAYS = ['2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02'] as const;
const MONTHS = ['2026-01', '2026-02'] as const;
const FEE = '0.10';

/** The datasets that are built from the transactions, with their columns in order. */
export const REPORTS = {
  daily_stats: ['account', 'credits', 'debits', 'transactions'],
  monthly_stats: ['account', 'credits', 'debits', 'transactions'],
  statements: ['account', 'balance', 'fee'],
} as const;
export type Report = keyof typeof REPORTS;
/** Appear together. */
export const GROUP = ['statements', 'monthly_stats'] as const satisfies readonly Report[];
export const PUBLICATION = 'accounting';

/** The time for which all runs are meant. */
export const NOW = '2026-02-03T12:00:00Z';

const FILES = {
  'transactions.ts': `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'bigint', from: 'id' },
  account: { type: 'bigint', from: 'account' },
  day: { type: 'date', from: 'day' },
  kind: { type: 'string', from: 'kind' },
  amount: { type: 'decimal(18,2)', from: 'amount' },
});
`,
  'fees.ts': `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({ fee: { type: 'decimal(18,2)', from: 'fee' } });

export const fetch = async () => [{ fee: '${FEE}' }];
`,
  'daily-stats.sql': `
SELECT account, coalesce(sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credits,
  coalesce(sum(amount) FILTER (WHERE kind = 'debit'), 0) AS debits, count(*) AS transactions
FROM transactions GROUP BY account`,
  'daily-redshift.sql': `
SELECT account, sum(CASE WHEN kind = 'credit' THEN amount ELSE 0 END) AS credits,
  sum(CASE WHEN kind = 'debit' THEN amount ELSE 0 END) AS debits, count(*) AS transactions
FROM transactions GROUP BY account`,
  'monthly-stats.sql': `
SELECT account, sum(credits) AS credits, sum(debits) AS debits, sum(transactions) AS transactions
FROM daily_stats GROUP BY account`,
  'statements.sql': `
SELECT account, sum(credits - debits) AS balance, max(fee) AS fee FROM monthly_stats, fees GROUP BY account`,
};

/** The datasets that are built in the warehouse, if there is one. */
export const IN_REDSHIFT = ['daily_stats', 'monthly_stats'] as const satisfies readonly Report[];

/** Where they are. */
export interface StatsWarehouse {
  readonly workgroup: string;
  readonly database: string;
  readonly schema: string;
  readonly stepSeconds: number;
}

/**
 * Writes the configuration of a graph, and its modules, into a directory.
 * @param warehouse of the statistics of days and months; undefined: they are built from files
 * @returns its path
 */
export function writeLedgerGraph(
  directory: string,
  { bucket, source, prefix, database }: Readonly<Record<'bucket' | 'source' | 'prefix' | 'database', string>>,
  warehouse: StatsWarehouse | undefined,
): string {
  const inTable = (table: (typeof IN_REDSHIFT)[number]) =>
    warehouse === undefined
      ? {}
      : { engine: 'redshift', warehouse: { ...warehouse, table, iamRole: 'default' } };
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  const stats = {
    account: 'bigint',
    credits: 'decimal(18,2)',
    debits: 'decimal(18,2)',
    transactions: 'bigint',
  };
  const day = { column: 'day' };
  const month = { column: 'month', unit: 'month' };
  const store = { bucket, prefix, catalogue: { kind: 'glue', database } };
  const path = join(directory, 'tributary.yaml');
  writeFileSync(
    path,
    stringify({
      defaults: { datasets: { store } },
      datasets: {
        transactions: {
          ...{ source: { bucket, prefix: source }, records: './transactions.ts', partition: day },
          expect: { from: DAYS[0], until: DAYS.at(-1) },
        },
        fees: {
          ...{ fetch: './fees.ts', partition: month, recompute: { last: '1mo' } },
          expect: { from: MONTHS[0], until: MONTHS.at(-1) },
        },
        daily_stats: {
          sql: warehouse === undefined ? './daily-stats.sql' : './daily-redshift.sql',
          ...{ inputs: { transactions: 'same-day' }, columns: stats, partition: day },
          ...inTable('daily_stats'),
        },
        monthly_stats: {
          ...{ sql: './monthly-stats.sql', inputs: { daily_stats: 'days-of-month' } },
          ...{ columns: stats, partition: month },
          ...inTable('monthly_stats'),
        },
        statements: {
          ...{ sql: './statements.sql', inputs: { monthly_stats: 'year-to-date', fees: 'same-month' } },
          columns: { account: 'bigint', balance: 'decimal(18,2)', fee: 'decimal(18,2)' },
          partition: month,
          store: { format: ['parquet', 'tsv'], filePer: 'account' },
        },
      },
      publications: { [PUBLICATION]: { datasets: GROUP } },
    }),
  );
  return path;
}

/** A file that arrives: the transactions of a day. */
export interface Arrival {
  readonly name: string;
  readonly body: string;
}

/** What reports say: rows as text, `2026-01-30 1 12.00 0.00 3`, sorted. */
export type State = Readonly<Record<Report, readonly string[]>>;

/** Transactions that arrive day by day, in groups: one before each run. The last ones correct days that were there. */
export class ArrivingLedger {
  readonly #ledger: SeededLedger;
  readonly #seed: number;
  /** What the reports are to say after each arrival; at first, that there is nothing. */
  readonly states: State[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#ledger = new SeededLedger(seed);
    this.states.push(this.#state());
  }

  /** Makes the groups one by one: a group is made when it is asked for, and its states follow one another. */
  *groups(): Generator<readonly (() => Arrival)[]> {
    // The last day of the first month may have no transactions, and then no file.
    yield DAYS.slice(0, 3).map((day) => () => this.#add(day));
    yield [() => this.#correct(DAYS[this.#seed % 2] as string), () => this.#add(DAYS[3])];
  }

  #add(day: string): Arrival {
    this.#ledger.add(day, { accounts: 3, most: 6 });
    return this.#arrival(day);
  }

  #correct(day: string): Arrival {
    if (this.#ledger.of(day).length > 0) this.#ledger.correct(day, 0, BigInt(1 + this.#seed));
    return this.#arrival(day);
  }

  #arrival(day: string): Arrival {
    this.states.push(this.#state());
    const lines = this.#ledger.of(day).map((transaction) => `${JSON.stringify(transaction)}\n`);
    return { name: `${day.replaceAll('-', '/')}/ledger.json`, body: lines.join('') };
  }

  #state(): State {
    const stats = (periods: readonly string[]) =>
      periods.flatMap((period) =>
        [...this.#ledger.totals(period)].map(([account, { credits, debits, transactions }]) =>
          [period, account, decimal(credits), decimal(debits), transactions].join(' '),
        ),
      );
    const statements = MONTHS.flatMap((month, i) => {
      const balances = new Map<number, bigint>();
      for (const each of MONTHS.slice(0, i + 1))
        for (const [account, { credits, debits }] of this.#ledger.totals(each))
          balances.set(account, (balances.get(account) ?? 0n) + credits - debits);
      return [...balances].map(([account, balance]) => [month, account, decimal(balance), FEE].join(' '));
    });
    return {
      daily_stats: stats(DAYS).toSorted(),
      monthly_stats: stats(MONTHS).toSorted(),
      statements: statements.toSorted(),
    };
  }
}

/** A row of a report as the states have it. */
export const rowText = (report: Report, partition: string, row: Readonly<Record<string, unknown>>): string =>
  [
    partition,
    ...REPORTS[report].map((column) => {
      const value = row[column];
      // A decimal of two digits, which the reader gives as a double: of these amounts it is the nearest one.
      return ['credits', 'debits', 'balance', 'fee'].includes(column)
        ? Number(value).toFixed(2)
        : String(value);
    }),
  ].join(' ');
