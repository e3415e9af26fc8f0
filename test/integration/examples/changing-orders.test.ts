import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { changeOrders, createOrders } from '../../../examples/changing-orders.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import {
  type ApplyProgress,
  applyWorkflowId,
  type FollowProgress,
  followWorkflowId,
} from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { codeBlocks, section, tableRows } from '../../unit/docs/pages.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

const page = (file: string) =>
  readFileSync(new URL(`../../../examples/changing-orders/${file}`, import.meta.url), 'utf8');
const gunzip = promisify(zlib.gunzip);

describe('the example of changing orders', () => {
  const harness = withHarness();
  const { s3, redshiftData } = testStack();
  const table = uniqueName('orders');
  const pipeline = uniqueName('p');
  const schema = uniqueName('s');
  const prefix = uniqueName('history');

  /** The example's file, with names that no other test uses, and without the wait for an older stream. */
  const config = () => {
    const text = page('tributary.yaml')
      .replace('  orders:\n', `  ${pipeline}:\n`)
      .replace('table: orders,', `table: ${table},`)
      .replace('cutSeconds: 5', 'cutSeconds: 1, settleSeconds: 1')
      .replaceAll('bucket: tributary', `bucket: ${s3.bucket}`)
      .replace('prefix: runs', `prefix: ${uniqueName('runs')}`)
      .replace('schema: orders', `schema: ${schema}`)
      .replace('workgroup: local', `workgroup: ${redshiftData.workgroup}`)
      .replace('database: dev', `database: ${redshiftData.database}`)
      .replace('applySeconds: 10', 'applySeconds: 1')
      .replace('prefix: orders-changes/', `prefix: ${prefix}/`);
    return parseConfig(text, 'tributary.yaml').pipelines[pipeline]!;
  };

  const start = (type: string, workflowId: string, input: object) =>
    harness.client.workflow.start(type, { workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [input] });
  const progressOf = <Progress>(workflowId: string) =>
    harness.client.workflow.getHandle(workflowId).query<Progress>(QUERY_PROGRESS);

  /** All lines of the history, in the order of the files. */
  async function history(): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    for await (const { key } of harness.store.list(`${prefix}/date=`)) {
      const text = (await gunzip((await harness.store.get(key))!.body)).toString();
      for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line));
    }
    return lines;
  }

  beforeAll(async () => {
    harness.definitions.set(pipeline, config());
    await harness.startWorkers();
  });

  test('has the answer that its README shows, and every change in its history', async () => {
    const items = await createOrders(harness.dynamodb, table);
    await start('followChanges', followWorkflowId(pipeline), { pipeline });
    for (const destination of ['warehouse', 'history'])
      await start('applyChanges', applyWorkflowId(pipeline, destination), { pipeline, destination });
    await until(
      () => progressOf<FollowProgress>(followWorkflowId(pipeline)),
      ({ open }) => open > 0,
    );
    await harness.runToEnd({ pipeline, destination: 'warehouse' });
    const changes = await changeOrders(harness.dynamodb, table);
    const lines = await until(history, (found) => found.length >= items + changes);
    expect(lines.map(({ kind }) => String(kind)).toSorted()).toEqual(
      [...Array.from({ length: items + 1 }, () => 'INSERT'), 'MODIFY', 'MODIFY', 'REMOVE'].toSorted(),
    );
    expect(JSON.stringify(lines)).not.toContain('Ada');
    // The files are there before the workflow has the result of the round that wrote them.
    const { totals } = await until(
      () => progressOf<ApplyProgress>(applyWorkflowId(pipeline, 'history')),
      (progress) => progress.totals.changes >= items + changes,
    );
    expect(totals).toMatchObject({ changes: items + changes, rows: items + changes, setAside: 0 });

    const readme = page('README.md');
    const [, query = ''] = codeBlocks(readme)
      .filter(({ text }) => text !== '')
      .map(({ text }) => text);
    const shown = tableRows(section(readme, 'A query'));
    const rows = await until(
      async () =>
        (await harness.sql(query.replaceAll('orders.orders', `${schema}.${table}`))).map((row) =>
          Object.values(row).map((value) => (value === null ? '' : String(value))),
        ),
      (found) => JSON.stringify(found) === JSON.stringify(shown),
    );
    expect(rows).toEqual(shown);
  });
});
