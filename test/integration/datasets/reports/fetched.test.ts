import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { buildFetched } from '../../../../src/activities/datasets/derived/build-fetched.ts';
import {
  type GraphProgress,
  graphWorkflowId,
  type RefreshGraphInput,
} from '../../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../../src/contract/refresh.ts';
import type { Workflows } from '../../../../src/contract/workflows.ts';
import { codeKey } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import { buildRecord } from '../../../../src/store/datasets/dataset-documents.ts';
import { latestPublication } from '../../../../src/store/datasets/publications.ts';
import { findDocument } from '../../../../src/store/document.ts';
import {
  dependenciesFromEnvironment,
  type WorkerDependencies,
} from '../../../../src/workers/dependencies.ts';
import { command } from '../../cli/command-line.ts';
import { uniqueName } from '../../pipeline/harness.ts';
import { until } from '../../pipeline/until.ts';
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
/** What happens while the next answer is under way. */
let meanwhile: (() => Promise<unknown>) | undefined;
const HIGHEST = 'SELECT max(rate) AS rate FROM rates';
let directoryOfSteps = '';
const database = uniqueName('db');
let dependencies: WorkerDependencies;
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
      const answer = JSON.stringify({ day, rates: { EUR: rates.get(day), GBP: '1.00' } });
      const before = meanwhile?.() ?? Promise.resolve();
      meanwhile = undefined;
      void before.finally(() => response.end(answer));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const directory = mkdtempSync(join(harness.directory(), 'fetched-'));
  writeFileSync(
    join(directory, 'rates.ts'),
    `import { defineRecords } from '@tributary-data/tributary';
export default defineRecords({
  currency: { type: 'string', from: 'currency', comment: 'ISO 4217' },
  rate: { type: 'decimal(18,8)', from: 'rate' },
});
export async function fetch({ partition, secrets, get }) {
  const headers = { authorization: 'key ' + secrets.RATES_KEY };
  const { rates } = JSON.parse(await get('http://127.0.0.1:${port}/' + partition + '?key=secret', { headers }));
  return Object.entries(rates).map(([currency, rate]) => ({ currency, rate }));
}
`,
  );
  directoryOfSteps = directory;
  writeFileSync(join(directory, 'highest.sql'), HIGHEST);
  writeFileSync(
    join(directory, 'spread.ts'),
    `import type { StepContext } from '@tributary-data/tributary';
const cents = (rate: unknown) => BigInt(String(rate).replace('.', ''));
export default async function* ({ inputs, partition }: StepContext) {
  const rates = new Map<unknown, bigint>();
  const known = new Set<unknown>();
  for await (const { currency } of inputs.currencies) known.add(currency);
  for await (const { currency, rate } of inputs.rates) if (known.has(currency)) rates.set(currency, cents(rate));
  if (partition === '2026-11-27' && rates.size !== 2) throw new Error('a currency is missing');
  const spread = String(rates.get('EUR')! - rates.get('GBP')!).padStart(9, '0');
  yield { spread: spread.slice(0, -8) + '.' + spread.slice(-8) };
}
`,
  );
  writeFileSync(join(directory, 'same.ts'), 'export default (day: string) => [day];');
  writeFileSync(
    join(directory, 'spread-checks.yaml'),
    'below_one: { sql: "SELECT * FROM result, rates WHERE spread > rate" }\none: { min: 1, max: 1 }\n',
  );
  writeFileSync(
    join(directory, 'currencies.ts'),
    `import { defineRecords } from '@tributary-data/tributary';
export default defineRecords({
  currency: { type: 'string', from: 'currency' },
  name: { type: 'string', from: 'name' },
});
`,
  );
  writeFileSync(
    join(directory, 'summary.sql'),
    'SELECT currency, max(rate) AS highest, count(DISTINCT day) AS days FROM rates GROUP BY currency',
  );
  await putCurrencies('1', { EUR: 'Euro', GBP: 'Pound' });
  const { bucket } = testStack().s3;
  const config = join(directory, 'tributary.yaml');
  const partition = { column: 'day' };
  const datasets = {
    currencies: {
      ...{ source: { bucket, prefix: `${name}-raw/` }, records: './currencies.ts' },
      deduplicate: { key: ['currency'] },
      checks: { named: { notNull: 'name' }, few: { max: 2, severity: 'warn' } },
    },
    summary: {
      ...{ sql: './summary.sql', inputs: { rates: 'all' } },
      columns: { currency: 'string', highest: 'decimal(18,8)', days: 'bigint' },
    },
    rates: {
      ...{ fetch: './rates.ts', partition, expect: { from: '2026-11-27', until: '2026-11-29' } },
      ...{ recompute: { last: '2d' }, secrets: ['RATES_KEY'] },
      store: { catalogue: { kind: 'glue', database, table: 'rates' } },
      checks: { low: { sql: 'SELECT * FROM result WHERE rate > 9' } },
      retryFor: '1s',
    },
    highest: {
      ...{ sql: './highest.sql', inputs: { rates: { rule: './same.ts' } } },
      expect: { from: '2026-11-27', until: '2026-11-29' },
      ...{ columns: { rate: 'decimal(18,8)' }, partition, retryFor: '1s' },
    },
    spread: {
      ...{ function: './spread.ts', inputs: { rates: 'same-day' } },
      reference: { currencies: 'all' },
      ...{ columns: { spread: 'decimal(18,8)' }, partition },
      checks: './spread-checks.yaml',
    },
  };
  const defaults = { datasets: { store: { bucket, prefix: name } } };
  const publications = { rates: { datasets: ['highest'] } };
  writeFileSync(config, stringify({ defaults, datasets, publications }));
  const environment = { ...harness.environment, TRIBUTARY_CONFIG: config, RATES_KEY: '42' };
  dependencies = dependenciesFromEnvironment(environment);
  stop = await harness.startWorkers(dependencies);
});
afterAll(async () => {
  await stop();
  server.close();
});

