import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection } from '@temporalio/client';
import { createTable, type Item, loadItems } from '../local/demo/load-items.ts';
import { startStack } from '../local/stack/start-stack.ts';
import { CONTROL_TASK_QUEUE } from '../src/contract/refresh.ts';
import { PipelineDefinition } from '../src/pipeline/definition/pipeline-definition.ts';
import type { refreshWarehouse } from '../src/workflows/refresh/refresh-warehouse.ts';

/**
 * The size of the history of a run with many segments and tables, and the duration of its phases:
 * `node bench/scale.ts --segments 1000 --tables 300 --items 3000`.
 */
const { values } = parseArgs({
  options: {
    segments: { type: 'string', default: '1000' },
    tables: { type: 'string', default: '300' },
    items: { type: 'string', default: '3000' },
  },
});
const [segments, tables, items] = [values.segments, values.tables, values.items].map(Number) as [
  number,
  number,
  number,
];

const directory = mkdtempSync(join(tmpdir(), 'tributary-scale-'));
const stack = await startStack({ directory, persist: false, worker: true, log: console.error });
try {
  const { dynamodb, s3, redshiftData, temporal } = stack.addresses;
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const source = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: dynamodb.region, credentials });
  await createTable(source, 'wide');
  // Every list becomes a table; each item has three lists, so that all of them occur.
  const lists = tables - 1;
  await loadItems(
    source,
    'wide',
    Array.from({ length: items }, (_, i): Item => {
      const item: Item = { pk: { S: `p${i}` }, sk: { S: 's' }, n: { N: String(i) } };
      for (let k = 0; k < 3; k++) {
        item[`list_${(i * 3 + k) % lists}`] = {
          L: [{ M: { at: { N: String(i) }, text: { S: `member of ${i}` } } }],
        };
      }
      return item;
    }),
  );
  const definition = PipelineDefinition.parse({
    source: { kind: 'dynamodb', table: 'wide', segments },
    staging: { bucket: s3.bucket },
    warehouse: {
      kind: 'redshift',
      workgroup: redshiftData.workgroup,
      database: redshiftData.database,
      schema: 'wide',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
  });
  const client = new Client({
    connection: await Connection.connect({ address: temporal.address }),
    namespace: temporal.namespace,
  });
  const handle = await client.workflow.start<typeof refreshWarehouse>('refreshWarehouse', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: 'scale',
    args: [{ pipeline: 'wide', definition }],
  });
  const result = await handle.result();
  const progress = await handle.query<{ phases: { phase: string; seconds?: number }[] }>('progress');
  const { raw } = await handle.describe();
  const history = raw.workflowExecutionInfo;
  console.log(
    JSON.stringify({
      segments,
      tables: result.tables.length,
      items: result.items,
      seconds: result.seconds,
      phases: Object.fromEntries(progress.phases.map(({ phase, seconds }) => [phase, seconds])),
      historyEvents: Number(history?.historyLength),
      historyBytes: Number(history?.historySizeBytes),
    }),
  );
  source.destroy();
  await client.connection.close();
} finally {
  await stack.stop();
}
