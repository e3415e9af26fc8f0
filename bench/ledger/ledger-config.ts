import { fileURLToPath } from 'node:url';
import { Ledger } from './ledger.ts';

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Transactions, statistics by day and by month, and a text file per account. */
export function ledgerConfig({
  bucket,
  name,
  days,
}: {
  readonly bucket: string;
  readonly name: string;
  readonly days: number;
}) {
  const sums = { credits: 'decimal(18,2)', debits: 'decimal(18,2)', transactions: 'bigint' };
  const columns = { account: 'bigint', ...sums };
  const day = { column: 'day' };
  const month = { column: 'month', unit: 'month' };
  return {
    defaults: { datasets: { store: { bucket, prefix: `${name}-tables` } } },
    datasets: {
      transactions: {
        ...{ source: { bucket, prefix: `${name}-raw/` }, records: beside('records.ts'), partition: day },
        expect: { from: Ledger.dayAt(0), until: Ledger.dayAt(days - 1) },
        bounds: { until: '2099-12-31' },
      },
      daily_stats: {
        sql: beside('daily-stats.sql'),
        ...{ inputs: { transactions: 'same-day' }, columns, partition: day },
      },
      monthly_stats: {
        sql: beside('monthly-stats.sql'),
        ...{ inputs: { daily_stats: 'days-of-month' }, columns, partition: month },
      },
      statements: {
        sql: beside('statements.sql'),
        inputs: { daily_stats: 'days-of-month', monthly_stats: 'same-month' },
        columns: { account: 'bigint', line: 'string', ...sums },
        partition: month,
        store: { format: 'tsv', filePer: 'account', order: ['line'], catalogue: { kind: 'none' } },
      },
    },
  };
}
