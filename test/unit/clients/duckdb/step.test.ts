import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { TableQuery } from '../../../../src/clients/table-engine.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { stepDirectories, writeRowFiles } from './step-directory.ts';

const MEBIBYTE = 1024 ** 2;
const limits = { memoryBytes: 100 * MEBIBYTE, threads: 1, temporaryBytes: 10 * MEBIBYTE };
const engine = createDuckDbTableEngine(limits);
const newDirectory = stepDirectories();

/** Every process that was started, as Node announces it. */
const started: ChildProcess[] = [];
const onStart = (message: unknown) => started.push((message as { process: ChildProcess }).process);
beforeAll(() => subscribe('child_process', onStart));
afterAll(() => {
  unsubscribe('child_process', onStart);
});

async function rowsOf(
  sql: string,
  tables: TableQuery['tables'] = {},
  options: { signal?: AbortSignal } = {},
) {
  const rows: (readonly (string | null)[])[] = [];
  for await (const block of engine.query({ sql, tables, directory: newDirectory() }, options))
    rows.push(...block.rows);
  return rows;
}

/** Takes hours, and gives its first row at once. */
const ENDLESS = 'SELECT range FROM range(1000000000000)';
const BUSY = 'SELECT count(*) FROM range(1000000000000) WHERE md5(range::VARCHAR) = md5(range::VARCHAR)';

test('lists, structs and maps are JSON: exact, and NULL is not the empty text', async () => {
  const sql = `SELECT ['', NULL, 'a "b"'], [1.10::DECIMAL(9,2)], {'x': 9007199254740993, 'y': [1, NULL], 'z': 'nan'::DOUBLE},
    MAP {'k': DATE '2026-11-01'}, [1.5, 2.5]::DOUBLE[2], [true], NULL::VARCHAR[], []::VARCHAR[], '[1]'`;
  expect(await rowsOf(sql)).toEqual([
    [
      ...['["",null,"a \\"b\\""]', '["1.10"]', '{"x":"9007199254740993","y":[1,null],"z":"NaN"}'],
      ...['{"k":"2026-11-01"}', '[1.5,2.5]', '[true]', null, '[]', '[1]'],
    ],
  ]);
});

describe('a step runs in a process of its own', () => {
  test('which ends when the caller has seen enough rows', async () => {
    for await (const { columns, rows } of engine.query({
      sql: ENDLESS,
      tables: {},
      directory: newDirectory(),
    })) {
      expect(columns).toEqual(['range']);
      expect(rows[0]).toEqual(['0']);
      break;
    }
    await ended(started.at(-1)!);
  });

  test('which is killed when its caller is cancelled', async () => {
    const cancelled = new AbortController();
    const query = rowsOf(BUSY, {}, { signal: cancelled.signal });
    cancelled.abort(new Error('cancelled by an operator'));
    await expect(query).rejects.toThrow('cancelled by an operator');
    await ended(started.at(-1)!);
    await expect(rowsOf(BUSY, {}, { signal: cancelled.signal })).rejects.toThrow('cancelled by an operator');
  });

  test('and its loss is a transient failure', async () => {
    const query = rowsOf(BUSY);
    started.at(-1)!.kill('SIGKILL');
    await expect(query).rejects.toMatchObject({ name: 'Transient', code: 'EngineLost', message: /SIGKILL/ });
  });

  test('whose memory is bounded', async () => {
    const large = 'SELECT list(range) FROM range(100000000)';
    await expect(rowsOf(large)).rejects.toMatchObject({ name: 'Terminal', code: 'EngineOutOfMemory' });
  });
});

describe('a process', () => {
  test('takes one call after the other; none after a failure, and none once it has ended', async () => {
    const own = createDuckDbTableEngine(limits);
    const call = () => own.parseTree({ sql: 'SELECT 1', directory: newDirectory() });
    const before = started.length;
    const ownStarted = () => started.slice(before);
    await call();
    await call();
    expect(ownStarted()).toHaveLength(1);
    await Promise.all([call(), call()]);
    expect(ownStarted()).toHaveLength(2);
    for (const child of ownStarted()) {
      child.kill('SIGKILL');
      await ended(child);
    }
    await call();
    expect(ownStarted()).toHaveLength(3);
    const missing = own.contentOf({ columns: [], files: ['/nothing.parquet'], directory: newDirectory() });
    await expect(missing).rejects.toMatchObject({ code: 'EngineFailed' });
    await ended(ownStarted().at(-1)!);
    await call();
    expect(ownStarted()).toHaveLength(4);
  });

  test('is ended when its call is cancelled, and others take theirs', async () => {
    const own = createDuckDbTableEngine(limits);
    const call = () => own.parseTree({ sql: 'SELECT 1', directory: newDirectory() });
    await call();
    const [child] = started.slice(-1);
    const cancelled = new AbortController();
    const work = own.parseTree({ sql: 'SELECT 1', directory: newDirectory() }, { signal: cancelled.signal });
    cancelled.abort(new Error('cancelled by an operator'));
    await expect(work).rejects.toThrow('cancelled by an operator');
    await ended(child!);
    expect(await call()).toContain('SELECT_NODE');
  });
});

