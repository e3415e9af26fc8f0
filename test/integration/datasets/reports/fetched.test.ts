import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { graphWorkflowId, type RefreshGraphInput } from '../../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../../src/contract/refresh.ts';
import type { Workflows } from '../../../../src/contract/workflows.ts';
import { codeKey } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import { buildRecord } from '../../../../src/store/datasets/dataset-documents.ts';
import { findDocument } from '../../../../src/store/document.ts';
import { dependenciesFromEnvironment } from '../../../../src/workers/dependencies.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { testStack } from '../../setup/stack.ts';

const harness = withHarness();
const name = uniqueName('f');
/** By day, what the service answers; and how often it was asked. */
const rates = new Map([
  ['2026-11-27', '1.10'],
  ['2026-11-28', '1.20'],
  ['2026-11-29', '1.30'],
]);
const asked: string[] = [];
let failures = 1;
let server: Server;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const day = url.pathname.slice(1);
    if (request.headers.authorization !== 'key 42') response.writeHead(403).end();
    else if (failures-- > 0) response.writeHead(503).end();
    else {
      asked.push(day);
      response.end(JSON.stringify({ day, rates: { EUR: rates.get(day), GBP: '1.00' } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const directory = mkdtempSync(join(harness.directory(), 'fetched-'));
  writeFileSync(
    join(directory, 'rates.ts'),
    `import { defineRecords } from '@tributary-data/tributary';
export default defineRecords({
  currency: { type: 'string', from: 'currency' },
  rate: { type: 'decimal(18,8)', from: 'rate' },
});
export async function fetch({ partition, secrets, get }) {
  const headers = { authorization: 'key ' + secrets.RATES_KEY };
  const { rates } = JSON.parse(await get('http://127.0.0.1:${port}/' + partition + '?key=secret', { headers }));
  return Object.entries(rates).map(([currency, rate]) => ({ currency, rate }));
}
`,
  );
  writeFileSync(join(directory, 'highest.sql'), 'SELECT max(rate) AS rate FROM rates');
  writeFileSync(
    join(directory, 'spread.ts'),
    `import type { StepContext } from '@tributary-data/tributary';
const cents = (rate: unknown) => BigInt(String(rate).replace('.', ''));
export default async function* ({ inputs, partition }: StepContext) {
  const rates = new Map<unknown, bigint>();
  for await (const { currency, rate } of inputs.rates) rates.set(currency, cents(rate));
  if (partition === '2026-11-27' && rates.size !== 2) throw new Error('a currency is missing');
  const spread = String(rates.get('EUR')! - rates.get('GBP')!).padStart(9, '0');
  yield { spread: spread.slice(0, -8) + '.' + spread.slice(-8) };
}
`,
  );
  const config = join(directory, 'tributary.yaml');
  const partition = { column: 'day' };
  const datasets = {
    rates: {
      ...{ fetch: './rates.ts', partition, expect: { from: '2026-11-27', until: '2026-11-29' } },
      ...{ recompute: { last: '2d' }, secrets: ['RATES_KEY'] },
    },
    highest: {
      ...{ sql: './highest.sql', inputs: { rates: 'same-day' } },
      ...{ columns: { rate: 'decimal(18,8)' }, partition },
    },
    spread: {
      ...{ function: './spread.ts', inputs: { rates: 'same-day' } },
      ...{ columns: { spread: 'decimal(18,8)' }, partition },
      checks: { below_one: { sql: 'SELECT * FROM result, rates WHERE spread > rate' } },
    },
  };
  const defaults = { datasets: { store: { bucket: testStack().s3.bucket, prefix: name } } };
  writeFileSync(config, stringify({ defaults, datasets }));
  const environment = { ...harness.environment, TRIBUTARY_CONFIG: config, RATES_KEY: '42' };
  stop = await harness.startWorkers(dependenciesFromEnvironment(environment));
}, 120_000);
afterAll(async () => {
  await stop();
  server.close();
});

const run = (input: RefreshGraphInput = {}) =>
  harness.client.workflow.execute<Workflows['refreshGraph']>('refreshGraph', {
    ...{ workflowId: graphWorkflowId(name, uniqueName('t')), taskQueue: CONTROL_TASK_QUEUE, args: [input] },
  });

test('each expected day is fetched, again if the service is not there at first, and kept as it was received', async () => {
  expect(await run()).toMatchObject({ built: 9, unchanged: 0, totals: { complete: 9, failed: 0 } });
  expect(asked.toSorted()).toEqual([...rates.keys()]);
  const files = { store: harness.store, at: { prefix: `${name}/rates` } };
  const pointer = (await new Pointers().of(files, new AbortController().signal)).get('day=2026-11-28');
  expect(pointer?.content.rows).toBe(2);
  const record = await findDocument(buildRecord(files, 'day=2026-11-28', pointer?.built?.record ?? ''));
  const [response] = record?.responses ?? [];
  expect(response).toMatchObject({
    status: 200,
    url: expect.stringMatching(/^http:\/\/127.0.0.1:\d+\/2026-11-28$/),
  });
  const kept = await harness.store.get(response?.key ?? '');
  expect(Buffer.from(kept?.body ?? []).toString()).toBe(
    '{"day":"2026-11-28","rates":{"EUR":"1.20","GBP":"1.00"}}',
  );
}, 240_000);

test('every run fetches the last days again: what changed propagates, what did not stops; older days only by force', async () => {
  asked.length = 0;
  rates.set('2026-11-29', '1.35').set('2026-11-27', '1.15');
  expect(await run()).toMatchObject({ built: 3, unchanged: 1 });
  expect(asked.toSorted()).toEqual(['2026-11-28', '2026-11-29']);
  expect(await run({ datasets: ['rates'], force: true, to: '2026-11-27' })).toMatchObject({
    built: 3,
    unchanged: 0,
  });
}, 240_000);

test('a step that is a function has the rows that it yields, and its code is kept', async () => {
  const files = { store: harness.store, at: { prefix: `${name}/spread` } };
  const pointers = await new Pointers().of(files, new AbortController().signal);
  const [path, pointer] = [...pointers].at(-1) ?? [];
  expect(pointer?.content.rows).toBe(1);
  const record = await findDocument(buildRecord(files, path ?? '', pointer?.built?.record ?? ''));
  expect(record).toMatchObject({ inputs: [{ dataset: 'rates', partition: '2026-11-29' }], warnings: [] });
  const code = await harness.store.get(codeKey(files.at, record?.code ?? ''));
  expect(Buffer.from(code?.body ?? []).toString()).toContain('a currency is missing');
}, 60_000);
