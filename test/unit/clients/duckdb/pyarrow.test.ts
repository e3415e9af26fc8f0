import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { pyarrowPython } from '../../../../bench/datasets/other-programs.ts';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { ColumnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { stepDirectories, writeRowFiles } from './step-directory.ts';

/** The first that has pyarrow, if any. */
const python = [process.env.PYTHON ?? 'python3', pyarrowPython()].find(
  (each) => spawnSync(each, ['-c', 'import pyarrow.parquet']).status === 0,
);
const newDirectory = stepDirectories();

const SCRIPT = `
import json, sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
print(json.dumps([[field.name, str(field.type), [None if v is None else str(v) for v in table[field.name].to_pylist()]] for field in table.schema]))
`;

const kind = (name: 'string' | 'bigint' | 'timestamp' | 'date' | 'binary' | 'double'): ColumnType => ({
  kind: name,
});

(python === undefined ? describe.skip : describe)('pyarrow', () => {
  test('reads the same values, with the types that docs/parquet-types.md states', async () => {
    const engine = createDuckDbTableEngine();
    const directory = newDirectory();
    const columns = [
      { name: 'text', type: kind('string') },
      { name: 'whole', type: kind('bigint') },
      { name: 'ratio', type: kind('double') },
      { name: 'amount', type: { kind: 'decimal', precision: 38, scale: 10 } as const },
      { name: 'at', type: kind('timestamp') },
      { name: 'day', type: kind('date') },
      { name: 'bytes', type: kind('binary') },
      { name: 'tags', type: { kind: 'list', of: kind('string') } as const },
    ];
    const cells = [
      [
        '',
        '-9223372036854775808',
        Number.NaN,
        '1234567890123456789012345678.0123456789',
        '-1',
        '0001-01-01',
        new Uint8Array(),
        [],
      ],
      [null, null, null, null, null, null, null, null],
      [
        'a\0b',
        '9223372036854775807',
        -0,
        '-0.5000000000',
        '-62135596800000000',
        '9999-12-31',
        new Uint8Array([0, 255]),
        ['', null],
      ],
    ];
    const rows = cells.map((row, input) => ({ cells: row, partition: 'p', input }));
    const rowFiles = writeRowFiles(directory, columns, rows);
    const [batch] = await engine.writeRows({ columns, rowFiles, directory });
    const merged = await engine.mergePartition({
      columns,
      sort: ['whole'],
      existing: [],
      duplicates: [],
      added: [{ path: batch!.path, inputs: [1, 2, 3] }],
      dropped: [],
      compareAll: false,
      directory: newDirectory(),
    });

    const read = spawnSync(python!, ['-c', SCRIPT, merged.written[0]!.path], { encoding: 'utf8' });
    expect(read.stderr).toBe('');
    expect(JSON.parse(read.stdout)).toEqual([
      ['text', 'string', [null, '', 'a\0b']],
      ['whole', 'int64', [null, '-9223372036854775808', '9223372036854775807']],
      ['ratio', 'double', [null, 'nan', '0.0']],
      ['amount', 'decimal128(38, 10)', [null, '1234567890123456789012345678.0123456789', '-0.5000000000']],
      [
        'at',
        'timestamp[us, tz=UTC]',
        [null, '1969-12-31 23:59:59.999999+00:00', '0001-01-01 00:00:00+00:00'],
      ],
      ['day', 'date32[day]', [null, '0001-01-01', '9999-12-31']],
      ['bytes', 'binary', [null, "b''", "b'\\x00\\xff'"]],
      ['tags', 'list<element: string>', [null, '[]', "['', None]"]],
    ]);
  });
});
