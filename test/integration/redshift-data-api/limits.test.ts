import { randomUUID } from 'node:crypto';
import {
  CancelStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListDatabasesCommand,
  ListSessionsCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OwnServer } from './own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start({
    maxActiveStatements: 3,
    maxSessions: 2,
    maxWaitingRequests: 2,
    maxRowBytes: 1000,
    maxResultBytes: 20_000,
    statementSeconds: 12 * 3600,
    callsPerSecond: { ListDatabases: 2 },
  });
});
beforeEach(() => server.control('DELETE', 'faults'));
afterAll(() => server.stop());

/** A statement that runs until it is cancelled. */
async function endless(): Promise<string> {
  await server.fault({ kind: 'never-ends', sql: 'endless' });
  return server.client.submit(`SELECT 'endless'`);
}
const cancel = async (id: string) => {
  await server.sdk.send(new CancelStatementCommand({ Id: id }));
  expect((await server.client.ended(id)).Status).toBe('ABORTED');
};

test('an active statement beyond the limit is refused, a repeated token is not', async () => {
  const ClientToken = randomUUID();
  await server.fault({ kind: 'never-ends', sql: 'endless', count: 3 });
  const ids = [await server.client.submit(`SELECT 'endless'`, { ClientToken })];
  for (let i = 0; i < 2; i++) ids.push(await server.client.submit(`SELECT 'endless'`));
  await expect(server.client.submit('SELECT 1')).rejects.toMatchObject({
    name: 'ActiveStatementsExceededException',
  });
  expect(await server.client.submit(`SELECT 'endless'`, { ClientToken })).toBe(ids[0]);
  await Promise.all(ids.map(cancel));
  expect((await server.client.run('SELECT 1')).Status).toBe('FINISHED');
});

test('requests that wait for a statement are limited', async () => {
  const id = await endless();
  const waiting = Array.from({ length: 3 }, () =>
    server.client.describe(id, 30).then(
      ({ Status }) => Status,
      (error: Error) => error.name,
    ),
  );
  // The last one is refused at once; the other two keep waiting.
  expect(await Promise.race(waiting)).toBe('ActiveWaitingRequestsExceededException');
  await server.sdk.send(new CancelStatementCommand({ Id: id }));
  expect((await Promise.all(waiting)).filter((end) => end === 'ABORTED')).toHaveLength(2);
});

test('an operation called more often than its rate is throttled', async () => {
  const call = () =>
    server.sdk.send(new ListDatabasesCommand({ WorkgroupName: 'local', Database: 'dev' })).then(
      ({ Databases }) => Databases,
      (error: Error) => error.name,
    );
  // Enough that even a slow machine makes more than two per second.
  const calls = await Promise.all(Array.from({ length: 20 }, call));
  const throttled = calls.filter((answer) => answer === 'ThrottlingException').length;
  expect(throttled).toBeGreaterThanOrEqual(1);
  const { refusals } = await server.control('GET', 'refusals');
  expect(refusals).toMatchObject({ 'ListDatabases ThrottlingException': throttled });
  expect(calls).toContainEqual(['dev']);
});

describe('a result', () => {
  test('with a row that is too long fails its statement', async () => {
    const failed = await server.client.run(`SELECT repeat('x', 1001)`);
    expect(failed.Error).toContain('Packet for query is too large');
  });

  test('that is too large as a whole fails its statement', async () => {
    const rows = Array.from({ length: 30 }, () => `SELECT repeat('x', 999)`).join(' UNION ALL ');
    expect((await server.client.run(rows)).Error).toContain('Database response exceeded size limit');
  });
});

