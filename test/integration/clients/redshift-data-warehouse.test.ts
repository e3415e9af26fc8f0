import { randomUUID } from 'node:crypto';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { Warehouse, WarehouseTarget } from '../../../src/clients/warehouse.ts';
import { testStack } from '../setup/stack.ts';
import { useStackCredentials } from './use-stack-credentials.ts';
import { untilEnded, warehouseSuite } from './warehouse-suite.ts';

const { endpoint, workgroup, database } = testStack().redshiftData;
const target = { workgroup, database };
useStackCredentials();

warehouseSuite('the Redshift Data API', () =>
  createRedshiftDataWarehouse({ client: redshiftDataClient({ endpoint }), target }),
);

describe('a missing warehouse', () => {
  const submitTo = (other: Partial<typeof target>) =>
    createRedshiftDataWarehouse({
      client: redshiftDataClient({ endpoint }),
      target: { ...target, ...other },
    });
  const options = () => ({ name: 'check', clientToken: randomUUID() });

  test('an unknown workgroup is reported by name', async () => {
    await expect(submitTo({ workgroup: 'nowhere' }).submit(['SELECT 1'], options())).rejects.toMatchObject({
      name: 'Terminal',
      code: 'WarehouseNotFound',
      message: expect.stringContaining('workgroup nowhere'),
    });
  });

  test('an unknown database is reported by name', async () => {
    await expect(submitTo({ database: 'nowhere' }).submit(['SELECT 1'], options())).rejects.toMatchObject({
      name: 'Terminal',
      code: 'WarehouseNotFound',
      message: expect.stringContaining('database nowhere'),
    });
  });
});

test('only results with rows are requested', async () => {
  const proxy = await startScriptedProxy(endpoint);
  try {
    const client = redshiftDataClient({ endpoint: proxy.endpoint });
    const warehouse = createRedshiftDataWarehouse({ client, target });
    const statements = ['SELECT 1 AS n', 'SELECT 2 AS n WHERE FALSE', 'SELECT 3 AS n'];
    const id = await warehouse.submit(statements, { name: 'some empty', clientToken: randomUUID() });
    await untilEnded(warehouse, id);
    const none = await warehouse.submit(['SELECT 4 AS n WHERE FALSE'], {
      name: 'empty',
      clientToken: randomUUID(),
    });
    await untilEnded(warehouse, none);
    proxy.next([]);
    const results = [...(await Promise.all([1, 2, 3].map((n) => warehouse.rows(id, n))))];
    expect(results).toEqual([[{ n: 1 }], [], [{ n: 3 }]]);
    await expect(warehouse.rows(none, 1)).resolves.toEqual([]);
    const requested = proxy.calls.map((call) => (JSON.parse(String(call.body)) as { Id: string }).Id);
    expect(requested.sort()).toEqual([`${id}:1`, `${id}:3`]);
  } finally {
    await proxy.close();
  }
});

describe('transient faults of the Data API', () => {
  let proxy: ScriptedProxy;
  let patient: Warehouse;
  let impatient: Warehouse;

  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
    const settings = clientSettings({ endpoint: proxy.endpoint });
    patient = createRedshiftDataWarehouse({ client: new RedshiftDataClient(settings), target });
    const once = new RedshiftDataClient({ ...settings, maxAttempts: 1 });
    impatient = createRedshiftDataWarehouse({ client: once, target });
  });
  afterAll(async () => {
    await proxy.close();
  });

  const refusal = (type: string, status = 400): Fault => ({
    kind: 'refused',
    refusal: {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ __type: type, Message: 'no', message: 'no' }),
    },
  });
  const submit = (warehouse: Warehouse) =>
    warehouse.submit(['SELECT 1 AS one'], { name: 'bad-moment', clientToken: randomUUID() });

  test('a repeated submission whose answer was lost is the same statement', async () => {
    proxy.next([{ kind: 'answer lost' }]);
    const id = await submit(patient);
    const bodies = proxy.calls.map((call) => JSON.parse(String(call.body)) as { ClientToken: string });
    expect(bodies).toHaveLength(2);
    expect(bodies[0]?.ClientToken).toBe(bodies[1]?.ClientToken);
    await expect(untilEnded(patient, id)).resolves.toMatchObject({ status: 'FINISHED' });
  });

  test('the same token in another warehouse of the account is another statement', async () => {
    proxy.next([]);
    const client = redshiftDataClient({ endpoint: proxy.endpoint });
    const submitTo = (other: Partial<WarehouseTarget>) =>
      createRedshiftDataWarehouse({ client, target: { ...target, ...other } }).submit(['SELECT 1'], {
        name: 'same-token',
        clientToken: 'the same',
      });
    await submitTo({});
    await submitTo({});
    for (const other of [{ workgroup: 'elsewhere' }, { database: 'other' }])
      await expect(submitTo(other)).rejects.toMatchObject({ code: 'WarehouseNotFound' });
    const [first, again, ...others] = proxy.calls.map(({ body }) => JSON.parse(String(body)).ClientToken);
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
    expect(first).toMatch(/^.{64}$/);
  });

  test('a truncated result is read again', async () => {
    proxy.next([]);
    const id = await submit(patient);
    await untilEnded(patient, id);
    proxy.next([{ kind: 'damaged', damage: (body) => body.subarray(0, -5) }]);
    await expect(patient.rows(id, 1)).resolves.toEqual([{ one: 1 }]);
    expect(proxy.calls).toHaveLength(2);
  });

  test.each([
    ['Transient', 'TooManyStatements', refusal('ActiveStatementsExceededException')],
    ['Transient', 'Throttled', refusal('ThrottlingException')],
    ['Transient', 'WarehouseAway', refusal('DatabaseConnectionException', 500)],
    ['Transient', 'ServiceFailed', refusal('InternalServerException', 500)],
    ['Transient', 'NetworkFailed', { kind: 'reset' }],
    ['Terminal', 'StatementRefused', refusal('ValidationException')],
    ['Terminal', 'AccessDenied', refusal('AccessDeniedException')],
    ['Terminal', 'CredentialsInvalid', refusal('UnrecognizedClientException')],
  ] as const)('when it stays so: %s %s', async (name, code, fault) => {
    proxy.next([], fault);
    await expect(submit(impatient)).rejects.toMatchObject({
      name,
      code,
      message: expect.stringContaining(
        `submit bad-moment to Redshift database ${database} of workgroup ${workgroup}`,
      ),
    });
  });
});
