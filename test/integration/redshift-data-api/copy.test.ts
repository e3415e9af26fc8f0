import { randomUUID } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

const { redshiftData, s3: address } = testStack();
const client = new TestClient(redshiftData.endpoint);
const s3 = new S3Client({
  endpoint: address.endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: address.accessKeyId, secretAccessKey: address.secretAccessKey },
});
const schema = `copy_${randomUUID().slice(0, 8)}`;
const root = `s3://${address.bucket}/${schema}`;

const put = (name: string, body: Buffer | string) =>
  s3.send(new PutObjectCommand({ Bucket: address.bucket, Key: `${schema}/${name}`, Body: body }));

/** Puts one zstd file per text, and a manifest of them. @returns the COPY of the manifest */
async function copyOf(texts: string[], options = '', table = 't'): Promise<string> {
  const name = randomUUID();
  const entries = texts.map((_, index) => ({ url: `${root}/${name}/${index}.csv.zst`, mandatory: true }));
  await Promise.all(texts.map((text, index) => put(`${name}/${index}.csv.zst`, zstdCompressSync(text))));
  await put(`${name}.manifest`, JSON.stringify({ entries }));
  return copyManifest(`${name}.manifest`, options, table);
}
const copyManifest = (manifest: string, options = '', table = 't', compression = 'ZSTD') =>
  `COPY "${schema}"."${table}" ("a", "b", "d") FROM '${root}/${manifest}' IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
   MANIFEST FORMAT AS CSV NULL AS '@@' ${compression} DATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF ${options}`;

