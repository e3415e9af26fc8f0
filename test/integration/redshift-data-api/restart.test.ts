import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

const { postgres, s3 } = testStack();
/** A database that only this test uses: one server owns one database. */
const databaseName = `restart_${randomUUID().slice(0, 8)}`;
const databaseUrl = Object.assign(new URL(postgres.url), { pathname: `/${databaseName}` }).href;
let server: ChildProcess | undefined;

beforeAll(async () => {
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query(`CREATE DATABASE "${databaseName}"`);
  await admin.end();
});
afterEach(() => void server?.kill('SIGKILL'));

async function start(): Promise<TestClient> {
  const main = fileURLToPath(new URL('../../../packages/redshift-data-local/src/main.ts', import.meta.url));
  server = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      REDSHIFT_POSTGRES_URL: databaseUrl,
      REDSHIFT_S3_ENDPOINT: s3.endpoint,
      REDSHIFT_S3_ACCESS_KEY_ID: s3.accessKeyId,
      REDSHIFT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  return new TestClient((JSON.parse(line) as { endpoint: string }).endpoint);
}

async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  const exited = once(server!, 'exit') as Promise<[number | null]>;
  server!.kill(signal);
  return (await exited)[0];
}

test('statements outlive the server; one that ran when the server was killed has FAILED and left nothing', async () => {
  const before = await start();
  await before.must(
    'CREATE TABLE t (n BIGINT)',
    'INSERT INTO t VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)',
  );
  const finished = await before.run('SELECT sum(n) FROM t', { ClientToken: 'sum' });
  const nines = Array.from({ length: 9 }, (_, i) => `t t${i}`).join(', ');
  const running = await before.submitBatch(['INSERT INTO t VALUES (11)', `SELECT count(*) FROM ${nines}`]);
  while ((await before.describe(running)).SubStatements![1]!.Status !== 'STARTED');
  await end('SIGKILL');

  const after = await start();
  const described = await after.describe(running);
  expect(described.Status).toBe('FAILED');
  expect(described.Error).toContain('stopped while the statement ran');
  expect(described.SubStatements!.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED']);
  expect(await after.rows('SELECT count(*) FROM t')).toEqual([[10]]);
  expect(await after.results(finished.Id!)).toEqual([['55']]);
  expect(await after.submit('SELECT sum(n) FROM t', { ClientToken: 'sum' })).toBe(finished.Id);
  expect(await end('SIGTERM')).toBe(0);
});
