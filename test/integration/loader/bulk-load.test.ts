import { afterEach, describe, expect, test } from '@jest/globals';
import { ScheduleOverlapPolicy, type WorkflowFailedError } from '@temporalio/client';
import { loadScheduleOptions } from '../../../src/cli/schedules/load-schedules.ts';
import { LoadSchedule } from '../../../src/config/schedules/schedule-entry.ts';
import { rootCause } from '../../../src/contract/failure.ts';
import {
  type BulkLoadInput,
  type BulkLoadProgress,
  type BulkLoadResult,
  bulkLoadWorkflowId,
} from '../../../src/contract/loader/bulk-load.ts';
import {
  type LoaderProgress,
  loaderWorkflowId,
  PAUSE,
  RESUME,
  RETRY_BATCH,
  SKIP_BATCH,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { inboxLocation } from '../../../src/pipeline/loader/inbox-pages.ts';
import { batchKey, inboxDirectory, inboxPageKey } from '../../../src/pipeline/loader/loader-directory.ts';
import { Batch, type InboxPage } from '../../../src/pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../../src/pipeline/loader/source-file.ts';
import { findDocument } from '../../../src/store/document.ts';
import type { bulkLoad } from '../../../src/workflows/loader/bulk-load.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { parked, type TestLoader, withLoaders } from './loader-harness.ts';

const { harness, define } = withLoaders();

const COLUMNS = 'id INT, day VARCHAR(10), v VARCHAR(10)';
const csv = (...rows: readonly string[]) => `id,day,v\n${rows.join('\n')}\n`;

const tableOf = ({ definition }: TestLoader) => inboxLocation(definition).table;
const loaderOf = (loader: TestLoader) => harness.client.workflow.getHandle(loaderWorkflowId(tableOf(loader)));

const defined: TestLoader[] = [];
async function loaderWith(settings: Parameters<typeof define>[0] = {}, columns = COLUMNS) {
  const loader = define({ format: { header: true }, batch: { maxFiles: 2, maxSeconds: 1 }, ...settings });
  defined.push(loader);
  await loader.createTable(columns);
  return loader;
}
afterEach(async () => {
  for (const loader of defined.splice(0))
    await loaderOf(loader)
      .cancel()
      .catch(() => {});
});

const startLoad = (
  loader: TestLoader,
  input: Omit<BulkLoadInput, 'loader' | 'from'> & { readonly from?: string },
) => {
  const name = uniqueName('load');
  return harness.client.workflow.start<typeof bulkLoad>('bulkLoad', {
    taskQueue: CONTROL_TASK_QUEUE,
    workflowId: bulkLoadWorkflowId(tableOf(loader), name),
    args: [{ loader: loader.name, from: addressOf(loader, ''), ...input }],
  });
};
const loadFrom = async (
  loader: TestLoader,
  input: Parameters<typeof startLoad>[1] = {},
): Promise<BulkLoadResult> => (await startLoad(loader, input)).result();

async function refused(loader: TestLoader, input: Parameters<typeof startLoad>[1]) {
  const failure = await loadFrom(loader, input).then(
    (result) => ({ result }),
    (error: unknown) => rootCause((error as WorkflowFailedError).cause),
  );
  expect(failure).not.toHaveProperty('result');
  return failure as ReturnType<typeof rootCause>;
}

const addressOf = (loader: TestLoader, name: string) =>
  `s3://${loader.store.bucket}/${loader.definition.source.prefix}${name}`;

const valuesOf = async (loader: TestLoader) =>
  (await loader.rows()).map(({ id, day, v }) => `${id} ${day} ${v}`);

const DAY1 = 'day=2026-11-01/';
const REPLACE = "day = '2026-11-01'";

const startLoader = (loader: TestLoader) =>
  harness.client.workflow.start('loadFiles', {
    ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: loaderWorkflowId(tableOf(loader)) },
    args: [{ loader: loader.name }],
  });

/** Puts a file into the inbox, as a watcher does. */
const arrive = (loader: TestLoader, file: SourceFile) =>
  loader.store.put(
    inboxPageKey(loader.at, Date.now(), 'arrived'),
    JSON.stringify({ version: 1, files: [file] } satisfies InboxPage),
  );

const batchOf = (loader: TestLoader, batch: number) =>
  findDocument({ store: loader.store, key: batchKey(loader.at, batch), schema: Batch });

