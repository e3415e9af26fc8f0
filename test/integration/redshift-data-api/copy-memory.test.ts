import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { zstdCompressSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import pg from 'pg';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

const { postgres, s3: address } = testStack();
/** A server that only this test uses: its memory is measured. */
const databaseName = `memory_${randomUUID().slice(0, 8)}`;
const databaseUrl = Object.assign(new URL(postgres.url), { pathname: `/${databaseName}` }).href;
let server: ChildProcess;
let client: TestClient;

beforeAll(async () => {
  await administer(`CREATE DATABASE "${databaseName}"`);
  const main = fileURLToPath(new URL('../../../packages/redshift-data-local/src/main.ts', import.meta.url));
  server = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      REDSHIFT_POSTGRES_URL: databaseUrl,
      REDSHIFT_S3_ENDPOINT: address.endpoint,
      REDSHIFT_S3_ACCESS_KEY_ID: address.accessKeyId,
      REDSHIFT_S3_SECRET_ACCESS_KEY: address.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  client = new TestClient((JSON.parse(line) as { endpoint: string }).endpoint);
});
afterAll(async () => {
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
  client.sdk.destroy();
  await administer(`DROP DATABASE "${databaseName}"`);
});

async function administer(sql: string): Promise<void> {
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}

const residentMegabytes = () =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)], { encoding: 'utf8' })) / 1024;

async function put(key: string, body: Uint8Array): Promise<void> {
  const s3 = new S3Client({
    endpoint: address.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: address.accessKeyId, secretAccessKey: address.secretAccessKey },
  });
  await s3.send(new PutObjectCommand({ Bucket: address.bucket, Key: key, Body: body }));
  s3.destroy();
}

/** Runs a COPY that must finish. @returns by how many megabytes the server grew while it ran */
async function growthOf(copy: string): Promise<number> {
  const before = residentMegabytes();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, residentMegabytes());
  }, 20);
  try {
    const { Status, Error: error } = await client.run(copy, { WaitTimeSeconds: 30 });
    expect([Status, error]).toEqual(['FINISHED', undefined]);
  } finally {
    clearInterval(watch);
  }
  return most - before;
}

test('a load of 210 MB needs only the memory of its buffers', async () => {
  const lineBytes = 1_000;
  const lines = 210_000;
  const key = `${databaseName}/large.csv.zst`;
  const body = zstdCompressSync(csvLines(lines, lineBytes));
  await put(key, body);
  await client.must('CREATE TABLE t (n INT, text VARCHAR(2000))');
  const growth = await growthOf(
    `COPY t FROM 's3://${address.bucket}/${key}' IAM_ROLE default CSV ZSTD STATUPDATE OFF`,
  );
  expect(await client.rows('SELECT count(*), sum(octet_length(text)) FROM t')).toEqual([
    [lines, expect.anything()],
  ]);
  expect(growth).toBeLessThan(150);
});

test('a load of a Parquet file of 100 MB needs only the memory of a few row groups', async () => {
  const rows = 100_000;
  const key = `${databaseName}/large.parquet`;
  const text = randomBytes(100_000).toString('base64');
  const body = parquetWriteBuffer({
    columnData: [
      { name: 'n', type: 'INT32', data: Int32Array.from({ length: rows }, (_, n) => n) },
      {
        name: 'text',
        type: 'STRING',
        data: Array.from({ length: rows }, (_, n) => text.slice(n % 100_000, (n % 100_000) + 1_000)),
      },
    ],
    codec: 'UNCOMPRESSED',
    statistics: false,
    // About 5 MB each.
    rowGroupSize: 5_000,
  });
  await put(key, new Uint8Array(body));
  await client.must('CREATE TABLE p (n INT, text VARCHAR(2000))');
  const growth = await growthOf(
    `COPY p FROM 's3://${address.bucket}/${key}' IAM_ROLE default FORMAT PARQUET STATUPDATE OFF`,
  );
  expect(await client.rows('SELECT count(*), sum(n), sum(octet_length(text)) FROM p')).toEqual([
    [rows, (rows / 2) * (rows - 1), rows * 1_000],
  ]);
  expect(body.byteLength).toBeGreaterThan(100_000_000);
  expect(growth).toBeLessThan(80);
});

function csvLines(lines: number, lineBytes: number): Buffer {
  const text = 'x, y; '.repeat(Math.floor((lineBytes - 10) / 6));
  const parts: Buffer[] = [];
  for (let n = 0; n < lines; n++) parts.push(Buffer.from(`${n},"${text}"\n`));
  return Buffer.concat(parts);
}
