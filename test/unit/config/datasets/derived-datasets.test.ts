import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../src/config/parse-config.ts';

const defaults = { datasets: { store: { bucket: 'lake', prefix: 'tables/' } } };
const transactions = {
  source: { bucket: 'bank', prefix: 'transactions/' },
  records: './transactions.ts',
  partition: { column: 'day', timezone: 'Europe/London' },
  expect: { from: '1993-01-01' },
};
const daily = {
  sql: './daily-stats.sql',
  inputs: { transactions: 'same-day' },
  columns: { account: 'bigint', credits: 'decimal(18,2)' },
  partition: { column: 'day' },
};
const monthly = {
  sql: './monthly-stats.sql',
  inputs: { daily: 'days-of-month' },
  columns: { account: 'bigint', credits: 'decimal(18,2)' },
  partition: { column: 'month', unit: 'month' },
};

/** The problems of a file with these datasets. */
function problems(datasets: object, more: object = { defaults }): string[] {
  try {
    parseConfig(stringify({ ...more, datasets }), 'f');
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:\d+:\d+ /, ''));
  }
  return [];
}

test('datasets are made of files, or of other datasets; each has a place of its own by default', () => {
  const config = parseConfig(stringify({ defaults, datasets: { transactions, daily, monthly } }), 'f');
  expect(Object.keys(config.datasets)).toEqual(['transactions']);
  expect(config.datasets.transactions?.expect).toEqual({ from: '1993-01-01', until: 'yesterday' });
  expect(config.datasets.transactions?.store).toMatchObject({
    bucket: 'lake',
    prefix: 'tables/transactions',
  });
  expect(Object.keys(config.derivedDatasets)).toEqual(['daily', 'monthly']);
  expect(config.derivedDatasets.monthly).toMatchObject({
    inputs: { daily: 'days-of-month' },
    partition: { column: 'month', unit: 'month', timezone: 'UTC' },
    store: { bucket: 'lake', prefix: 'tables/monthly', catalogue: { kind: 'none' } },
    maxRebuild: 40,
  });
});

test('the tables of a catalogue have the names of their datasets; an own store replaces parts', () => {
  const catalogue = { kind: 'glue', database: 'dw' };
  const store = { ...defaults.datasets.store, catalogue };
  const own = { ...daily, store: { prefix: 'elsewhere', catalogue: { kind: 'none' } } };
  const config = parseConfig(
    stringify({ defaults: { datasets: { store } }, datasets: { transactions, 'daily-stats': daily, own } }),
    'f',
  );
  expect(config.derivedDatasets['daily-stats']?.store.catalogue).toMatchObject({ table: 'daily_stats' });
  expect(config.derivedDatasets.own?.store).toMatchObject({
    prefix: 'elsewhere',
    catalogue: { kind: 'none' },
  });
});

test('problems of a derived dataset are those of its own settings', () => {
  const wrong = {
    ...daily,
    sql: './daily-stats.py',
    inputs: { transactions: 'same-week' },
    columns: { credits: 'money' },
    partition: { column: 'day', unit: 'week' },
    mode: 'x',
  };
  expect(problems({ transactions, daily: wrong })).toEqual([
    'datasets.daily.sql: expected the path of a file with one SELECT, relative to this file, e.g. ./daily-stats.sql, got "./daily-stats.py"',
    'datasets.daily.inputs.transactions: expected same-day, previous-day, days-of-month, last-N-days, same-month, last-N-months, year-to-date or all, got "same-week"',
    'datasets.daily.columns.credits: expected string, bigint, double, decimal(p,s), boolean, timestamp, date or binary, got "money"',
    'datasets.daily.partition.unit: expected "day" or "month" or "all", got "week"',
    expect.stringMatching(/^datasets\.daily: Unrecognized key: "mode"/),
  ]);
});

