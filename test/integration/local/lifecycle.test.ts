import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import { startDetached, stopLocalStack } from '../../../local/stack/detached-stack.ts';
import { keepParts } from '../../../local/stack/keep-parts.ts';
import { LocalState } from '../../../local/stack/local-state.ts';
import { waitUntil } from '../../../local/stack/servers/wait-until.ts';
import { startStack } from '../../../local/stack/start-stack.ts';
import { TestClient } from '../redshift-data-api/client.ts';
import { quietPort } from '../setup/quiet-port.ts';
import { testStack } from '../setup/stack.ts';

let projectDirectory: string;
let state: LocalState;

beforeEach(() => {
  projectDirectory = mkdtempSync(join(tmpdir(), 'tributary-lifecycle-'));
  state = new LocalState(projectDirectory);
});

afterEach(async () => {
  await stopLocalStack(state);
  state.delete();
  rmSync(projectDirectory, { recursive: true, force: true });
});

const start = () => startDetached({ state, projectDirectory, worker: false, log: () => {} });

/** All processes with the directory in their command line, found without our own records. */
function processesOf(directory: string): string[] {
  const listed = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).stdout;
  return listed.split('\n').filter((line) => line.includes(directory));
}

const nothingRuns = () =>
  waitUntil(
    () => processesOf(projectDirectory).length === 0 && !state.parts().some((p) => p.state === 'running'),
    {
      timeoutSeconds: 300,
      what: `the end of ${processesOf(projectDirectory).join('; ')}`,
    },
  );

function objectIn({ endpoint, bucket, ...credentials }: StackAddresses['s3']) {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const at = { Bucket: bucket, Key: 'kept' };
  return {
    put: (Body: string) => client.send(new PutObjectCommand({ ...at, Body })),
    get: async () => (await client.send(new GetObjectCommand(at))).Body?.transformToString(),
  };
}

test('a stack runs beside another one, records its addresses, and refuses a second stack in its directory', async () => {
  const own = await start();
  expect(JSON.parse(readFileSync(state.addressesFile, 'utf8'))).toEqual(own);
  const answers = await Promise.all([own, testStack()].map(({ temporal }) => fetch(temporal.ui)));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
  await expect(start()).rejects.toThrow('is already running');
  expect(state.supervisor()).not.toBeNull();
});

/** Makes the next start take ports that no other test gets between its end and the start after it. */
async function askForQuietPorts(): Promise<void> {
  const url = async () => `http://127.0.0.1:${await quietPort()}`;
  const { temporal, dynamodb, s3, sqs, glue, redshiftData, postgres } = testStack();
  const asked: StackAddresses = {
    temporal: { ...temporal, address: new URL(await url()).host, ui: await url() },
    dynamodb: { ...dynamodb, endpoint: await url() },
    s3: { ...s3, endpoint: await url() },
    sqs: { ...sqs, endpoint: await url() },
    glue: { ...glue, endpoint: await url() },
    redshiftData: { ...redshiftData, endpoint: await url() },
    postgres: { url: Object.assign(new URL(postgres.url), { port: await quietPort() }).href },
  };
  mkdirSync(state.directory);
  writeFileSync(join(state.directory, 'last.json'), JSON.stringify(asked));
}

test('a stopped stack leaves no process, and starts again with its data and addresses', async () => {
  await askForQuietPorts();
  const first = await start();
  await objectIn(first.s3).put('data');
  expect(await stopLocalStack(state)).toBe(true);
  expect(processesOf(projectDirectory)).toEqual([]);
  expect(existsSync(state.addressesFile)).toBe(false);

  const second = await start();
  expect(second).toEqual(first);
  expect(await objectIn(second.s3).get()).toBe('data');
});

test('when the supervisor is killed, every server ends; the next start takes over', async () => {
  await start();
  expect(state.parts().filter((part) => part.state === 'running').length).toBeGreaterThanOrEqual(4);
  process.kill(state.supervisor()!.pid, 'SIGKILL');
  await nothingRuns();
  expect(state.supervisor()).toBeNull();
  expect(state.runningAddresses()).toBeUndefined();
  await start();
  expect(state.supervisor()).not.toBeNull();
});

test('when the supervisor and the keeper are killed at once, stop still ends every server', async () => {
  await start();
  const supervisor = state.supervisor()!.pid;
  const [keeper] = processesOf(projectDirectory).filter((line) => line.includes('keeper.ts'));
  for (const pid of [Number.parseInt(keeper!, 10), supervisor]) process.kill(pid, 'SIGKILL');
  await stopLocalStack(state);
  await nothingRuns();
  expect(processesOf(projectDirectory)).toEqual([]);
});

test('when the keeper is killed, nothing is left, whatever a server does with signals', async () => {
  await start();
  const [keeper] = processesOf(projectDirectory).filter((line) => line.includes('keeper.ts'));
  // A stopped process handles no signal but SIGKILL.
  process.kill(state.parts().find(({ name }) => name === 's3')!.pid!, 'SIGSTOP');
  process.kill(Number.parseInt(keeper!, 10), 'SIGKILL');
  await nothingRuns();
  expect(state.supervisor()).toBeNull();
  expect(supervisorLog()).toContain('The keeper of the stack was killed. All parts have ended with it.');
});