describe('sessions', () => {
  const open = () =>
    server.sdk.send(
      new ExecuteStatementCommand({
        WorkgroupName: 'local',
        Database: 'dev',
        Sql: 'SELECT 1',
        SessionKeepAliveSeconds: 100,
        WaitTimeSeconds: 20,
      }),
    );
  const within = (SessionId: string, Sql: string) =>
    server.sdk.send(new ExecuteStatementCommand({ SessionId, Sql, WaitTimeSeconds: 20 }));

  test('are limited, are busy while a statement runs, and close when idle', async () => {
    const { SessionId: first } = await open();
    const { SessionId: second } = await open();
    await expect(open()).rejects.toMatchObject({ name: 'ActiveSessionsExceededException' });

    await server.fault({ kind: 'never-ends', sql: 'endless' });
    const running = await server.sdk.send(
      new ExecuteStatementCommand({ SessionId: first, Sql: `SELECT 'endless'` }),
    );
    await expect(within(first!, 'SELECT 1')).rejects.toMatchObject({ name: 'ValidationException' });
    const busy = await server.sdk.send(new ListSessionsCommand({ Status: 'BUSY' }));
    expect(busy.Sessions).toMatchObject([{ SessionId: first, CurrentStatementId: running.Id }]);
    await cancel(running.Id!);
    expect((await within(first!, 'SELECT 1')).Status).toBe('FINISHED');

    await server.control('POST', 'clock', { advanceSeconds: 101 });
    await expect(within(second!, 'SELECT 1')).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await server.sdk.send(new ListSessionsCommand({}))).Sessions).toEqual([]);
    const closed = await server.sdk.send(new ListSessionsCommand({ Status: 'CLOSED' }));
    expect(closed.Sessions!.map(({ SessionId }) => SessionId)).toEqual([second, first]);
  });

  test('are closed after a day, with the statements that run in them', async () => {
    const { SessionId } = await open();
    await server.fault({ kind: 'never-ends', sql: 'endless' });
    await server.sdk.send(new ExecuteStatementCommand({ SessionId, Sql: `SELECT 'endless'` }));
    await server.control('POST', 'clock', { advanceSeconds: 24 * 3600 });
    await until(async () => {
      const { Sessions } = await server.sdk.send(new ListSessionsCommand({ Status: 'BUSY' }));
      return Sessions!.length === 0;
    });
    await expect(within(SessionId!, 'SELECT 1')).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('time', () => {
  test('expires a token after eight hours', async () => {
    const ClientToken = randomUUID();
    const first = await server.client.run('SELECT 1', { ClientToken });
    await server.control('POST', 'clock', { advanceSeconds: 8 * 3600 - 60 });
    expect(await server.client.submit('SELECT 1', { ClientToken })).toBe(first.Id);
    await server.control('POST', 'clock', { advanceSeconds: 120 });
    expect(await server.client.submit('SELECT 2', { ClientToken })).not.toBe(first.Id);
  });

  test('deletes a statement after a day: its result, description and listing are gone', async () => {
    const StatementName = `day-${randomUUID()}`;
    const { Id } = await server.client.run('SELECT 1', { StatementName });
    expect(await server.client.results(Id!)).toEqual([[1]]);
    await server.control('POST', 'clock', { advanceSeconds: 24 * 3600 + 1 });
    await expect(server.sdk.send(new GetStatementResultCommand({ Id: Id! }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(server.client.describe(Id!)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { Statements } = await server.sdk.send(new ListStatementsCommand({ StatementName, Status: 'ALL' }));
    expect(Statements).toEqual([]);
  });

  test('ends a statement that runs longer than allowed', async () => {
    const id = await endless();
    await server.client.until(id, 'STARTED');
    expect((await server.client.describe(id, 1)).Status).toBe('STARTED');
    await server.control('POST', 'clock', { advanceSeconds: 12 * 3600 + 1 });
    const ended = await server.client.ended(id);
    expect([ended.Status, ended.Error]).toEqual([
      'FAILED',
      'ERROR: Query ran longer than the 43200 seconds a statement may',
    ]);
  });
});

test('only a statement submitted WithEvent leaves the event that a listener would get', async () => {
  const { Id } = await server.client.run('SELECT 1 UNION SELECT 2', {
    WithEvent: true,
    StatementName: 'told',
  });
  const failed = await server.client.batch(['SELECT 1/0'], { WithEvent: true });
  const silent = await server.client.run('SELECT 1');
  const events = async (id: string) => (await server.control('GET', `events?statementId=${id}`)).events;
  expect(await events(Id!)).toMatchObject([
    {
      'detail-type': 'Redshift Data Statement Status Change',
      source: 'aws.redshift-data',
      detail: { statementId: Id, statementName: 'told', state: 'FINISHED', rows: 2 },
    },
  ]);
  expect(await events(failed.Id!)).toMatchObject([{ detail: { statementId: failed.Id, state: 'FAILED' } }]);
  expect(await events(silent.Id!)).toEqual([]);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) if (Date.now() > deadline) throw new Error('waited two minutes in vain');
}