test('settings that contradict each other are refused', () => {
  expect(
    problems({
      transactions,
      daily: {
        ...daily,
        columns: { day: 'date', account: 'bigint' },
        reference: { transactions: 'all' },
        expect: { from: '1993-01', back: '4mo' },
      },
    }),
  ).toEqual([
    'datasets.daily.columns.day: expected a column other than the partition column, which is in the path of the files, got "date"',
    'datasets.daily.reference.transactions: expected a dataset that is not among inputs, got "all"',
    'datasets.daily.expect.from: expected a date, e.g. 1993-01-01, got "1993-01"',
    'datasets.daily.expect.back: expected a number of days, e.g. 1095d, got "4mo"',
  ]);
  expect(
    problems({ transactions: { ...transactions, expect: { from: '1994-01-01', until: '1993-01-01' } } }),
  ).toEqual([
    'datasets.transactions.expect.until: expected a value that is not before from, 1994-01-01, got "1993-01-01"',
  ]);
});

test('inputs are datasets of the file, with rules that fit both', () => {
  expect(problems({ transactions, daily: { ...daily, inputs: { transaction: 'same-day' } } })).toEqual([
    'datasets.daily.inputs.transaction: expected a dataset of this file, got "transaction" (did you mean "transactions"?)',
  ]);
  expect(problems({ transactions, daily: { ...daily, inputs: { transactions: 'days-of-month' } } })).toEqual([
    'datasets.daily.inputs.transactions: expected a rule for a dataset by day, got "days-of-month"',
  ]);
});

test('a cycle is named', () => {
  expect(
    problems({ a: { ...daily, inputs: { b: 'same-day' } }, b: { ...daily, inputs: { a: 'same-day' } } }),
  ).toEqual([
    'datasets.a.inputs.b: expected datasets that do not read each other in a cycle: a reads b reads a',
  ]);
});

test('a table is apart from all others', () => {
  const store = { bucket: 'lake', prefix: 'tables/transactions/daily' };
  expect(problems({ transactions, daily: { ...daily, store } })).toEqual([
    'datasets.daily.store.prefix: expected a prefix apart from s3://lake/tables/transactions/, the table of dataset transactions',
  ]);
  expect(problems({ transactions, daily }, {})).toEqual([
    expect.stringMatching(/^datasets\.transactions: Missing key: "store"/),
    expect.stringMatching(/^datasets\.daily: Missing key: "store"/),
  ]);
});

test('a schedule names one dataset, several, or all; unknown ones are reported', () => {
  const more = (entry: object) => ({ defaults, schedules: { nightly: { every: '1d', ...entry } } });
  const of = (entry: object) => problems({ transactions, daily }, more(entry));
  expect(of({ datasets: 'all', finishWithin: '2h' })).toEqual([]);
  expect(of({ datasets: ['daily', 'transactions'] })).toEqual([]);
  expect(of({ datasets: ['daily', 'transaction'] })).toEqual([
    'schedules.nightly.datasets[1]: expected a dataset of this file, got "transaction" (did you mean "transactions"?)',
  ]);
  expect(of({ dataset: 'daily', datasets: 'all' })).toEqual([
    'schedules.nightly.datasets: expected exactly one of pipeline, loader, dataset and datasets, got "all"',
  ]);
  expect(of({ datasets: 'all', run: 'infer' })).toEqual([
    'schedules.nightly.run: expected run only with a pipeline, got "infer"',
  ]);
});

test('runs of several datasets can be muted', () => {
  expect(problems({ transactions, daily }, { defaults, alerts: { muted: ['datasets', 'daily'] } })).toEqual(
    [],
  );
});