const supervisorLog = () => readFileSync(join(state.stackDirectory, 'logs', 'supervisor.log'), 'utf8');

test('each part that is killed is started again, at its address and with its data', async () => {
  const stack = await startDetached({ state, projectDirectory, worker: true, log: () => {} });
  const data = dataIn(stack);
  await data.write();
  const pidOf = (name: string) =>
    state.parts().find((part) => part.name === name && part.state === 'running')?.pid;
  const untilRunning = async (name: string, pid?: number) => {
    const isAnother = (now: number | undefined) => now !== undefined && now !== pid;
    await waitUntil(() => isAnother(pidOf(name)), { timeoutSeconds: 300, what: `another ${name}` });
    return pidOf(name)!;
  };
  for (const name of ['sqs', 's3', 'dynamodb', 'postgres', 'redshift', 'temporal', 'worker']) {
    // It may just be restarting because a part that it needs was killed.
    const killed = await untilRunning(name);
    process.kill(killed, 'SIGKILL');
    await untilRunning(name, killed);
    expect(supervisorLog()).toMatch(new RegExp(`${name} ended \\(SIGKILL\\); restarting it in \\d+ s\\.`));
  }
  await waitUntil(
    async () => {
      expect(await data.read()).toEqual(data.written);
      return true;
    },
    { timeoutSeconds: 300, what: 'the data' },
  );
  expect(state.runningAddresses()).toEqual(stack);
});

/** Data in every part that has some. */
function dataIn({ s3, sqs, dynamodb, redshiftData, temporal }: StackAddresses) {
  const object = objectIn(s3);
  const warehouse = new TestClient(redshiftData.endpoint);
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const tables = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  const queues = new SQSClient({ endpoint: sqs.endpoint, region: dynamodb.region, credentials });
  const QueueUrl = `${sqs.endpoint}/000000000000/kept`;
  const temporalClient = async () =>
    new Client({
      connection: await Connection.connect({ address: temporal.address }),
      namespace: temporal.namespace,
    });
  return {
    written: { object: 'data', message: 'kept', rows: [[1]], tables: ['kept'], workflow: 'kept' },
    async write() {
      await object.put('data');
      await queues.send(new CreateQueueCommand({ QueueName: 'kept' }));
      await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
      await warehouse.must('CREATE TABLE kept (n INT)', 'INSERT INTO kept VALUES (1)');
      await tables.send(
        new CreateTableCommand({
          TableName: 'kept',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
      const client = await temporalClient();
      await client.workflow.start('none', { workflowId: 'kept', taskQueue: 'none' });
      await client.connection.close();
    },
    async read() {
      const client = await temporalClient();
      const { workflowId } = await client.workflow.getHandle('kept').describe();
      await client.connection.close();
      const receive = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 });
      const { Messages } = await queues.send(receive);
      return {
        object: await object.get(),
        message: Messages?.[0]?.Body,
        rows: await warehouse.rows('SELECT n FROM kept'),
        tables: (await tables.send(new ListTablesCommand())).TableNames,
        workflow: workflowId,
      };
    },
  };
}

test('a part whose data was in memory is not started again, and the message says so', async () => {
  const stack = await startStack({ directory: join(projectDirectory, 'in-memory'), persist: false });
  const kept = keepParts(stack, { signal: new AbortController().signal, log: () => {} });
  process.kill(stack.parts.find(({ name }) => name === 'temporal')!.process!.pid, 'SIGKILL');
  await expect(kept).rejects.toThrow('temporal ended (SIGKILL), and its data was in memory.');
  await stack.stop();
});

test('a process that has the pid of a dead supervisor is not mistaken for it', async () => {
  state.claim();
  expect(state.supervisor()?.pid).toBe(process.pid);
  const file = join(state.directory, 'supervisor.json');
  writeFileSync(file, JSON.stringify({ pid: process.pid, began: 'another time' }));
  expect(state.supervisor()).toBeNull();
  expect(await stopLocalStack(state)).toBe(false);
});

test('a stack that does not persist deletes its directory', async () => {
  const directory = join(projectDirectory, 'short-lived');
  const stack = await startStack({ directory, persist: false });
  await stack.stop();
  expect(readdirSync(projectDirectory)).toEqual([]);
  expect(processesOf(projectDirectory)).toEqual([]);
});

test('a stack that cannot start says why, and leaves nothing behind', async () => {
  const directory = join(projectDirectory, 'broken');
  const before = process.env.TRIBUTARY_VERSITYGW_BIN;
  process.env.TRIBUTARY_VERSITYGW_BIN = '/bin/false';
  const starting = startStack({ directory, persist: false });
  await expect(starting).rejects.toThrow(/s3 ended \(exit code 1\)/);
  if (before === undefined) delete process.env.TRIBUTARY_VERSITYGW_BIN;
  else process.env.TRIBUTARY_VERSITYGW_BIN = before;
  expect(processesOf(projectDirectory)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});

test('starting can be aborted at any time', async () => {
  const directory = join(projectDirectory, 'given-up');
  const starting = startStack({ directory, persist: false, signal: AbortSignal.timeout(150) });
  await expect(starting).rejects.toThrow('was cancelled');
  expect(processesOf(projectDirectory)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});
