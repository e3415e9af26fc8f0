import { expect, test } from '@jest/globals';
import { quietPort } from '../setup/quiet-port.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

const harness = withHarness();
const workers = new WorkerProcesses(harness);

test("a worker exports Temporal's metrics and its own counts to Prometheus", async () => {
  const table = uniqueName('items');
  await harness.createTable(
    table,
    Array.from({ length: 7 }, (_, i) => ({
      pk: { S: `p${i}` },
      sk: { S: 's' },
      list: { L: [{ N: '1' }, { N: '2' }] },
    })),
  );
  const pipeline = harness.define(table, { source: { segments: 2 } });
  const address = `127.0.0.1:${await quietPort()}`;
  workers.start(pipeline, { TRIBUTARY_METRICS_ADDRESS: address });
  await (await harness.start({ pipeline: pipeline.pipeline })).result();
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  const of = (name: string) => {
    const line = metrics.split('\n').find((each) => each.startsWith(`${name}{`));
    expect(line).toContain(`pipeline="${pipeline.pipeline}"`);
    return Number(line?.split(' ').at(-1));
  };
  expect(of('tributary_extracted_items_total')).toBe(7);
  expect(of('tributary_extracted_bytes_total')).toBeGreaterThan(0);
  expect(of('tributary_rejected_items_total')).toBe(0);
  expect(of('tributary_loaded_rows_total')).toBe(7 + 14);
  expect(metrics).toMatch(/^temporal_worker_task_slots_available\{.*task_queue="tributary-extract"/m);
});

test('a metrics address that is not one is refused, with what was expected', async () => {
  const pipeline = harness.define(uniqueName('none'));
  const worker = workers.start(pipeline, { TRIBUTARY_METRICS_ADDRESS: 'localhost:9464' });
  const expected = /TRIBUTARY_METRICS_ADDRESS must be an IP address and a port, such as 0\.0\.0\.0:9464/;
  await expect(workers.says(worker, expected)).resolves.toBeUndefined();
});
