import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { deriveLines } from '../../../../src/activities/datasets/derived/derive-lines.ts';
import { runFunction } from '../../../../src/activities/datasets/derived/run-function.ts';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { TableQuery } from '../../../../src/clients/table-engine.ts';
import { bundleModule } from '../../../../src/modules/bundle-module.ts';
import { DerivedDefinition } from '../../../../src/pipeline/datasets/derived/definition.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import type { Cell } from '../../../../src/pipeline/datasets/parquet/row-line.ts';
import { columnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { stepDirectories, writeRowFiles } from '../../clients/duckdb/step-directory.ts';

const engine = createDuckDbTableEngine({ threads: 1 });
const directory = stepDirectories();
const none = () => new AbortController().signal;

const columns: TableColumn[] = Object.entries({
  account: 'bigint',
  amount: 'decimal(18,2)',
  at: 'timestamp',
  note: 'string',
  raw: 'binary',
  ratio: 'double',
  isOpen: 'boolean',
}).map(([name, type]) => ({ name, type: columnType(type) }));
const tags = { name: 'tags', type: columnType({ list: 'string' }) };

/** A table of one day, in real files. */
async function table(rows: readonly (readonly Cell[])[]): Promise<TableQuery['tables'][string]> {
  const own = directory();
  const all = [...columns, tags];
  const rowFiles = writeRowFiles(
    own,
    all,
    rows.map((cells) => ({ cells, partition: '', input: 0 })),
  );
  const written = await engine.writeRows({ columns: all, rowFiles, directory: own });
  return {
    columns: all,
    partitionColumns: [{ name: 'day', type: columnType('date') }],
    partitions: [{ values: ['2026-11-01'], files: written.map((file) => file.path) }],
  };
}

async function run(
  body: string,
  {
    rows = [],
    result = { account: 'bigint', total: 'decimal(18,2)' },
    limits = {},
  }: {
    readonly rows?: readonly (readonly Cell[])[];
    readonly result?: Readonly<Record<string, string>>;
    readonly limits?: object;
  } = {},
): Promise<string[]> {
  const own = directory();
  const file = join(own, 'step.ts');
  writeFileSync(file, body);
  const definition = DerivedDefinition.parse({
    ...{ function: './step.ts', inputs: { sales: 'same-day' }, columns: result, limits },
    ...{ partition: { column: 'day' }, store: { bucket: 'lake', prefix: 'sales' } },
  });
  const lines = await runFunction(
    { tableEngine: engine },
    {
      ...{ id: 'totals 2026-11-01', value: '2026-11-01', ms: Date.parse('2026-11-02T03:00:00Z') },
      ...{ step: { bundle: await bundleModule(file), file, version: 'v' }, definition },
      ...{ tables: { sales: await table(rows) }, directory: own },
    },
    none(),
  );
  return readFileSync(lines, 'utf8').trim().split('\n');
}

const sale = (account: string, amount: string, note: string | null = null): Cell[] => [
  ...[account, amount, '1700000000123456', note, new Uint8Array([0, 255]), 0.1, true],
  ['a'],
];

describe('the function of a step', () => {
  test('gets exact rows in the order of their values, and the same in every loop', async () => {
    const body = `
      export default async function* ({ inputs, partition, timezone }) {
        const seen = [];
        for await (const { day, account, amount, at, note, raw, ratio, isOpen } of inputs.sales)
          seen.push([partition, timezone, day, typeof account, account, amount, at, note, [...raw], ratio, isOpen].join('|'));
        for await (const row of inputs.sales) { seen.push(row.amount); break; }
        for (const line of seen) yield { line };
      }`;
    const rows = [sale('9223372036854775807', '0.10', 'b'), sale('2', '1234567890123456.78')];
    expect(await run(body, { rows, result: { line: 'string' } })).toEqual(
      [
        '2026-11-01|UTC|2026-11-01|bigint|2|1234567890123456.78|2023-11-14T22:13:20.123456Z||0,255|0.1|true',
        '2026-11-01|UTC|2026-11-01|bigint|9223372036854775807|0.10|2023-11-14T22:13:20.123456Z|b|0,255|0.1|true',
        '1234567890123456.78',
      ].map((line) => JSON.stringify({ i: 0, c0: line })),
    );
  });

  test('may return a list; its rows become a sorted file with the declared types', async () => {
    const own = directory();
    const lines = join(own, 'lines');
    writeFileSync(
      lines,
      (
        await run(
          `export default () => [{ account: 2n, total: '1.5' }, { account: 1, total: 7 }, { account: '3', total: null }];`,
        )
      ).join('\n'),
    );
    const result = [
      { name: 'account', type: columnType('bigint') },
      { name: 'total', type: columnType('decimal(18,2)') },
    ];
    const checks = [{ name: 'big', sql: 'SELECT * FROM result WHERE total > 5' }];
    const made = await deriveLines(
      { tableEngine: engine },
      { path: lines, columns: result, directory: own, checks },
      none(),
    );
    expect(made).toMatchObject({
      content: { rows: 3 },
      failedChecks: [{ name: 'big', rows: 1, example: '{"account":1,"total":7.00}' }],
    });
  });

  test('has one clock, that of the plan, and no chance', async () => {
    const clock = `export default ({ now }) => [{ line: [now, new Date(), new Date(Date.now()), new Date(0)].map((d) => d.toISOString()).join(' ') }];`;
    const fixed = '2026-11-02T03:00:00.000Z';
    expect(await run(clock, { result: { line: 'string' } })).toEqual([
      JSON.stringify({ i: 0, c0: `${fixed} ${fixed} ${fixed} 1970-01-01T00:00:00.000Z` }),
    ]);
    for (const chance of ['Math.random()', 'crypto.randomUUID()', 'fetch("http://localhost")'])
      await expect(run(`export default () => [{ line: String(${chance}) }];`)).rejects.toThrow(
        /^totals 2026-11-01: \.\/step\.ts: Error: a function must give the same result [^\n]*\n[^\n]*step\.ts:1:/,
      );
  });

  test('passes many rows in and out with little memory', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => sale(String(i), '1.00', 'x'.repeat(400)));
    const body = `
      export default async function* ({ inputs }) {
        for await (const { account, note } of inputs.sales) yield { account, note };
      }`;
    const result = { account: 'bigint', note: 'string' };
    const lines = await run(body, { rows, result, limits: { memoryMegabytes: 32 } });
    expect(lines).toHaveLength(30_000);
  });
});

