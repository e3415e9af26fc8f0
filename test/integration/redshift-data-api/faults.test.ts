import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { testStack } from '../setup/stack.ts';
import { OwnServer } from './own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start();
  await server.client.must('CREATE TABLE t (n INT)', 'CREATE SCHEMA live', 'CREATE TABLE live.t (n INT)');
});
afterEach(() => server.control('DELETE', 'faults'));
afterAll(() => server.stop());

const count = async () => (await server.client.rows('SELECT count(*) FROM t'))[0]![0];

describe('error 1023', () => {
  test('hits the named statement once, and its transaction leaves nothing', async () => {
    await server.fault({ kind: 'serializable-violation', statementName: 'load' });
    const before = await count();
    const struck = await server.client.batch(['INSERT INTO t VALUES (1)'], { StatementName: 'load' });
    expect(struck.Status).toBe('FAILED');
    expect(struck.Error).toMatch(
      /^Query #1 failed with ERROR: 1023\n {2}Detail: Serializable isolation violation on table/,
    );
    expect(await count()).toBe(before);
    const again = await server.client.batch(['INSERT INTO t VALUES (1)'], { StatementName: 'load' });
    expect(again.Status).toBe('FINISHED');
  });

  test('comes at the commit if requested there: every sub-statement finishes, and nothing stays', async () => {
    await server.fault({ kind: 'serializable-violation', when: 'commit', sql: 'values (2)' });
    const before = await count();
    const struck = await server.client.batch(['INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)']);
    expect(struck.Status).toBe('FAILED');
    expect(struck.SubStatements!.map(({ Status }) => Status)).toEqual(['FINISHED', 'FINISHED']);
    expect(await count()).toBe(before);
  });

  test('strikes the COMMIT of a session by what its transaction did, and the session has no transaction left', async () => {
    await server.fault({ kind: 'serializable-violation', when: 'commit', sql: 'values (3)' });
    const before = await count();
    const { SessionId } = await server.client.run('BEGIN', { SessionKeepAliveSeconds: 60 });
    const session = { SessionId, WorkgroupName: undefined, Database: undefined };
    await server.client.run('INSERT INTO t VALUES (3)', session);
    expect((await server.client.run('COMMIT', session)).Error).toContain('ERROR: 1023');
    expect((await server.client.run('SELECT 1', session)).Status).toBe('FINISHED');
    expect(await count()).toBe(before);
  });
});

test('memory runs out in the matching query', async () => {
  await server.fault({ kind: 'out-of-memory', sql: 'SUM(N)' });
  expect((await server.client.run('SELECT sum(n) FROM t')).Error).toMatch(
    /Out Of Memory[\s\S]*code: {6}1004/,
  );
  expect((await server.client.run('SELECT sum(n) FROM t')).Status).toBe('FINISHED');
});