const putCurrencies = (file: string, names: Readonly<Record<string, string | null>>) =>
  harness.store.put(
    `${name}-raw/${file}.json`,
    Object.entries(names)
      .map(([currency, each]) => JSON.stringify({ currency, name: each }))
      .join('\n'),
  );

const start = (input: RefreshGraphInput = {}) =>
  harness.client.workflow.start<Workflows['refreshGraph']>('refreshGraph', {
    ...{ workflowId: graphWorkflowId(name, uniqueName('t')), taskQueue: CONTROL_TASK_QUEUE, args: [input] },
  });
const run = async (input: RefreshGraphInput = {}) => (await start(input)).result();
const tributary = (...words: string[]) =>
  command([...words, '--config', join(directoryOfSteps, 'tributary.yaml')], {
    ...harness.environment,
    TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
  });

test('each expected day is fetched, again if the service is not there at first, and kept as it was received', async () => {
  expect(await run()).toMatchObject({ built: 10, unchanged: 0, totals: { complete: 11, failed: 0 } });
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
  const module = await harness.store.get(codeKey(files.at, record?.code ?? ''));
  expect(Buffer.from(module?.body ?? []).toString()).toContain('rates');
  const kept = await harness.store.get(response?.key ?? '');
  expect(Buffer.from(kept?.body ?? []).toString()).toBe(
    '{"day":"2026-11-28","rates":{"EUR":"1.20","GBP":"1.00"}}',
  );
});

test('an answer during which a newer one was published does not replace it', async () => {
  const { signal } = new AbortController();
  const newId = () => uniqueName('b').slice(-8);
  const fetched = () =>
    buildFetched(
      { deps: dependencies, pointers: new Pointers(), newId, signal },
      { dataset: 'rates', partition: 'day=2026-11-28' },
    );
  meanwhile = async () => {
    rates.set('2026-11-28', '1.22');
    await fetched();
  };
  await fetched();
  const files = { store: harness.store, at: { prefix: `${name}/rates` } };
  const pointer = (await new Pointers().of(files, signal)).get('day=2026-11-28');
  const record = await findDocument(buildRecord(files, 'day=2026-11-28', pointer?.built?.record ?? ''));
  const kept = await harness.store.get(record?.responses?.[0]?.key ?? '');
  expect(Buffer.from(kept?.body ?? []).toString()).toContain('1.22');
  rates.set('2026-11-28', '1.20');
  await fetched();
});