test('a table without partitions is read as a whole, and has nothing that needs days', () => {
  const accounts = { source: { bucket: 'bank', prefix: 'accounts/' }, records: './accounts.ts' };
  const totals = { ...monthly, partition: undefined, inputs: { accounts: 'all' } };
  const reading = { ...daily, reference: { accounts: 'all' } };
  expect(problems({ transactions, accounts, daily: reading, totals })).toEqual([]);
  expect(
    problems({ transactions, accounts, daily: { ...daily, reference: { accounts: 'same-day' } } }),
  ).toEqual([
    'datasets.daily.reference.accounts: expected all, because the input has no partitions by time, got "same-day"',
  ]);
  expect(problems({ accounts, totals: { ...totals, inputs: { accounts: 'last-2-days' } } })).toEqual([
    'datasets.totals.inputs.accounts: expected all, because the dataset has no partitions by time, got "last-2-days"',
  ]);
  const catalogue = { kind: 'glue', database: 'dw', table: 'accounts' };
  const wrong = {
    ...accounts,
    ...{ late: { after: '3d' }, bounds: { from: '2020-01-01' }, expect: { from: '2020-01-01' } },
    store: { catalogue },
  };
  expect(problems({ accounts: wrong })).toEqual([
    expect.stringMatching(/^datasets\.accounts\.late: expected no late,/),
    expect.stringMatching(/^datasets\.accounts\.bounds: expected no bounds,/),
    expect.stringMatching(
      /^datasets\.accounts\.expect: expected no expect, because the table has no partitions/,
    ),
    expect.stringMatching(
      /^datasets\.accounts\.store\.catalogue: expected \{ kind: none \}, because only tables/,
    ),
  ]);
  expect(problems({ accounts: { ...accounts, partition: { column: 'day', unit: 'all' } } })).toEqual([
    'datasets.accounts.partition.column: expected unit: day or hour beside column: with unit: all the table has no partitions, got "day"',
  ]);
  expect(
    problems({ accounts, totals: { ...totals, when: 'closed', partition: { unit: 'all', column: 'day' } } }),
  ).toEqual([
    'datasets.totals.partition.column: expected no column with unit: all, because the table has no partitions, got "day"',
    'datasets.totals.when: expected open, because the table has no partitions, got "closed"',
  ]);
});

test('a rule may be a function; then what is expected must be known', () => {
  const named = { ...daily, inputs: { transactions: { rule: './rule.ts' } } };
  const expectation = { from: '2026-01-01' };
  expect(problems({ transactions, daily: { ...named, expect: expectation } })).toEqual([]);
  const stated = { ...monthly, inputs: { daily: 'days-of-month', transactions: { rule: './rule.ts' } } };
  expect(problems({ transactions, daily, monthly: stated })).toEqual([]);
  expect(problems({ transactions, daily: named })).toEqual([
    'datasets.daily: expected the key expect, because neither its rules nor its inputs say which partitions it is to have',
  ]);
  const wrong = { ...named, expect: expectation, inputs: { transactions: { rule: './rule.py' } } };
  expect(problems({ transactions, daily: wrong })).toEqual([
    expect.stringMatching(/^datasets\.daily\.inputs\.transactions/),
  ]);
  const hours = {
    ...transactions,
    expect: undefined,
    partition: { column: 'hour', unit: 'hour', from: 'at' },
  };
  expect(problems({ transactions: hours, daily: { ...named, expect: expectation } })).toEqual([]);
  expect(problems({ transactions: hours, daily: { ...daily, expect: expectation } })).toEqual([]);
  expect(problems({ transactions: hours, daily })).toEqual([
    'datasets.daily: expected the key expect, because neither its rules nor its inputs say which partitions it is to have',
  ]);
  const byMonth = { ...monthly, inputs: { transactions: 'same-month' }, expect: { from: '2026-01' } };
  expect(problems({ transactions: hours, monthly: byMonth })).toEqual([
    'datasets.monthly.inputs.transactions: expected a rule for an input by hour, got "same-month"',
  ]);
});

test('a step is SQL or a function', () => {
  const step = { ...daily, sql: undefined, function: './daily.ts', limits: { seconds: '10m' } };
  const config = parseConfig(stringify({ defaults, datasets: { transactions, daily: step } }), 'f');
  expect(config.derivedDatasets.daily).toMatchObject({
    function: './daily.ts',
    limits: { seconds: 600, memoryMegabytes: 512 },
  });
  expect(problems({ transactions, daily: { ...daily, function: './daily.ts' } })).toEqual([
    'datasets.daily.function: expected either sql or function, got "./daily.ts"',
  ]);
});

