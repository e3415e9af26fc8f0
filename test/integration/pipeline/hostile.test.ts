import { expect, test } from '@jest/globals';
import {
  createDynamoDBTableSource,
  dynamodbClient,
} from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { checkRun, together } from '../../hostile/check-run.ts';
import { HOSTILE_MAPPING, hostileItem } from '../../hostile/hostile-table.ts';
import { startPageServer } from '../../hostile/page-server.ts';
import { testStack } from '../setup/stack.ts';
import { withHarness } from './with-harness.ts';

/** Nearly every shape is among them. `npm run hostile` reads a hundred thousand, and loads them too. */
const ITEMS = 400;

const harness = withHarness();

test('items as hostile as DynamoDB allows are sealed exactly, or set aside for the right reason', async () => {
  const server = await startPageServer(ITEMS);
  harness.onClose(() => server.close());
  const client = dynamodbClient({ endpoint: server.endpoint, region: testStack().dynamodb.region });
  harness.onClose(() => client.destroy());
  await harness.startWorkers({ ...harness.dependencies, source: createDynamoDBTableSource({ client }) });
  const { pipeline, definition } = harness.define('hostile', {
    source: { segments: 2 },
    staging: { cutBytes: 1_000_000 },
    mapping: HOSTILE_MAPPING,
    maxRejects: ITEMS,
  });
  const result = await (await harness.start({ pipeline, to: 'seal' })).result();
  const setAside = Array.from({ length: ITEMS }, (_, i) => hostileItem(i)).filter(
    (each) => each.setAside,
  ).length;
  expect(result).toMatchObject({ items: ITEMS, rejects: setAside });
  const ref = { ...definition.staging, pipeline, run: result.run };
  const found = new Uint8Array(new SharedArrayBuffer(ITEMS));
  expect(together([await checkRun(harness.store, ref, found)], found)).toEqual({
    exact: ITEMS - setAside,
    setAside,
    problems: [],
  });
});