describe('a bulk load', () => {
  test('loads a prefix in batches of the loader; the second time it loads nothing', async () => {
    const loader = await loaderWith({ source: { match: '**/*.csv' } });
    for (const id of ['1', '2', '3', '4', '5'])
      await loader.drop(`${DAY1}${id}.csv`, csv(`${id},2026-11-01,a`));
    await loader.drop(`${DAY1}_SUCCESS`, '');
    const first = await loadFrom(loader, { from: addressOf(loader, DAY1) });
    expect(first).toMatchObject({
      found: { files: 5, alreadyLoaded: 0, unmatched: 1 },
      loaded: { batches: 3, files: 5, rows: 5, merged: 5 },
      parked: [],
    });
    expect(await valuesOf(loader)).toHaveLength(5);
    const second = await loadFrom(loader, { from: addressOf(loader, DAY1) });
    expect(second).toMatchObject({ found: { files: 5, alreadyLoaded: 5 }, loaded: { batches: 0, rows: 0 } });
    expect(await valuesOf(loader)).toHaveLength(5);
  });

  test('without changing anything, says what it would load and what is loaded already', async () => {
    const loader = await loaderWith();
    const old = await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a'));
    await loader.loadAll(old);
    await loader.drop(`${DAY1}2.csv`, csv('2,2026-11-01,a'));
    expect(await loadFrom(loader, { dryRun: true })).toMatchObject({
      dryRun: true,
      found: {
        ...{ files: 2, alreadyLoaded: 1 },
        examples: {
          toLoad: [addressOf(loader, `${DAY1}2.csv`)],
          alreadyLoaded: [addressOf(loader, `${DAY1}1.csv`)],
        },
      },
      loaded: { batches: 0 },
    });
    expect(await valuesOf(loader)).toHaveLength(1);
    await expect(loaderOf(loader).describe()).rejects.toThrow('not found');
  });

  test('loads the files of a manifest, and refuses one that lists files of no loader', async () => {
    const loader = await loaderWith({ source: { match: '**/*.csv' } });
    for (const id of ['1', '2', '3']) await loader.drop(`${id}.csv`, csv(`${id},2026-11-01,a`));
    const manifest = (...urls: readonly string[]) =>
      loader.drop('some.manifest', JSON.stringify({ entries: urls.map((url) => ({ url })) }));
    await manifest(addressOf(loader, '1.csv'), addressOf(loader, '3.csv'), addressOf(loader, 'gone.csv'));
    expect(await loadFrom(loader, { from: addressOf(loader, 'some.manifest') })).toMatchObject({
      found: { files: 2, missing: 1 },
      loaded: { files: 2, rows: 2 },
    });
    expect((await loader.rows()).map(({ id }) => id)).toEqual(['1', '3']);
    await manifest(addressOf(loader, '2.txt'));
    expect(await refused(loader, { from: addressOf(loader, 'some.manifest') })).toMatchObject({
      type: 'BadLoad',
      message: expect.stringContaining('do not belong to loader'),
    });
  });

  test('ends once the batch of a bad file is parked, and names it', async () => {
    const loader = await loaderWith();
    await loader.drop('1.csv', csv('one,2026-11-01,a'));
    const { parked, loaded } = await loadFrom(loader);
    expect(loaded.files).toBe(0);
    expect(parked).toMatchObject([{ batch: 1, error: expect.stringContaining('1.csv') }]);
  });

  test('takes only the waiting files of its place: first with `before`, else while nothing else is due', async () => {
    const loader = await loaderWith({ batch: { maxFiles: 10, maxSeconds: 1 } });
    // Paused, so that everything waits before a batch is taken.
    await startLoader(loader);
    await loaderOf(loader).executeUpdate<string, []>(PAUSE);
    await arrive(loader, await loader.drop('arrived/1.csv', csv('1,2026-11-01,a')));
    await loader.drop('behind/1.csv', csv('2,2026-11-01,a'));
    await loader.drop('ahead/1.csv', csv('3,2026-11-01,a'));
    const loads = await Promise.all([
      startLoad(loader, { from: addressOf(loader, 'behind/') }),
      startLoad(loader, { from: addressOf(loader, 'ahead/'), place: 'before' }),
    ]);
    for (const load of loads) {
      await until(
        () => load.query<BulkLoadProgress>(QUERY_PROGRESS),
        ({ pagesWaiting }) => pagesWaiting === 1,
      );
    }
    await loaderOf(loader).executeUpdate<string, []>(RESUME);
    await Promise.all(loads.map((load) => load.result()));
    const batches = await until(
      () => Promise.all([1, 2, 3].map((batch) => batchOf(loader, batch))),
      (found) => found.every((batch) => batch !== undefined),
    );
    const folders = batches.map((batch) => batch?.files.map(({ key }) => key.split('/').at(-2)));
    expect(folders).toEqual([['ahead'], ['arrived'], ['behind']]);
    expect(batches.map((batch) => batch?.reason)).toEqual(['bulk', 'age', 'bulk']);
  });

  test('continues a load of the same name, and refuses one that asks for something else', async () => {
    const loader = await loaderWith();
    await loader.drop('1.csv', csv('1,2026-11-01,a'));
    const name = uniqueName('load');
    await loadFrom(loader, { name });
    const again = await loadFrom(loader, { name });
    expect(again).toMatchObject({ found: { files: 1, alreadyLoaded: 0 }, loaded: { files: 1, rows: 1 } });
    expect(await refused(loader, { name, replace: REPLACE })).toMatchObject({ type: 'LoadNameTaken' });
    expect(await valuesOf(loader)).toHaveLength(1);
  });

  test('that is cancelled takes its files out of the inbox again', async () => {
    const loader = await loaderWith();
    await startLoader(loader);
    await loaderOf(loader).executeUpdate<string, []>(PAUSE);
    await loader.drop('1.csv', csv('1,2026-11-01,a'));
    const load = await startLoad(loader, {});
    await until(
      () => load.query<BulkLoadProgress>(QUERY_PROGRESS),
      ({ pagesWaiting }) => pagesWaiting === 1,
    );
    await load.cancel();
    await expect(load.result()).rejects.toThrow('cancelled');
    const left: string[] = [];
    for await (const { key } of loader.store.list(inboxDirectory(loader.at))) left.push(key);
    expect(left).toEqual([]);
  });

  test('refuses what it cannot mean', async () => {
    const loader = await loaderWith();
    await loader.drop('1.csv', csv('1,2026-11-01,a'));
    const bad = async (input: Parameters<typeof startLoad>[1]) => (await refused(loader, input)).message;
    expect(await bad({ from: 's3://elsewhere/files/' })).toContain('is outside of s3://');
    expect(await bad({ replace: 'days = 1' })).toContain('days');
    expect(await bad({ replace: 'id IN (SELECT 1)' })).toContain('has the word SELECT');
    expect(await bad({ from: addressOf(loader, 'none/'), replace: REPLACE })).toContain(
      'has no files of loader',
    );
    expect(await valuesOf(loader)).toEqual([]);
  });
});