test('text is for readers: an order, a file per value, and no table in a catalogue without Parquet', () => {
  const store = (own: object) => ({ ...defaults.datasets.store, prefix: 'reports/daily', ...own });
  const daily_ = (own: object) => ({ transactions, daily: { ...daily, store: store(own) } });
  expect(
    problems(daily_({ format: ['parquet', 'tsv'], order: ['credits desc'], filePer: 'account' })),
  ).toEqual([]);
  expect(problems(daily_({ filePer: 'account', order: ['account'], header: false }))).toEqual([
    'datasets.daily.store.filePer: expected no such setting without `tsv` in format, got "account"',
    'datasets.daily.store.order: expected no such setting without `tsv` in format',
    'datasets.daily.store.header: expected no such setting without `tsv` in format, got the boolean false',
  ]);
  const catalogue = { kind: 'glue', database: 'dw', table: 'daily' };
  expect(problems(daily_({ format: 'tsv', catalogue, order: ['debits'], filePer: 'day' }))).toEqual([
    expect.stringMatching(
      /^datasets\.daily\.store\.catalogue: expected format: \[parquet, tsv\], because engines read/,
    ),
    'datasets.daily.store.order: expected columns of the result, not debits: account, credits',
    'datasets.daily.store.filePer: expected a column of the result, not day: account, credits, got "day"',
  ]);
  expect(problems({ ...daily_({ format: 'tsv' }), monthly })).toEqual([
    'datasets.monthly.inputs.daily: expected a dataset that has Parquet files, because others read these: set store.format: [parquet, tsv] in daily',
  ]);
  expect(problems(daily_({ format: 'csv' }))).toEqual([
    expect.stringMatching(/^datasets\.daily\.store\.format: /),
  ]);
  expect(problems(daily_({ format: 'tsv', prefix: 'tables/transactions/x' }))).toEqual([
    expect.stringMatching(/^datasets\.daily\.store\.prefix: expected a prefix apart from/),
  ]);
});

const warehouse = {
  workgroup: 'analytics',
  database: 'dw',
  schema: 'marts',
  table: 'daily',
  iamRole: 'default',
};
const inRedshift = { ...daily, engine: 'redshift', warehouse };

test('a table of a dataset is not in a schema that a pipeline replaces, and is its own', () => {
  const pipeline = (schema: string) => ({
    source: { table: 'orders' },
    warehouse: { workgroup: 'analytics', database: 'dw', schema, iamRole: 'default' },
    staging: { bucket: 'staging' },
  });
  const loader = {
    ...{ source: { bucket: 'landing' }, format: { kind: 'csv' }, staging: { bucket: 'staging' } },
    target: { ...warehouse, table: 'other' },
  };
  expect(
    problems({ transactions, daily: inRedshift }, { defaults, pipelines: { shop: pipeline('shop') } }),
  ).toEqual([]);
  expect(
    problems({ transactions, daily: inRedshift }, { defaults, pipelines: { shop: pipeline('marts') } }),
  ).toEqual([
    expect.stringMatching(
      /^datasets\.daily\.warehouse\.schema: expected a schema that no pipeline replaces, got marts: .*shop.* replaces marts/,
    ),
  ]);
  expect(
    problems(
      {
        transactions,
        daily: inRedshift,
        more: { ...inRedshift, warehouse: { ...warehouse, table: 'other' } },
        again: inRedshift,
      },
      { defaults, loaders: { loader } },
    ),
  ).toEqual([
    expect.stringMatching(
      /^datasets\.again\.warehouse\.table: expected a table of its own, because dataset daily writes marts\.daily/,
    ),
    expect.stringMatching(
      /^datasets\.more\.warehouse\.table: expected a table of its own, because loader loader writes marts\.other/,
    ),
  ]);
});

