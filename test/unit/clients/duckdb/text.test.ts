import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeTexts, openTexts } from '../../../../src/activities/datasets/derived/made-texts.ts';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import { DerivedStore } from '../../../../src/pipeline/datasets/derived/derived-store.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { unescapedField } from '../../../../src/pipeline/datasets/parquet/text-sql.ts';
import { typeOfText } from '../../../../src/pipeline/datasets/records/type-of-text.ts';
import { stepDirectories } from './step-directory.ts';

const engine = createDuckDbTableEngine({ threads: 1 });
const directory = stepDirectories();
const { signal } = new AbortController();

const columnsOf = (types: Readonly<Record<string, string>>): TableColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type: typeOfText(type) }));

/** The rows of a SELECT as text. */
async function textOf(
  sql: string,
  types: Readonly<Record<string, string>>,
  more: object = {},
): Promise<string> {
  const columns = columnsOf(types);
  const { path } = await engine.derive({ sql, tables: {}, columns, directory: directory() });
  const files = path === undefined ? [] : [path];
  const written = await engine.writeText({ columns, files, order: [], directory: directory(), ...more });
  return readFileSync(written.path, 'utf8');
}

const byText = (a: string | null, b: string | null) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const sqlText = (text: string | null) => (text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`);

describe('rows as text', () => {
  test('have the exact value of each type, and NULL is not empty', async () => {
    const types = {
      ...{ a: 'string', b: 'bigint', c: 'decimal(38,2)', d: 'decimal(2,2)', e: 'double', f: 'boolean' },
      ...{ g: 'timestamp', h: 'date', i: 'binary' },
    };
    const row = (values: string) => `SELECT ${values}`;
    const sql = [
      row(
        "'x' AS a, 9223372036854775807 AS b, -999999999999999999999999999999999999.99::DECIMAL(38,2) AS c, -0.05::DECIMAL(2,2) AS d, " +
          "0.1::DOUBLE AS e, true AS f, TIMESTAMPTZ '2026-03-29 01:59:59.999999+00' AS g, DATE '2026-02-28' AS h, '\\xC3\\xA9'::BLOB AS i",
      ),
      row("'', 0, 0, 0, 1e300, false, TIMESTAMPTZ '1969-12-31 23:59:59+00', DATE '0001-01-01', ''::BLOB"),
      row('NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL'),
    ].join(' UNION ALL ');
    expect((await textOf(sql, types)).split('\n')).toEqual([
      String.raw`\N	\N	\N	\N	\N	\N	\N	\N	\N`,
      '\t0\t0.00\t0.00\t1e+300\tfalse\t1969-12-31T23:59:59.000000Z\t0001-01-01\t',
      'x\t9223372036854775807\t-999999999999999999999999999999999999.99\t-0.05\t0.1\ttrue\t2026-03-29T01:59:59.999999Z\t2026-02-28\tc3a9',
      '',
    ]);
  });

  test('have lists and structs as JSON, with all digits, and NULL is not empty', async () => {
    const types = {
      l: 'list(string)',
      s: 'struct(b bigint, d list(decimal(2,2)), x double, t timestamp, h date, f boolean, y binary, n struct(a string))',
    };
    const sql = `
      SELECT ['', NULL, E'a"\\t'] AS l, struct_pack(b := 9223372036854775807, d := [0.5, -0.05, NULL]::DECIMAL(2,2)[], x := 'inf'::DOUBLE,
        t := TIMESTAMPTZ '2026-03-29 01:59:59.5+00', h := DATE '2026-02-28', f := true, y := '\\xC3'::BLOB, n := {'a': NULL::VARCHAR}) AS s
      UNION ALL SELECT [], NULL UNION ALL SELECT NULL, NULL`;
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const stored = join(directory(), 'nested.parquet');
    await connection.run(`COPY (${sql}) TO '${stored}' (FORMAT parquet)`);
    const written = async (where: readonly { column: string; text: string | null }[] = []) => {
      const request = {
        columns: columnsOf(types),
        files: [stored],
        order: [],
        where,
        directory: directory(),
      };
      return readFileSync((await engine.writeText(request)).path, 'utf8');
    };
    const lines = (await written()).split('\n').slice(0, -1).toSorted();
    expect(
      lines.map((line) => line.split('\t').map((field) => JSON.parse(unescapedField(field) ?? '"NULL"'))),
    ).toEqual([
      [
        ['', null, 'a"\t'],
        {
          ...{
            b: '9223372036854775807',
            d: ['0.50', '-0.05', null],
            x: 'inf',
            t: '2026-03-29T01:59:59.500000Z',
          },
          ...{ h: '2026-02-28', f: true, y: 'c3', n: { a: null } },
        },
      ],
      [[], 'NULL'],
      ['NULL', 'NULL'],
    ]);
    expect(await written([{ column: 'l', text: '[]' }])).toBe('[]\t\\N\n');
  });

  test('any text comes back as it was, from one line per row', async () => {
    const texts = fc.sample(
      fc.option(
        fc.string({
          unit: fc.constantFrom('\\', '\t', '\n', '\r', 'N', 'n', '"', "'", ' ', ',', 'é', '\u0001', '😀'),
        }),
        {
          nil: null,
        },
      ),
      { numRuns: 300, seed: 17 },
    );
    const values = [...texts, '\\N', '\\.', '\\t', '', null, '\u2028'];
    const sql = `SELECT * FROM (VALUES ${values.map((text, i) => `(${i}, ${sqlText(text)})`).join(', ')}) v(id, t)`;
    const lines = (await textOf(sql, { id: 'bigint', t: 'string' })).split('\n');
    expect(lines).toHaveLength(values.length + 1);
    expect(
      lines
        .slice(0, -1)
        .map((line) => line.split('\t'))
        .map(([, field = '']) => unescapedField(field) ?? null),
    ).toEqual(values);
    const alone = await textOf(`SELECT t FROM (${sql})`, { t: 'string' });
    expect(
      alone
        .split('\n')
        .slice(0, -1)
        .map((field) => unescapedField(field) ?? null)
        .toSorted(byText),
    ).toEqual(values.toSorted(byText));
  });

  test('are in the stated order, then in that of all columns, however they come', async () => {
    const rows = ["(2, 'b', 1.5)", "(1, 'a', 0.0)", "(NULL, 'b', 2.0)", '(2, NULL, 1.0)', "(1, 'c', 1.0)"];
    const types = { id: 'bigint', t: 'string', x: 'double' };
    const order = [{ column: 't', isDescending: true }];
    const inOrder = (given: readonly string[]) =>
      textOf(`SELECT id, t, x::DOUBLE AS x FROM (VALUES ${given.join(', ')}) v(id, t, x)`, types, { order });
    const expected = ['1\tc\t1.0', '\\N\tb\t2.0', '2\tb\t1.5', '1\ta\t0.0', '2\t\\N\t1.0', ''].join('\n');
    expect(await inOrder(rows)).toBe(expected);
    expect(await inOrder(rows.toReversed())).toBe(expected);
  });

  test('of one account are found by the text of the value', async () => {
    const sql = String.raw`SELECT * FROM (VALUES (1, 'a\b'), (2, 'a\b'), (1, NULL)) v(id, t)`;
    const where = (...conditions: { column: string; text: string | null }[]) =>
      textOf(sql, { id: 'bigint', t: 'string' }, { where: conditions });
    expect(await where({ column: 't', text: String.raw`a\b` }, { column: 'id', text: '1' })).toBe(
      '1\ta\\\\b\n',
    );
    expect(await where({ column: 't', text: null })).toBe('1\t\\N\n');
  });
});

describe('a file per value', () => {
  const columns = columnsOf({ account: 'string', n: 'bigint' });
  const made = async (sql: string, own: object) => {
    const { path, content } = await engine.derive({ sql, tables: {}, columns, directory: directory() });
    const store = DerivedStore.parse({ bucket: 'lake', prefix: 'reports', format: 'tsv', ...own });
    return makeTexts(
      engine,
      { store },
      { id: 'statements 2026-03', columns, path, rows: content.rows, directory: directory() },
      signal,
    );
  };
  const bodies = async (sql: string, own: object) => {
    const texts = await made(sql, own);
    if (texts === undefined) throw new Error('no text');
    const opened = await openTexts(texts);
    const found = [];
    for (const file of texts.files) {
      const body = Buffer.from(await opened.body(file)).toString();
      expect(createHash('sha256').update(body).digest('hex')).toBe(file.sha256);
      found.push([file.value ?? null, file.rows, body] as const);
    }
    await opened.close();
    return found;
  };

  test('has the rows of the value, each file with the header', async () => {
    const sql = String.raw`SELECT * FROM (VALUES ('b', 2), (NULL, 0), ('a\', 1), ('b', 1), ('', 5)) v(account, n)`;
    expect(await bodies(sql, { filePer: 'account' })).toEqual([
      [null, 1, 'account\tn\n\\N\t0\n'],
      ['', 1, 'account\tn\n\t5\n'],
      ['a\\', 1, 'account\tn\na\\\\\t1\n'],
      ['b', 2, 'account\tn\nb\t1\nb\t2\n'],
    ]);
    expect(await bodies(sql, { header: false, order: ['n desc'] })).toEqual([
      [null, 5, '\t5\nb\t2\na\\\\\t1\nb\t1\n\\N\t0\n'],
    ]);
  });

  test('without rows there is none; without filePer there is one, which has the header', async () => {
    const sql = "SELECT 'a' AS account, 1 AS n WHERE false";
    expect(await bodies(sql, { filePer: 'account' })).toEqual([]);
    expect(await bodies(sql, {})).toEqual([[null, 0, 'account\tn\n']]);
    expect(await bodies(sql, { header: false })).toEqual([[null, 0, '']]);
  });

  test('large texts are divided at their lines, wherever pieces of the file end', async () => {
    const sql = 'SELECT (i % 7)::VARCHAR AS account, i AS n FROM range(50000) r(i)';
    const found = await bodies(sql, { filePer: 'account' });
    expect(found.map(([account, rows]) => [account, rows])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((rest) => [String(rest), rest < 6 ? 7143 : 7142]),
    );
    for (const [account, rows, body] of found)
      expect(body.split('\n').slice(1, -1)).toEqual(
        Array.from({ length: rows }, (_, i) => `${account}\t${i * 7 + Number(account)}`),
      );
  });

  test('too many stop it, before rows are written', async () => {
    const sql = 'SELECT i::VARCHAR AS account, i AS n FROM range(11) r(i)';
    const columns = columnsOf({ account: 'string', n: 'bigint' });
    const { path = '' } = await engine.derive({ sql, tables: {}, columns, directory: directory() });
    const written = await engine.writeText({
      ...{ columns, files: [path], order: [], directory: directory(), filePer: 'account', maxGroups: 10 },
    });
    expect([written.tooManyGroups, existsSync(written.path)]).toEqual([11, false]);
    await expect(made(sql, { filePer: 'account', maxFiles: 10 })).rejects.toMatchObject({
      code: 'TooManyFiles',
      message: expect.stringMatching(
        /^statements 2026-03: it has 11 values in account, each with a file of its own; store.maxFiles is 10\./,
      ),
    });
  });
});