describe('a replacement', () => {
  const merge = { merge: { key: ['id'], newest: 'v' } };

  test.each([
    { how: 'an append', settings: {} },
    { how: 'a merge', settings: merge },
  ])(
    'by $how deletes the rows of a day and loads its files, also those that were loaded before',
    async ({ settings }) => {
      const loader = await loaderWith(settings);
      await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a', '2,2026-11-01,a'));
      await loader.drop('day=2026-11-02/1.csv', csv('3,2026-11-02,a'));
      await loadFrom(loader);
      await harness.sql(`UPDATE "${loader.schema}"."quakes" SET v = 'z' WHERE id = 1`);
      const result = await loadFrom(loader, { from: addressOf(loader, DAY1), replace: REPLACE });
      expect(result).toMatchObject({ loaded: { batches: 1, files: 1, rows: 2, merged: 2 }, parked: [] });
      expect(await valuesOf(loader)).toEqual(['1 2026-11-01 a', '2 2026-11-01 a', '3 2026-11-02 a']);
    },
  );

  /** A day of which one file is parked, and is now corrected under another key. */
  async function withParkedBatch() {
    const loader = await loaderWith({ ...merge, batch: { maxFiles: 1, maxSeconds: 1 } });
    await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a'));
    await loader.drop(`${DAY1}bad.csv`, csv('two,2026-11-01,a', '9,2026-11-01,old'));
    const { parked } = await loadFrom(loader);
    expect(parked).toHaveLength(1);
    await loader.store.delete([`${loader.definition.source.prefix}${DAY1}bad.csv`]);
    await loader.drop(`${DAY1}2.csv`, csv('2,2026-11-01,b'));
    return { loader, parked: parked[0]!.batch };
  }

  test('asks what is to become of a parked batch, and names it', async () => {
    const { loader, parked } = await withParkedBatch();
    const { type, message } = await refused(loader, { from: addressOf(loader, DAY1), replace: REPLACE });
    expect(type).toBe('EarlierFilesWait');
    expect(message).toContain(`batch ${parked} (1 file, 1 of them in the same folder`);
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 a']);
  });

  test('before what is parked, supersedes it: its retry brings no row back', async () => {
    const { loader, parked } = await withParkedBatch();
    const result = await loadFrom(loader, {
      from: addressOf(loader, DAY1),
      replace: REPLACE,
      place: 'before',
    });
    expect(result).toMatchObject({ loaded: { files: 2, rows: 2 }, parked: [] });
    const wanted = ['1 2026-11-01 a', '2 2026-11-01 b'];
    expect(await valuesOf(loader)).toEqual(wanted);
    expect(await loader.closed(parked)).toMatchObject({ outcome: 'superseded', by: result.batch });
    // The file becomes readable again, and is announced again: it stays superseded.
    await loader.drop(`${DAY1}bad.csv`, csv('two,2026-11-01,a', '9,2026-11-01,old'));
    await until(
      () => loaderOf(loader).executeUpdate<string, [number]>(RETRY_BATCH, { args: [parked] }),
      (answer) => answer.includes('it is not parked'),
    );
    expect(await loader.load(parked)).toMatchObject({ files: 0, rows: 0 });
    expect(await loadFrom(loader)).toMatchObject({ found: { files: 3, alreadyLoaded: 3 } });
    expect(await valuesOf(loader)).toEqual(wanted);
  });

  test('after what is parked, has it loaded first, and replaces nothing while it fails', async () => {
    const { loader, parked } = await withParkedBatch();
    const load = { from: addressOf(loader, DAY1), replace: REPLACE, place: 'after' as const };
    await loader.drop(`${DAY1}bad.csv`, csv('two,2026-11-01,a', '9,2026-11-01,old'));
    const { type, message } = await refused(loader, load);
    expect(type).toBe('EarlierFilesWait');
    expect(message).toContain(`parked again: ${parked}`);
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 a']);
  });

  test('loads what waits first', async () => {
    const loader = await loaderWith();
    await loader.drop(`${DAY1}old.csv`, csv('1,2026-11-01,old'));
    const first = await loadFrom(loader);
    expect(first.loaded.files).toBe(1);
    await loader.store.delete([`${loader.definition.source.prefix}${DAY1}old.csv`]);
    await loader.drop(`${DAY1}new.csv`, csv('1,2026-11-01,new'));
    await loadFrom(loader, { from: addressOf(loader, DAY1), replace: REPLACE });
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 new']);
  });

  test('forgets the tombstones of the keys that it loads', async () => {
    const loader = await loaderWith({
      merge: { key: ['id'], newest: 'v', deletes: { column: 'Op', values: ['D'] } },
    });
    const op = (...rows: readonly string[]) => `Op,id,day,v\n${rows.join('\n')}\n`;
    await loader.loadAll(await loader.drop(`${DAY1}1.csv`, op('I,1,2026-11-01,a', 'D,1,2026-11-01,m')));
    expect(await valuesOf(loader)).toEqual([]);
    await loader.store.delete([`${loader.definition.source.prefix}${DAY1}1.csv`]);
    await loader.drop(`${DAY1}2.csv`, op('I,1,2026-11-01,b'));
    await loadFrom(loader, { from: addressOf(loader, DAY1), replace: REPLACE });
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 b']);
  });

  test('is done once, although it is continued after it was done', async () => {
    const loader = await loaderWith();
    await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a'));
    const load = { from: addressOf(loader, DAY1), replace: REPLACE, name: uniqueName('load') };
    const first = await loadFrom(loader, load);
    await harness.sql(`INSERT INTO "${loader.schema}"."quakes" VALUES (7, '2026-11-01', 'later')`);
    const again = await loadFrom(loader, load);
    expect(again).toMatchObject({ batch: first.batch, loaded: { batches: 1, files: 1 } });
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 a', '7 2026-11-01 later']);
  });

  test('is parked while an earlier batch is, and is loaded once that is skipped', async () => {
    const loader = await loaderWith();
    const file = await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a'));
    const bad = await loader.drop(`${DAY1}bad.csv`, csv('two,2026-11-01,a'));
    await loader.writeBatch([bad]);
    const replacement = await loader.writeBatch([file], {
      reason: 'replace',
      replace: REPLACE,
      load: 'again',
    });
    const { type, message } = await parked(loader, replacement);
    expect(type).toBe('EarlierFilesWait');
    expect(message).toContain('batch 1 before it is not loaded');
    await parked(loader, 1);
    await startLoader(loader);
    await until(
      () => loaderOf(loader).executeUpdate<string, [number]>(SKIP_BATCH, { args: [1] }),
      (answer) => answer.includes('skipped'),
    );
    await loaderOf(loader).executeUpdate<string, [number]>(RETRY_BATCH, { args: [replacement] });
    await until(
      () => loader.closed(replacement),
      (closed) => closed?.outcome === 'loaded',
    );
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 a']);
  });

  test('asks about files of the folder that wait, and supersedes them: they are never loaded', async () => {
    const loader = await loaderWith();
    await startLoader(loader);
    await loaderOf(loader).executeUpdate<string, []>(PAUSE);
    const old = await loader.drop(`${DAY1}old.csv`, csv('1,2026-11-01,old'));
    const other = await loader.drop('day=2026-11-02/1.csv', csv('2,2026-11-02,a'));
    await loader.store.delete([old.key]);
    await arrive(loader, old);
    await loader.store.put(
      inboxPageKey(loader.at, Date.now(), 'other'),
      JSON.stringify({ version: 1, files: [other] } satisfies InboxPage),
    );
    await loader.drop(`${DAY1}new.csv`, csv('1,2026-11-01,new'));
    const load = { from: addressOf(loader, DAY1), replace: REPLACE };
    const { message } = await refused(loader, load);
    expect(message).toContain(
      `Waiting in the same folder: 1 file, such as ${addressOf(loader, `${DAY1}old.csv`)}`,
    );
    const started = await startLoad(loader, { ...load, place: 'before' });
    await until(
      () => batchOf(loader, 1),
      (batch) => batch?.supersededFiles?.length === 1,
    );
    await loaderOf(loader).executeUpdate<string, []>(RESUME);
    await started.result();
    // It exists again as it was: its announcement waits, but the ledger has it.
    await loader.drop(`${DAY1}old.csv`, csv('1,2026-11-01,old'));
    await until(
      () => valuesOf(loader),
      (values) => values.length === 2,
    );
    await until(
      () => loaderOf(loader).query<LoaderProgress>(QUERY_PROGRESS),
      ({ state, inbox }) => state === 'idle' && inbox.files === 0,
    );
    expect(await valuesOf(loader)).toEqual(['1 2026-11-01 new', '2 2026-11-02 a']);
  });

  test('two at once are done one after the other, each once', async () => {
    const loader = await loaderWith();
    await loader.drop(`${DAY1}1.csv`, csv('1,2026-11-01,a', '2,2026-11-01,a'));
    const load = { from: addressOf(loader, DAY1), replace: REPLACE };
    const [a, b] = await Promise.all([loadFrom(loader, load), loadFrom(loader, load)]);
    expect(a.batch).not.toBe(b.batch);
    expect(await valuesOf(loader)).toHaveLength(2);
  });
});