describe('the partitions that a query reads', () => {
  const days = Array.from({ length: 2000 }, (_, day) => [
    new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10),
  ]);
  const column = (name: string, kind: 'string' | 'date' | 'bigint') => ({ name, type: { kind } });
  const tables = {
    records: {
      columns: [column('client', 'string'), column('bytes', 'bigint')],
      partitionColumns: [column('day', 'date')],
      partitions: days,
    },
    others: {
      columns: [column('client', 'string')],
      partitionColumns: [column('year', 'string'), column('month', 'string')],
      partitions: [
        ['2026', '10'],
        ['2026', '11'],
      ],
    },
  };
  const read = async (sql: string) => {
    const found = await engine.partitionsRead({ sql, tables, directory: newDirectory() });
    return [found.records?.length === days.length ? 'all' : found.records, found.others];
  };

  test.each([
    ['select count(*) from records', 'all', []],
    ["select client from records where day = '2020-01-03' and client = 'web'", [2], []],
    [
      "with r as (select * from records) select * from r where day between '2020-01-01' and '2020-01-02'",
      [0, 1],
      [],
    ],
    ["select sum(bytes) from records where day in ('2020-01-02', '2030-01-01')", [1], []],
    [
      "select * from records r join others o using (client) where r.day < '2020-01-02' and month = '11'",
      [0],
      [1],
    ],
    ["select * from others where client = 'web' or year = '2026'", [], [0, 1]],
    ["explain select * from records where day = '2020-01-01'", 'all', [0, 1]],
  ])('%s', async (sql, records, others) => {
    expect(await read(sql)).toEqual([records, others]);
  });

  test('are not found for what is not one SELECT', async () => {
    await expect(read('drop view records')).rejects.toMatchObject({ code: 'QueryInvalid' });
    await expect(read('select nothing from records')).rejects.toMatchObject({ code: 'QueryInvalid' });
  });
});

describe('a query reads the files of its tables, and nothing else', () => {
  const columns: readonly TableColumn[] = [
    { name: 'id', type: { kind: 'bigint' } },
    { name: 'amount', type: { kind: 'decimal', precision: 38, scale: 20 } },
    { name: 'time', type: { kind: 'timestamp' } },
  ];
  const addedLater: TableColumn = { name: 'note', type: { kind: 'string' } };
  let tables: TableQuery['tables'] = {};
  let beside = '';

  beforeAll(async () => {
    const directory = newDirectory();
    const amount = '123456789012345678.00000000000000000001';
    const rows = ['2026-11-01', '2026-11-02'].map((partition, input) => ({
      cells: [String(2n ** 63n - 1n - BigInt(input)), amount, '-1'],
      partition,
      input,
    }));
    const rowFiles = writeRowFiles(directory, columns, rows);
    const files = await engine.writeRows({ columns, rowFiles, directory });
    tables = {
      access: {
        columns: [...columns, addedLater],
        partitionColumns: [{ name: 'day', type: { kind: 'date' } }],
        partitions: files.map(({ partition, path }) => ({ values: [partition], files: [path] })),
      },
    };
    beside = join(directory, 'beside.csv');
    writeFileSync(beside, 'secret\n');
  });

  test('with exact texts, the column of the path, and NULL for a column that files do not have yet', async () => {
    const rows = await rowsOf('SELECT id, amount, time, day, note FROM access ORDER BY day DESC', tables);
    expect(rows).toEqual(
      [
        ['9223372036854775806', '2026-11-02'],
        ['9223372036854775807', '2026-11-01'],
      ].map(([id, day]) => [
        id,
        '123456789012345678.00000000000000000001',
        '1969-12-31 23:59:59.999999+00',
        day,
        null,
      ]),
    );
  });

  test('a result without rows has its columns', async () => {
    for await (const block of engine.query({
      sql: 'SELECT 1 AS a WHERE false',
      tables: {},
      directory: newDirectory(),
    })) {
      expect(block).toEqual({ columns: ['a'], types: ['INTEGER'], rows: [] });
    }
  });

  const refused: readonly (readonly [what: string, sql: () => string])[] = [
    ['a file of the system', () => "SELECT * FROM read_text('/etc/hostname')"],
    ['a file beside its own', () => `SELECT * FROM read_text('${beside}')`],
    ['the network', () => "SELECT * FROM read_csv('https://localhost/x.csv')"],
    ['writing', () => `COPY (SELECT 1) TO '${beside}'`],
    ['a changed limit', () => "SET memory_limit = '100GB'"],
    ['several statements', () => 'SELECT 1; SELECT 2'],
    ['no statement', () => ' -- nothing'],
    ['another table', () => 'SELECT * FROM others'],
    ['bad syntax', () => 'SELEC 1'],
    ['a value that does not fit', () => "SELECT 'x'::BIGINT"],
  ];

  test.each(refused)('%s is refused', async (_, sql) => {
    await expect(rowsOf(sql(), tables)).rejects.toMatchObject({ name: 'Terminal', code: 'QueryInvalid' });
  });
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode ?? child.exitCode).not.toBe(null);
}