test('settings of Redshift belong to engine: redshift', () => {
  const tables = { orders: { schema: 'shop', table: 'orders' } };
  expect(problems({ transactions, daily: { ...daily, warehouse, tables } })).toEqual([
    expect.stringContaining('datasets.daily.warehouse: expected a warehouse only with engine: redshift'),
    expect.stringContaining('datasets.daily.tables: expected tables only with engine: redshift'),
  ]);
  expect(problems({ transactions, daily: { ...daily, engine: 'redshift' } })).toEqual([
    expect.stringContaining('datasets.daily: expected a warehouse beside engine: redshift'),
  ]);
  expect(
    problems({
      transactions,
      daily: {
        ...{ ...inRedshift, tables: { ...tables, transactions: tables.orders } },
        columns: { ...daily.columns, bytes: 'binary' },
      },
    }),
  ).toEqual([
    expect.stringContaining('datasets.daily.columns.bytes: expected a type other than binary'),
    expect.stringContaining('datasets.daily.tables.transactions: expected a name that is not among inputs'),
  ]);
  const { sql: _sql, ...others } = inRedshift;
  expect(problems({ transactions, daily: { ...others, function: './daily.ts' } })).toEqual([
    expect.stringContaining('expected sql with engine: redshift'),
  ]);
});

test('replaced generations stay for at least an hour, of every kind of dataset', () => {
  const rates = { fetch: './rates.ts', partition: { column: 'day' }, expect: { from: '2026-01-01' } };
  for (const [name, dataset] of Object.entries({ transactions, daily, rates }))
    expect(problems({ transactions, [name]: { ...dataset, keepSuperseded: '10m' } })).toEqual([
      `datasets.${name}.keepSuperseded: expected at least an hour, such as 2d, got "10m"`,
    ]);
  expect(problems({ transactions: { ...transactions, keepSuperseded: '1h' } })).toEqual([]);
});

test('a comma within { } ends a text: the problem says so, and never lists no keys', () => {
  const text = `
defaults: ${JSON.stringify(defaults)}
datasets:
  transactions: ${JSON.stringify(transactions)}
  daily:
    sql: ./daily.sql
    inputs: { transactions: same-day }
    columns: { total: bigint }
    partition: { column: day }
    checks:
      small: { sql: SELECT customer, total FROM result WHERE total < 5 }
`;
  expect(() => parseConfig(text, 'f')).toThrow(
    /Unrecognized key: "total FROM result WHERE total < 5"\. Within \{ \}, a comma ends a text: put the text with the comma in quotes/,
  );
  expect(() => parseConfig(text, 'f')).not.toThrow(/Known here: *$/m);
});

test('a table has versions by day for datasets by day or month, with a rule for days', () => {
  const found = (version: object, more: object = {}) =>
    problems({
      transactions,
      daily: { ...inRedshift, ...more, tables: { orders: { schema: 'shop', table: 'orders', version } } },
    });
  const byDay = { by: 'day', column: 'updated_day' };
  expect(found(byDay)).toEqual([]);
  expect(found({ ...byDay, rule: 'last-7-days' })).toEqual([]);
  expect(found({ ...byDay, rule: 'days-of-month' })).toEqual([
    expect.stringContaining('daily.tables.orders.version.rule: expected a rule for a dataset by day'),
  ]);
  expect(found({ ...byDay, rule: 'same-month' })).toEqual([
    expect.stringContaining('version.rule: expected a rule for an input by day'),
  ]);
  expect(found({ ...byDay, rule: 'all' })).toEqual([
    expect.stringContaining('version.rule: expected same-day, previous-day'),
  ]);
  expect(found({ by: 'hour', column: 'at' })).toEqual([expect.stringContaining('version.by')]);
  const whole = { inputs: { transactions: 'all' }, partition: { unit: 'all' } };
  expect(found(byDay, whole)).toEqual([
    expect.stringContaining(
      'tables.orders.version: expected no version, because the dataset has no partitions',
    ),
  ]);
});