const numbers = Array.from({ length: 100_000 }, (_, n) => n);
const lines = (line: (n: number) => string) => numbers.map((n) => `${line(n)}\n`).join('');
test.each([
  ['CSV', 'CSV', lines(String)],
  ['JSON', "JSON 'paths'", lines((n) => `{"a":{"n":${n}}}`)],
  [
    'PARQUET',
    'PARQUET',
    new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'n', type: 'INT32', data: Int32Array.from(numbers) }] }),
    ),
  ],
])(
  'a COPY of %s breaks off in the middle and leaves no row, and the next one loads everything',
  async (name, format, body) => {
    const { s3: address } = testStack();
    const { endpoint, accessKeyId, secretAccessKey, bucket } = address;
    const s3 = new S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
    const prefix = `faults-${randomUUID()}`;
    const put = (key: string, Body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${key}`, Body }));
    await put('data/1', body);
    await put('data/2', body);
    await put('paths', '{"jsonpaths":["$.a.n"]}');
    s3.destroy();
    const table = `loaded_${name}`;
    await server.client.must(`CREATE TABLE ${table} (n INT)`);
    const copy = `COPY ${table} FROM 's3://${bucket}/${prefix}/data/' IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
    FORMAT AS ${format.replace('paths', `s3://${bucket}/${prefix}/paths`)}`;
    await server.fault({ kind: 'copy-half-way', sql: `copy ${table}`, file: 2 });
    const broken = await server.client.run(copy);
    expect(broken.Status).toBe('FAILED');
    expect(broken.Error).toContain('S3ServiceException');
    expect(await server.client.rows(`SELECT count(*) FROM ${table}`)).toEqual([[0]]);
    expect((await server.client.run(copy)).Status).toBe('FINISHED');
    expect(await server.client.rows(`SELECT count(*) FROM ${table}`)).toEqual([[200_000]]);
  },
);

test.each(['before', 'after'])(
  'a statement that never ends %s its work is ended by CancelStatement',
  async (when) => {
    await server.fault({ kind: 'never-ends', when, sql: 'values (9)' });
    const id = await server.client.submit('INSERT INTO t VALUES (9)');
    await server.client.until(id, 'STARTED');
    expect((await server.client.describe(id, 1)).Status).toBe('STARTED');
    await server.sdk.send(new CancelStatementCommand({ Id: id }));
    expect((await server.client.ended(id)).Status).toBe('ABORTED');
    expect(await server.client.rows('SELECT count(*) FROM t WHERE n = 9')).toEqual([[0]]);
  },
);

describe('throttling', () => {
  test('refuses the operation, and the SDK retries', async () => {
    const finished = await server.client.run('SELECT 1');
    await server.fault({ kind: 'throttle', operation: 'DescribeStatement', count: 2 });
    await expect(server.client.describe(finished.Id!)).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    const patient = new RedshiftDataClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 3,
    });
    const described = await patient.send(new DescribeStatementCommand({ Id: finished.Id! }));
    expect(described.$metadata.attempts).toBe(2);
    patient.destroy();
  });
});

test.each([
  ['InternalServerException', 500],
  ['ActiveStatementsExceededException', 400],
  ['ExecuteStatementException', 500],
])('any error of the service can be requested: %s', async (error, status) => {
  await server.fault({ kind: 'error', error, operation: 'ExecuteStatement', message: 'as asked' });
  await expect(server.client.submit('SELECT 1')).rejects.toMatchObject({
    name: error,
    message: 'as asked',
    $metadata: { httpStatusCode: status },
  });
});

test('if an answer is lost after the commit, the work is done and its token finds the statement', async () => {
  const before = (await count()) as number;
  await server.fault({ kind: 'lost-answer', operation: 'ExecuteStatement' });
  const ClientToken = randomUUID();
  await expect(server.client.submit('INSERT INTO t VALUES (1)', { ClientToken })).rejects.toThrow(
    'ECONNRESET',
  );
  expect(await count()).toBe(before + 1);
  const id = await server.client.submit('INSERT INTO t VALUES (1)', { ClientToken });
  expect((await server.client.ended(id)).Status).toBe('FINISHED');
  expect(await count()).toBe(before + 1);
});

test('a call and a statement can be delayed', async () => {
  await server.fault({ kind: 'delay', milliseconds: 200, operation: 'ListDatabases' });
  await server.fault({ kind: 'delay', milliseconds: 200, at: 'statement', sql: 'select 5' });
  const began = performance.now();
  const described = await server.client.run('SELECT 5');
  expect(performance.now() - began).toBeGreaterThan(190);
  expect(described.Duration).toBeGreaterThan(190_000_000);
});

test('readers miss the relation around a rename as often as requested, and then find it', async () => {
  await server.client.must(
    'CREATE SCHEMA staging',
    'CREATE TABLE staging.t (n INT)',
    'INSERT INTO staging.t VALUES (1)',
  );
  await server.fault({ kind: 'rename-gap', sql: 'rename to live', reads: 2 });
  const swap = await server.client.batch([
    'ALTER SCHEMA live RENAME TO backup',
    'ALTER SCHEMA staging RENAME TO live',
  ]);
  expect(swap.Status).toBe('FINISHED');
  const reads = [];
  for (let i = 0; i < 3; i++) reads.push((await server.client.run('SELECT n FROM live.t')).Error);
  const missing = 'ERROR: relation "live.t" does not exist';
  expect(reads).toEqual([missing, missing, undefined]);
});

describe('matching', () => {
  test('begins with the n-th match and ends after the count', async () => {
    await server.fault({ kind: 'out-of-memory', sql: 'select 3', nth: 2, count: 2 });
    const states = [];
    for (let i = 0; i < 4; i++) states.push((await server.client.run('SELECT 3')).Status);
    expect(states).toEqual(['FINISHED', 'FAILED', 'FAILED', 'FINISHED']);
    expect((await server.control('GET', 'faults')).faults).toMatchObject([{ matched: 4, struck: 2 }]);
  });

  test('by chance hits the same calls for the same seed', async () => {
    const run = async () => {
      await server.control('DELETE', 'faults');
      await server.fault({
        kind: 'throttle',
        operation: 'DescribeStatement',
        count: 'always',
        probability: 0.5,
        seed: 7,
      });
      const calls = [];
      for (let i = 0; i < 12; i++)
        calls.push(await server.client.describe(randomUUID()).catch((error: Error) => error.name));
      return calls;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set(['ThrottlingException', 'ResourceNotFoundException']));
    expect(await run()).toEqual(first);
  });
});

test.each(['/', '/_control/faults'])(
  '%s refuses a web page that has a name of its own for loopback',
  async (path) => {
    const { hostname, port } = new URL(server.endpoint);
    const asked = request({ hostname, port, path, headers: { host: `rebound.example:${port}` } }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(403);
    expect(await text(answer)).toContain('answers on loopback only, not as rebound.example');
  },
);

describe('the control endpoint', () => {
  test('lists faults, clears one or all, and refuses unknown requests', async () => {
    const first = await server.fault({ kind: 'throttle' });
    const second = await server.fault({ kind: 'out-of-memory', count: 'always' });
    await server.control('DELETE', `faults/${first}`);
    expect((await server.control('GET', 'faults')).faults).toMatchObject([
      { id: second, kind: 'out-of-memory' },
    ]);
    await expect(server.control('DELETE', `faults/${first}`)).rejects.toThrow('404');
    await expect(server.fault({ kind: 'earthquake' })).rejects.toThrow('400');
    await expect(server.fault({ kind: 'throttle', mistyped: true })).rejects.toThrow('400');
  });

  test('accepts only JSON, which a web page cannot send without permission', async () => {
    const sent = await fetch(`${server.endpoint}/_control/faults`, {
      method: 'POST',
      body: '{"kind":"throttle"}',
    });
    expect(sent.status).toBe(415);
  });
});
