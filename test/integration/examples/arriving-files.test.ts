import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { dropFiles } from '../../../examples/arriving-files.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import {
  type LoaderProgress,
  loaderWorkflowId,
  watchWorkflowId,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { watchedBy } from '../../../src/pipeline/loader/watched.ts';
import { codeBlocks, section, tableRows } from '../../unit/docs/pages.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

const page = (file: string) =>
  readFileSync(new URL(`../../../examples/arriving-files/${file}`, import.meta.url), 'utf8');

describe('the example of arriving files', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  test('has the table and the answer that its README shows', async () => {
    const readme = page('README.md');
    const own = parseConfig(page('tributary.yaml'), 'tributary.yaml').loaders.orders!;
    const { s3, redshiftData } = testStack();
    const { workgroup, database } = redshiftData;
    const prefix = `${uniqueName('orders')}/`;
    const definition = LoaderDefinition.parse({
      ...own,
      source: { ...own.source, bucket: s3.bucket, prefix },
      target: { ...own.target, workgroup, database },
      staging: { bucket: s3.bucket, prefix: uniqueName('runs') },
    });
    harness.loaders.set('orders', definition);
    expect(await dropFiles(harness.store, prefix)).toBe(4);
    const options = { taskQueue: CONTROL_TASK_QUEUE, args: [{ loader: 'orders' }] };
    const watching = watchWorkflowId(watchedBy(definition));
    await harness.client.workflow.start('watchFiles', { ...options, workflowId: watching });
    const loading = loaderWorkflowId(definition.target);
    await harness.client.workflow.start('loadFiles', { ...options, workflowId: loading });
    const progress = await until(
      () => harness.client.workflow.getHandle(loading).query<LoaderProgress>(QUERY_PROGRESS),
      ({ totals }) => totals.files === 4,
    );
    expect(progress).toMatchObject({ parked: [], totals: { rows: 12, setAside: 1 } });

    const [[table, count] = []] = tableRows(section(readme, 'The tables'));
    expect(table).toBe('`orders`');
    expect(String((await harness.rowsOf('landing', 'orders')).length)).toBe(count);
    const query = codeBlocks(readme).find(({ language }) => language === 'sql')?.text ?? '';
    const rows = await harness.sql(query);
    expect(rows.map((row) => Object.values(row).map(String))).toEqual(tableRows(section(readme, 'A query')));
  });
});