describe('what is not a row fails the step', () => {
  const one = (row: string) => run(`export default () => [{ account: 1, total: '0.00' }, ${row}];`);
  test.each([
    [
      '{ account: 1, total: 0.1 }',
      /row 2: column total: expected decimal\(18,2\), got a JavaScript number, which rounds/,
    ],
    [
      '{ account: 2 ** 60, total: 1 }',
      /column account: expected bigint, got a JavaScript number above 2\^53/,
    ],
    ["{ account: 1, total: '0.005' }", /got a number with more than 2 digits after the point/],
    ['{ account: 1 }', /row 2: it has no total: null is NULL/],
    ["{ account: 1, total: '1', sum: 1 }", /row 2: it has sum, which columns does not declare/],
    ['[1, 2]', /row 2: expected an object with a property for each column, got a list/],
  ])('%s', async (row, message) => {
    await expect(one(row)).rejects.toMatchObject({
      code: 'StepFailed',
      message: expect.stringMatching(message),
    });
  });

  test('a column that there is not, a nested one, an unknown input, and no rows at all', async () => {
    const reading = (what: string) =>
      run(
        `export default async function* ({ inputs }) { for await (const row of inputs.sales) yield { account: ${what}, total: null }; }`,
        {
          rows: [sale('1', '1.00')],
        },
      );
    await expect(reading('row.acount')).rejects.toThrow(
      /sales has no column acount: it has day, account, amount/,
    );
    await expect(reading('row.tags')).rejects.toThrow(/sales\.tags is a list or a struct/);
    await expect(reading('inputs.sale')).rejects.toThrow(/sale is not among the inputs: sales/);
    await expect(run('export default () => 5;')).rejects.toThrow(/must return rows/);
    await expect(run('export const other = 5;')).rejects.toMatchObject({ code: 'ModuleUnusable' });
  });

  test('nor may it take too long, or too much memory', async () => {
    await expect(run('export default () => { for (;;); };', { limits: { seconds: 1 } })).rejects.toThrow(
      /took longer than 1 s/,
    );
    const greedy = 'export default () => { const all = []; for (;;) all.push(new Array(1e5).fill(all)); };';
    await expect(run(greedy, { limits: { memoryMegabytes: 32 } })).rejects.toThrow(
      /more than 32 MB of memory/,
    );
  });
});