beforeAll(() =>
  client.must(
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.t (a BIGINT NOT NULL, b VARCHAR(6), d DECIMAL(10,2))`,
  ),
);
afterAll(async () => {
  await client.must(`DROP SCHEMA ${schema} CASCADE`);
  client.sdk.destroy();
  s3.destroy();
});

describe('a load', () => {
  test('is guarded, counted and complete in one batch', async () => {
    const copy = await copyOf(['1,"a,""b",1.999\n2,"",@@\n', '3,@@,\n4,日本,-0.01\n']);
    const guard = (rows: number) =>
      `SELECT 1/(CASE WHEN count(*) = ${rows} THEN 1 ELSE 0 END) FROM ${schema}.t`;
    const batch = [`LOCK ${schema}.t`, guard(0), copy, guard(4), 'SELECT pg_last_copy_count()'];
    const loaded = await client.batch(batch);
    expect(loaded.Status).toBe('FINISHED');
    expect(await client.results(`${loaded.Id}:5`)).toEqual([[4]]);
    expect((await client.batch(batch)).SubStatements![1]!.Error).toBe('ERROR: Divide by zero');
    expect(await client.rows(`SELECT * FROM ${schema}.t ORDER BY a`)).toEqual([
      [1, 'a,"b', '1.99'],
      [2, '', null],
      [3, null, null],
      [4, '日本', '-0.01'],
    ]);
    const queryId = loaded.SubStatements![2]!.RedshiftQueryId;
    expect(
      await client.rows(
        `SELECT status, loaded_rows, source_file_count FROM sys_load_history WHERE query_id = ${queryId}`,
      ),
    ).toEqual([['completed', 4, 2]]);
  });

  test('submitted twice at once loses and duplicates nothing: the second fails its guard', async () => {
    await client.must(`CREATE TABLE ${schema}.raced (a BIGINT, b VARCHAR(6), d DECIMAL(10,2))`);
    const copy = await copyOf([Array.from({ length: 20_000 }, (_, i) => `${i},x,1\n`).join('')], '', 'raced');
    const guard = (rows: number) =>
      `SELECT 1/(CASE WHEN count(*) = ${rows} THEN 1 ELSE 0 END) FROM ${schema}.raced`;
    const batch = [`LOCK ${schema}.raced`, guard(0), copy, guard(20_000)];
    const ends = await Promise.all(Array.from({ length: 4 }, () => client.batch(batch)));
    expect(ends.filter(({ Status }) => Status === 'FINISHED')).toHaveLength(1);
    expect(ends.filter(({ Status }) => Status === 'FAILED')).toHaveLength(3);
    expect(await client.rows(`SELECT count(*), count(DISTINCT a) FROM ${schema}.raced`)).toEqual([
      [20_000, 20_000],
    ]);
  });

  test('loads a file twice if it is listed twice', async () => {
    await client.must(`CREATE TABLE ${schema}.twice (a BIGINT, b VARCHAR(6), d DECIMAL(10,2))`);
    await put('twice.csv.gz', gzipSync('1,x,1\n'));
    const entry = { url: `${root}/twice.csv.gz`, mandatory: true };
    await put('twice.manifest', JSON.stringify({ entries: [entry, entry] }));
    await client.must(copyManifest('twice.manifest', '', 'twice', 'GZIP'));
    expect(await client.rows(`SELECT count(*) FROM ${schema}.twice`)).toEqual([[2]]);
  });
});

describe('NOLOAD', () => {
  test('reads and checks the files and loads nothing, even into a temporary table', async () => {
    const copy = (await copyOf(['1,x,1\n'], 'NOLOAD')).replace(`"${schema}"."t"`, 'checked');
    const { Id: id, Status } = await client.batch([
      'CREATE TEMP TABLE checked (a BIGINT, b VARCHAR(6), d DECIMAL(10,2))',
      copy,
      'SELECT count(*) FROM checked',
    ]);
    expect(Status).toBe('FINISHED');
    expect(await client.results(`${id}:3`)).toEqual([[0]]);
    expect((await client.run('SELECT 1 FROM checked')).Error).toContain('"checked" does not exist');
  });

  test('fails if the load would fail', async () => {
    const failed = await client.run(await copyOf(['1,too long,1\n'], 'NOLOAD'));
    expect(failed.Error).toContain("Load into table 't' failed");
  });
});

describe('a row that does not fit', () => {
  test('fails the load, which leaves no row, and is shown with file, line, column, value and code', async () => {
    await client.must(`CREATE TABLE ${schema}.strict (a BIGINT, b VARCHAR(6), d DECIMAL(10,2))`);
    const copy = await copyOf(['1,"two\nlines",1\n', '2,x,1\n3,too long,1\n'], '', 'strict');
    const failed = await client.run(copy);
    expect(failed.Error).toContain(
      "Load into table 'strict' failed.  Check 'sys_load_error_detail' system table for details.",
    );
    const errors = await client.rows(
      `SELECT filename, line_number, trim(colname), err_code, trim(raw_field_value), raw_line FROM stl_load_errors WHERE query = ${failed.RedshiftQueryId}`,
    );
    const file = copy.match(/FROM '(.*)\.manifest'/)![1];
    expect(errors).toEqual([[`${file}/0.csv.zst`, 1, 'b', 1204, 'two\nlines', '1,"two\nlines",1']]);
    expect(await client.rows(`SELECT count(*) FROM ${schema}.strict`)).toEqual([[0]]);
    expect(
      await client.rows(
        `SELECT error_code, column_type, column_length FROM sys_load_error_detail WHERE query_id = ${failed.RedshiftQueryId}`,
      ),
    ).toEqual([[1204, 'character varying', '6']]);
  });

  test('is skipped below MAXERROR', async () => {
    await client.must(`CREATE TABLE ${schema}.lenient (a BIGINT, b VARCHAR(6), d DECIMAL(10,2))`);
    await client.must(await copyOf(['1,x,1\nx,x,1\n3,x\n4,x,1\n'], 'MAXERROR 3', 'lenient'));
    expect(await client.rows(`SELECT a FROM ${schema}.lenient ORDER BY a`)).toEqual([[1], [4]]);
    const failed = await client.run(await copyOf(['1,x,1\nx,x,1\n3,x\n4,x,1\n'], 'MAXERROR 2', 'lenient'));
    expect(failed.Status).toBe('FAILED');
  });
});

describe('a file', () => {
  test('of two zstd frames is refused', async () => {
    await put('frames.csv.zst', Buffer.concat([zstdCompressSync('1,x,1\n'), zstdCompressSync('2,x,1\n')]));
    await put(
      'frames.manifest',
      JSON.stringify({ entries: [{ url: `${root}/frames.csv.zst`, mandatory: true }] }),
    );
    expect((await client.run(copyManifest('frames.manifest'))).Error).toContain('A second zstd frame');
  });

  test('that is missing fails the load only if it is mandatory', async () => {
    const url = `${root}/nowhere.csv.zst`;
    await put('must.manifest', JSON.stringify({ entries: [{ url, mandatory: true }] }));
    await put('may.manifest', JSON.stringify({ entries: [{ url }] }));
    expect((await client.run(copyManifest('must.manifest'))).Error).toContain(
      'S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey',
    );
    await put('there.csv.zst', zstdCompressSync('1,x,1\n'));
    await put(
      'some.manifest',
      JSON.stringify({ entries: [{ url }, { url: `${root}/there.csv.zst`, mandatory: true }] }),
    );
    await client.must(copyManifest('some.manifest', 'NOLOAD'));
    expect((await client.run(copyManifest('may.manifest'))).Error).toContain('No files of the manifest');
  });
});

test.each([
  [
    'a missing manifest',
    (copy: string) => copy.replace('may.manifest', 'no.manifest'),
    'Problem reading manifest file - S3ServiceException',
  ],
  ['a missing bucket', (copy: string) => copy.replace('s3://', 's3://no-such-'), 'Error NoSuchBucket'],
  [
    'a role that is not an ARN',
    (copy: string) => copy.replace(':role/', ':user/'),
    'is not associated to cluster',
  ],
  [
    'a missing table',
    (copy: string) => copy.replace('"t"', '"nowhere"'),
    'Cannot COPY into nonexistent table nowhere',
  ],
  ['a missing column', (copy: string) => copy.replace('"d"', '"e"'), 'column "e" of relation does not exist'],
])('%s is reported as the reason', async (_what, change, message) => {
  expect((await client.run(change(copyManifest('may.manifest')))).Error).toContain(message);
});

describe('a Parquet file that the local Redshift cannot read', () => {
  const columnData = [{ name: 'n', type: 'INT32' as const, data: Int32Array.of(1) }];
  const plain = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }));
  const lz4 = parquetWriteBuffer({
    columnData,
    codec: 'LZ4_RAW',
    compressors: { LZ4_RAW: (input) => input },
  });

  test.each([
    ['compressed as a whole', 'n.parquet.gz', plain, 'COPY FORMAT PARQUET of files that end with .gz'],
    ['with LZ4', 'n.parquet', new Uint8Array(lz4), 'Parquet columns with the compression LZ4_RAW'],
  ])('%s is refused by name', async (_, name, body, message) => {
    const key = `${randomUUID()}/${name}`;
    await put(key, Buffer.from(body));
    await client.must(`CREATE TABLE IF NOT EXISTS ${schema}.n (n INT)`);
    const { Error: error } = await client.run(
      `COPY ${schema}.n FROM '${root}/${key}' IAM_ROLE default FORMAT PARQUET`,
    );
    expect(error).toBe(`ERROR: not supported by the local Redshift: ${message}`);
  });
});
