import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection } from '@temporalio/client';
import { createTable, type Item, loadItems } from '../local/demo/load-items.ts';
import { stackEnvironment } from '../local/stack/addresses.ts';
import { startStack } from '../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE } from '../src/contract/refresh.ts';
import { PipelineDefinition } from '../src/pipeline/definition/pipeline-definition.ts';
import type { refreshWarehouse } from '../src/workflows/refresh/refresh-warehouse.ts';
import { megabytes } from './speed/process-tree.ts';

/**
 * Peak memory of a worker (Linux: VmHWM of its process) that extracts items of extreme shapes:
 * `node bench/memory.ts --shape big-items|many-tables|small-items --megabytes 200 --segments 8`.
 */
const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: 'big-items' },
    megabytes: { type: 'string', default: '200' },
    segments: { type: 'string', default: '8' },
  },
});
const bytes = Number(values.megabytes) * 1_000_000;

/** Text that compresses about as well as real text: words of a small vocabulary in random order. */
function text(length: number, seed: number): string {
  let state = seed + 1;
  let made = '';
  while (made.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    made += `${(state % 65_536).toString(36)} `;
  }
  return made.slice(0, length);
}

const shapes: Record<string, { readonly itemBytes: number; item(i: number): Item }> = {
  'big-items': {
    itemBytes: 390_000,
    item: (i) => ({
      pk: { S: `p${i}` },
      sk: { S: 's' },
      ...Object.fromEntries(
        Array.from({ length: 6 }, (_, k) => [`text_${k}`, { S: text(64_900, i * 6 + k) }]),
      ),
    }),
  },
  'many-tables': {
    itemBytes: 15_000,
    item: (i) => ({
      pk: { S: `p${i}` },
      sk: { S: 's' },
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, k) => [
          `list_${k}`,
          { L: [{ S: text(20, i + k) }, { N: String(i) }] },
        ]),
      ),
    }),
  },
  'small-items': {
    itemBytes: 300,
    item: (i) => ({ pk: { S: `p${i}` }, sk: { S: 's' }, n: { N: String(i) }, text: { S: text(200, i) } }),
  },
};
const shape = shapes[values.shape];
if (shape === undefined) throw new Error(`--shape must be one of ${Object.keys(shapes).join(', ')}`);

const directory = mkdtempSync(join(tmpdir(), 'tributary-memory-'));
const stack = await startStack({
  directory,
  persist: false,
  log: console.error,
});
const main = fileURLToPath(new URL('../src/workers/main.ts', import.meta.url));
const delays = join(directory, 'event-loop-delay.json');
const measured = new URL('event-loop-delay.ts', import.meta.url).href;
const worker = spawn(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', '--import', measured, main],
  {
    env: { ...process.env, ...stackEnvironment(stack.addresses), EVENT_LOOP_DELAY_FILE: delays },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
const ended = once(worker, 'exit');
try {
  const { dynamodb, s3, redshiftData, temporal } = stack.addresses;
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const source = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  await createTable(source, 'memory');
  const items = Math.ceil(bytes / shape.itemBytes);
  for (let from = 0; from < items; from += 100) {
    const some = Array.from({ length: Math.min(100, items - from) }, (_, i) => shape.item(from + i));
    await loadItems(source, 'memory', some);
  }
  const definition = PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'memory', segments: Number(values.segments) },
    staging: { bucket: s3.bucket },
    warehouse: {
      kind: 'redshift',
      workgroup: redshiftData.workgroup,
      database: redshiftData.database,
      schema: 'memory',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
  });
  const client = new Client({
    connection: await Connection.connect({ address: temporal.address }),
    namespace: temporal.namespace,
  });
  worker.kill('SIGHUP');
  const started = Date.now();
  const result = await client.workflow.execute<typeof refreshWarehouse>('refreshWarehouse', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: 'memory',
    args: [{ pipeline: 'memory', definition, to: 'extract' }],
  });
  const seconds = (Date.now() - started) / 1000;
  const peakMegabytes = megabytes(worker.pid as number, 'peak');
  worker.kill('SIGTERM');
  await ended;
  console.log(
    JSON.stringify({
      shape: values.shape,
      items: result.items,
      megabytes: Number(values.megabytes),
      segments: Number(values.segments),
      seconds: Math.round(seconds * 10) / 10,
      peakMegabytes,
      eventLoopDelayMilliseconds: JSON.parse(readFileSync(delays, 'utf8')),
    }),
  );
  source.destroy();
  await client.connection.close();
} finally {
  worker.kill('SIGTERM');
  await ended;
  await stack.stop();
}
