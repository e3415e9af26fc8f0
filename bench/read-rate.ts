import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createTable, type Item, loadItems } from '../local/demo/load-items.ts';
import { stackEnvironment } from '../local/stack/addresses.ts';
import { startStack } from '../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE } from '../src/contract/refresh.ts';
import { PipelineDefinition } from '../src/pipeline/definition/pipeline-definition.ts';
import { dependenciesFromEnvironment } from '../src/workers/dependencies.ts';
import { createWorkers, runWorkers } from '../src/workers/worker.ts';

/**
 * How well a run keeps to its `readUnitsPerSecond`, with the units that DynamoDB reports:
 * `node bench/read-rate.ts --rate 60 --segments 8 --slots 2 --workers 1 --seconds 90`.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '60' },
    segments: { type: 'string', default: '8' },
    slots: { type: 'string', default: '2' },
    workers: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '90' },
  },
});
const numbers = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));
const { rate = 60, segments = 8, slots = 2, workers = 1, seconds = 90 } = numbers;
/** A page's first second is that of the first page. */
const units: number[] = [];
let startedMs: number | undefined;

const directory = mkdtempSync(join(tmpdir(), 'tributary-rate-'));
const stack = await startStack({ directory, persist: false, worker: false, log: console.error });
const stop: (() => Promise<void>)[] = [() => stack.stop()];
try {
  Object.assign(process.env, stackEnvironment(stack.addresses));
  const { dynamodb, s3, redshiftData, temporal } = stack.addresses;
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const source = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  await createTable(source, 'paced');
  // One unit reads 8 KB. The table takes longer to read than is measured.
  const items = Math.ceil((rate * (seconds + 30) * 8192) / 40_000);
  const text = 'x'.repeat(39_900);
  await loadItems(
    source,
    'paced',
    Array.from(
      { length: items },
      (_, i): Item => ({ pk: { S: `p${i}` }, sk: { S: 's' }, text: { S: text } }),
    ),
  );
  source.destroy();
  for (let i = 0; i < workers; i++) {
    const real = dependenciesFromEnvironment(process.env);
    const connection = await NativeConnection.connect({ address: temporal.address });
    const pair = await createWorkers({
      connection,
      namespace: temporal.namespace,
      extractSlots: slots,
      dependencies: {
        ...real,
        source: {
          ...real.source,
          async scanPage(request) {
            const page = await real.source.scanPage(request);
            // The plan's sample does not count: it is read before the run has a rate.
            if (request.from !== undefined || startedMs !== undefined) {
              startedMs ??= Date.now();
              const second = Math.floor((Date.now() - startedMs) / 1000);
              units[second] = (units[second] ?? 0) + page.readUnits;
            }
            return page;
          },
        },
      },
    });
    const running = runWorkers(pair);
    stop.unshift(async () => {
      for (const worker of pair) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await connection.close();
    });
  }
  const client = new Client({
    connection: await Connection.connect({ address: temporal.address }),
    namespace: temporal.namespace,
  });
  const definition = PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'paced', segments, readUnitsPerSecond: rate },
    staging: { bucket: s3.bucket },
    warehouse: {
      kind: 'redshift',
      workgroup: redshiftData.workgroup,
      database: redshiftData.database,
      schema: 'paced',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
  });
  const handle = await client.workflow.start('refreshWarehouse', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: 'paced',
    args: [{ pipeline: 'paced', definition, to: 'extract' }],
  });
  while (units.length <= seconds) await setTimeout(1000);
  const minutes = Array.from({ length: seconds - 60 }, (_, from) =>
    Array.from({ length: 60 }, (_, i) => units[from + i] ?? 0).reduce((sum, each) => sum + each, 0),
  );
  const perSecond = (sum: number) => Math.round((sum / 60) * 10) / 10;
  console.log(
    JSON.stringify({
      rate,
      segments,
      slots,
      workers,
      leastPerSecondInAMinute: perSecond(Math.min(...minutes)),
      mostPerSecondInAMinute: perSecond(Math.max(...minutes)),
    }),
  );
  await handle.terminate('measured');
  await client.connection.close();
} finally {
  for (const each of stop) await each();
}