test('what is fetched is a table of the catalogue, too', async () => {
  const catalogue = dependencies.catalogue(undefined);
  expect(await catalogue.table({ database, table: 'rates' })).toMatchObject({
    columns: [
      { name: 'currency', type: 'string', comment: 'ISO 4217' },
      { name: 'rate', type: 'decimal(18,8)' },
    ],
    partitionKeys: [{ name: 'day', type: 'date' }],
  });
  const partitions = await Array.fromAsync(catalogue.partitions({ database, table: 'rates' }));
  expect(partitions.map(({ values }) => values.join()).toSorted()).toEqual([...rates.keys()]);
});

test('every run fetches the last days again: what changed propagates, what did not stops; older days only by force', async () => {
  asked.length = 0;
  rates.set('2026-11-29', '1.35').set('2026-11-27', '1.15');
  expect(await run()).toMatchObject({ built: 4, unchanged: 1 });
  expect(asked.toSorted()).toEqual(['2026-11-28', '2026-11-29']);
  expect(await run({ datasets: ['rates'], force: true, to: '2026-11-27' })).toMatchObject({
    built: 3,
    // The highest rates are those of other days.
    unchanged: 1,
  });
});

test('a table without partitions is one; as a reference, its corrections make nothing stale', async () => {
  const files = { store: harness.store, at: { prefix: `${name}/currencies` } };
  const state = async () => (await new Pointers().of(files, new AbortController().signal)).get('all');
  expect(await state()).toMatchObject({ generation: 1, content: { rows: 2 } });
  await putCurrencies('2', { EUR: 'the euro', USD: 'Dollar' });
  expect(await run({ datasets: ['currencies'] })).toMatchObject({ built: 0, unchanged: 0 });
  expect(await state()).toMatchObject({ generation: 2, content: { rows: 3 } });
  const summary = { store: harness.store, at: { prefix: `${name}/summary` } };
  const pointers = await new Pointers().of(summary, new AbortController().signal);
  expect([...pointers].map(([path, { content }]) => [path, content.rows])).toEqual([['all', 2]]);
});

test('checks of files and of what is fetched stop a partition before it is published', async () => {
  await putCurrencies('3', { CHF: null });
  const { failed } = await harness.client.workflow.execute<Workflows['refreshDataset']>('refreshDataset', {
    ...{
      workflowId: uniqueName('refresh'),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: 'currencies' }],
    },
  });
  expect(failed).toMatchObject([
    {
      ...{ child: 'partition all', code: 'PartitionChecksFailed' },
      error: expect.stringContaining(
        'currencies all is not published, because checks do not hold: named: 1 row',
      ),
    },
  ]);
  await putCurrencies('3', { CHF: 'Franken' });
  const run3 = await harness.client.workflow.execute<Workflows['refreshDataset']>('refreshDataset', {
    ...{
      workflowId: uniqueName('refresh'),
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ dataset: 'currencies' }],
    },
  });
  expect(run3).toMatchObject({ failed: [], warnings: ['all: few: 1 row, e.g. {"rows":4}'] });
  rates.set('2026-11-29', '10.00');
  const stopped = await start({ datasets: ['rates'] });
  const { unfinished } = await until(
    () => stopped.query<GraphProgress, []>('progress'),
    ({ waitsFor }) => waitsFor === 'operator',
  );
  expect(unfinished[0]).toMatchObject({
    ...{ dataset: 'rates', partition: '2026-11-29', state: 'failed' },
    reason: expect.stringContaining('PartitionChecksFailed: rates 2026-11-29 is not published'),
  });
  rates.set('2026-11-29', '1.35');
  await stopped.signal('retry');
  expect(await stopped.result()).toMatchObject({ totals: { failed: 0, complete: 11 } });
});

