import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { LOCAL_ROLE } from '../../../local/conformance/local-target.ts';
import {
  installPacked,
  type PackedPackage,
} from '../../../packages/redshift-data-local/test/packed-package.ts';
import { testStack } from '../setup/stack.ts';

const { postgres, s3 } = testStack();
/** The server creates it. */
const databaseName = `Packed ${randomUUID().slice(0, 8)}`;
const postgresUrl = Object.assign(new URL(postgres.url), { pathname: `/${databaseName}` }).href;
let packed: PackedPackage;
let server: ChildProcess;
let endpoint: string;

beforeAll(async () => {
  packed = installPacked();
  server = spawn(process.execPath, [packed.bin], {
    cwd: packed.project,
    env: {
      REDSHIFT_POSTGRES_URL: postgresUrl,
      REDSHIFT_S3_ENDPOINT: s3.endpoint,
      REDSHIFT_S3_ACCESS_KEY_ID: s3.accessKeyId,
      REDSHIFT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  ({ endpoint } = JSON.parse(line) as { endpoint: string });
});
afterAll(async () => {
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query(`DROP DATABASE ${admin.escapeIdentifier(databaseName)}`);
  await admin.end();
  packed.remove();
});

test('the packed program creates its database, and passes the cases that it carries', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      packed.bin,
      'conformance',
      ...['--endpoint', endpoint, '--region', 'us-east-1', '--workgroup', 'local', '--database', 'dev'],
      ...['--s3-endpoint', s3.endpoint, '--bucket', s3.bucket, '--role', LOCAL_ROLE],
      'copy-dates',
    ],
    {
      cwd: packed.project,
      env: { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
    },
  );
  expect(stdout).toMatch(/^\d{2,} passed, 0 failed\n$/);
});

test('text sorts by its bytes in the database that it created', async () => {
  const client = new pg.Client(postgresUrl);
  await client.connect();
  const { rows } = await client.query(
    'SELECT datcollate, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()',
  );
  await client.end();
  expect(rows).toEqual([{ datcollate: 'C', encoding: 'UTF8' }]);
});