describe('a schedule of a loader', () => {
  test('loads the day that was meant, in its time zone, also when it is caught up', async () => {
    const loader = await loaderWith();
    await loader.drop('day=2026-10-31/1.csv', csv('1,2026-10-31,a'));
    await loader.drop('day=2026-11-01/1.csv', csv('2,2026-11-01,a'));
    await loader.drop('day=2026-11-02/1.csv', csv('3,2026-11-02,a'));
    const name = uniqueName('yesterday').replaceAll('_', '-');
    const definition = LoadSchedule.parse({
      ...{ loader: loader.name, load: addressOf(loader, 'day=%Y-%m-%d/'), daysBack: 1 },
      ...{ replace: "day = '%Y-%m-%d'", cron: '30 0 * * *', timezone: 'Europe/Berlin' },
    });
    const handle = await harness.client.schedule.create(
      loadScheduleOptions(name, definition, { [loader.name]: loader.definition }),
    );
    // In Berlin, that is half past midnight on 2 November.
    const due = new Date('2026-11-01T23:30:00Z');
    await handle.backfill({
      ...{ start: new Date(due.getTime() - 60_000), end: new Date(due.getTime() + 60_000) },
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
    });
    const load = harness.client.workflow.getHandle<typeof bulkLoad>(
      `${bulkLoadWorkflowId(tableOf(loader), name)}-2026-11-01T23:30:00Z`,
    );
    await until(
      () =>
        load.describe().then(
          () => true,
          () => false,
        ),
      (isStarted) => isStarted,
    );
    await handle.delete();
    expect(await load.result()).toMatchObject({
      name: `${name}-2026-11-01T23:30:00Z`,
      from: addressOf(loader, 'day=2026-11-01/'),
      replace: "day = '2026-11-01'",
      loaded: { files: 1, rows: 1 },
    });
    expect(await valuesOf(loader)).toEqual(['2 2026-11-01 a']);
  });
});
