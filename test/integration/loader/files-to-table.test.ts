import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type LoaderProgress, loaderWorkflowId, SIGNAL_HINT } from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { inboxPageKey } from '../../../src/pipeline/loader/loader-directory.ts';
import type { loadFiles } from '../../../src/workflows/loader/load-files.ts';
import { until } from '../pipeline/until.ts';
import { withLoaders } from './loader-harness.ts';

const { harness, define } = withLoaders();

test('files that arrive appear in the table; a bad one is parked with its reason, split off and skipped', async () => {
  const loader = define({ batch: { maxFiles: 2, maxSeconds: 3600 } });
  await loader.createTable('id INT, place VARCHAR(64)');
  const workflowId = loaderWorkflowId(loader.at.table);
  const handle = harness.client.workflow.getHandle<typeof loadFiles>(workflowId);
  const arrive = async (...files: [name: string, body: string][]) => {
    const page = [];
    for (const [name, body] of files) page.push(await loader.drop(name, body));
    await loader.store.putNew(
      inboxPageKey(loader.at, Date.now(), randomUUID()),
      JSON.stringify({ version: 1, files: page }),
    );
    await harness.client.workflow.signalWithStart<typeof loadFiles, []>('loadFiles', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId,
      args: [{ loader: loader.name }],
      signal: SIGNAL_HINT,
      signalArgs: [],
    });
  };
  const becomes = (wanted: (progress: LoaderProgress) => boolean) =>
    until(() => handle.query<LoaderProgress>(QUERY_PROGRESS), wanted);

  await arrive(['a.csv', 'id,place\n1,Oslo\n2,Rome\n'], ['b.csv', 'id,place\n3,Lima\n']);
  await arrive(['c.csv', 'id,place\n4,Kyiv\n'], ['bad.csv', 'id,place\n5,Baku\nfive,Bonn\n']);
  await arrive(['d.csv', 'id,place\n6,Bern\n'], ['e.csv', 'id,place\n7,Riga\n']);
  const { parked, totals } = await becomes(
    ({ parkedTotal, totals: { batches } }) => parkedTotal === 1 && batches === 2,
  );
  expect(totals).toMatchObject({ files: 4, rows: 5, merged: 5 });
  expect(parked).toMatchObject([{ batch: 2, files: 2, error: expect.stringMatching(/bad\.csv/) }]);
  const ids = async () => (await loader.rows()).map(({ id }) => id);
  expect(await ids()).toEqual(['1', '2', '3', '6', '7']);

  const order = (name: string, argument: unknown) =>
    handle.executeUpdate<string, [unknown]>(name, { args: [argument] });
  expect(await order('splitBatch', 2)).toBe('batch 2: split into 4 (1 file) and 5 (1 file)');
  await becomes((now) => now.state === 'idle' && now.parked[0]?.batch === 5);
  expect(await ids()).toEqual(['1', '2', '3', '4', '6', '7']);
  expect(await order('skipBatch', { batch: 5, reason: 'test data' })).toBe('batch 5: skipped');
  const idle = await becomes(({ state, parkedTotal }) => state === 'idle' && parkedTotal === 0);
  expect(idle.totals).toMatchObject({ batches: 3, files: 5, rows: 6 });
});