test('a step that is a function has the rows that it yields, and its code is kept', async () => {
  const files = { store: harness.store, at: { prefix: `${name}/spread` } };
  const pointers = await new Pointers().of(files, new AbortController().signal);
  const [path, pointer] = [...pointers].at(-1) ?? [];
  expect(pointer?.content.rows).toBe(1);
  const record = await findDocument(buildRecord(files, path ?? '', pointer?.built?.record ?? ''));
  expect(record).toMatchObject({
    inputs: [
      { dataset: 'rates', partition: '2026-11-29' },
      { dataset: 'currencies', isReference: true },
    ],
    warnings: [],
  });
  const code = await harness.store.get(codeKey(files.at, record?.code ?? ''));
  expect(Buffer.from(code?.body ?? []).toString()).toContain('a currency is missing');
});

test('what fails is built again for retryFor, then waits for an operator: retry, or finish', async () => {
  const fails = `${HIGHEST} HAVING error('no rate') IS NULL`;
  writeFileSync(join(directoryOfSteps, 'highest.sql'), fails);
  const waiting = async () => {
    const handle = await start({ datasets: ['highest'], only: true });
    const { totals } = await until(
      () => handle.query<GraphProgress, []>('progress'),
      ({ waitsFor }) => waitsFor === 'operator',
    );
    expect(totals).toMatchObject({ failed: 3 });
    return handle;
  };
  const first = await waiting();
  expect(await tributary('dataset', 'finish')).toMatchObject({ code: 0 });
  expect(await first.result()).toMatchObject({ built: 0, totals: { failed: 3 } });
  const second = await waiting();
  writeFileSync(join(directoryOfSteps, 'highest.sql'), `${HIGHEST} -- fixed`);
  expect(await tributary('dataset', 'retry', second.workflowId)).toMatchObject({ code: 0 });
  expect(await second.result()).toMatchObject({ built: 0, unchanged: 0, totals: { failed: 0, complete: 3 } });
});

test('a failed member is accepted with a reason: its group is published with it as it was built last', async () => {
  writeFileSync(join(directoryOfSteps, 'highest.sql'), `${HIGHEST} HAVING error('no rate') IS NULL`);
  const handle = await start({ datasets: ['highest'], only: true });
  await until(
    () => handle.query<GraphProgress, []>('progress'),
    ({ waitsFor }) => waitsFor === 'operator',
  );
  await handle.signal('accept', {});
  expect(await tributary('dataset', 'accept', 'highest/2026-11-27', '--reason', 'agreed')).toMatchObject({
    code: 0,
  });
  await handle.signal('accept', { dataset: 'highest', reason: 'agreed as well' });
  expect(await handle.result()).toMatchObject({
    totals: { failed: 0 },
    warnings: [
      'highest 2026-11-27: accepted as it was built last: agreed',
      'highest: accepted as it was built last: agreed as well',
    ],
    publications: [{ publication: 'rates', isNew: true, incomplete: [] }],
  });
  const first = { store: harness.store, at: { prefix: `${name}/highest` } };
  const published = await latestPublication(first, 'rates', new AbortController().signal);
  expect(published?.members.map(({ partition, accepted }) => [partition, accepted])).toEqual([
    ['2026-11-27', 'agreed'],
    ['2026-11-28', 'agreed as well'],
    ['2026-11-29', 'agreed as well'],
  ]);
});

test('two runs that want one partition build it once', async () => {
  const files = { store: harness.store, at: { prefix: `${name}/highest` } };
  const revisions = async () =>
    [...(await new Pointers().of(files, new AbortController().signal))].map(([path, { revision }]) => ({
      path,
      revision,
    }));
  const before = await revisions();
  writeFileSync(join(directoryOfSteps, 'highest.sql'), `${HIGHEST} WHERE rate IS NOT NULL`);
  const both = await Promise.all([1, 2].map(() => start({ datasets: ['highest'], only: true })));
  for (const each of both)
    expect(await each.result()).toMatchObject({ built: 0, totals: { complete: 3, failed: 0 } });
  expect(await revisions()).toEqual(before.map(({ path, revision }) => ({ path, revision: revision + 1 })));
});
