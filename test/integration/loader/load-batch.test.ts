import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { batchRetry } from '../../../src/activities/temporal/batch-retry.ts';
import { SIGNAL_BATCH_FAILED, SIGNAL_BATCH_SETTLED } from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { besideName } from '../../../src/pipeline/merge/beside-tables.ts';
import { setAsideRows } from '../../../src/store/loader/set-aside-rows.ts';
import type { checkLoader } from '../../../src/workflows/maintenance/check-loader.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { parked, withLoaders } from './loader-harness.ts';

const QUAKES = 'id INT, place VARCHAR(64), mag DECIMAL(4,2)';
const MERGED = 'id VARCHAR(20), place VARCHAR(64), mag DECIMAL(4,2), updated BIGINT';
const MERGE = { key: ['id'], newest: 'updated' };

const { define, harness, loaders } = withLoaders();

describe('a batch that appends', () => {
  test('loads each file once, by the names of its columns, however often it is started', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const files = [
      await loader.drop('a.csv', 'id,place,mag\n1,"Oslo, Norway",4.25\n2,,\n'),
      await loader.drop('b.csv', 'Mag,ID\r\n1.5,3\r\n'),
      await loader.drop('c.csv.gz', gzipSync('\ufeffid,place\n4,Rome\n')),
    ];
    const batch = await loader.writeBatch(files);
    const result = await loader.load(batch);
    expect(result).toEqual({
      ...{ batch, files: 3, rows: 4, merged: 4, deleted: 0, setAside: 0 },
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    const rows = [
      { id: '1', place: 'Oslo, Norway', mag: '4.25' },
      { id: '2', place: '', mag: null },
      { id: '3', place: null, mag: '1.50' },
      { id: '4', place: 'Rome', mag: null },
    ];
    expect(await loader.rows()).toEqual(rows);
    expect(await loader.closed(batch)).toMatchObject({ outcome: 'loaded', files: 3, rows: 4, others: [] });
    expect(await loader.isMarkedOpen(batch)).toBe(false);
    expect(await loader.copies(batch)).toEqual([]);

    expect(await loader.load(batch)).toEqual(result);
    const again = await loader.loadAll(...files);
    expect(again).toMatchObject({ files: 0, rows: 0 });
    expect(again.notes?.[0]).toContain('3 files not loaded again');
    expect(await loader.rows()).toEqual(rows);
  });

  test('is exact if several workflows load it at once', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const files = [];
    for (let n = 0; n < 5; n++) files.push(await loader.drop(`${n}.csv`, `id,place\n${n},a\n${n},b\n`));
    const batch = await loader.writeBatch(files);
    const handles = await Promise.all([loader.start(batch), loader.start(batch), loader.start(batch)]);
    const results = await Promise.all(handles.map((handle) => handle.result()));
    for (const result of results) expect(result).toMatchObject({ files: 5, rows: 10, merged: 10 });
    expect(await loader.rows()).toHaveLength(10);
  });

  test('of two batches with the same file, loads it once', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const both = await loader.drop('both.csv', 'id\n1\n');
    const first = await loader.writeBatch([both, await loader.drop('a.csv', 'id\n2\n')]);
    const second = await loader.writeBatch([both, await loader.drop('b.csv', 'id\n3\n')]);
    const handles = await Promise.all([loader.start(first), loader.start(second)]);
    await Promise.all(handles.map((handle) => handle.result()));
    expect((await loader.rows()).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  test('loads what was announced, never what has replaced it', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const before = await loader.drop('a.csv', 'id\n1\n');
    const gone = await loader.drop('b.csv', 'id\n2\n');
    const kept = await loader.drop('c.csv', 'id\n3\n');
    const after = await loader.drop('a.csv', 'id\n1\n11\n');
    await loader.store.delete([gone.key]);
    const batch = await loader.writeBatch([before, gone, kept]);
    expect(await loader.load(batch)).toMatchObject({ files: 1, rows: 1 });
    const closed = await loader.closed(batch);
    expect(closed?.outcome === 'loaded' && closed.others.map(({ outcome }) => outcome)).toEqual([
      'overwritten',
      'gone',
    ]);
    expect(await loader.loadAll(after)).toMatchObject({ files: 1, rows: 2 });
    expect((await loader.rows()).map(({ id }) => id)).toEqual(['1', '11', '3']);
  });

  test('reports its end to the loader, by its workflow id', async () => {
    const { loader, parent, signals } = await withParent();
    await loader.createTable(QUAKES);
    const good = await loader.writeBatch([await loader.drop('a.csv', 'id\n1\n')]);
    const bad = await loader.writeBatch([await loader.drop('b.csv', 'id\nx\n')]);
    await (await loader.start(good, parent)).result();
    await expect((await loader.start(bad, parent)).result()).rejects.toThrow('Workflow execution failed');
    expect(await signals()).toEqual([
      [SIGNAL_BATCH_SETTLED, expect.objectContaining({ batch: good, rows: 1 })],
      [SIGNAL_BATCH_FAILED, expect.objectContaining({ batch: bad, type: 'LoadFailed' })],
    ]);
  });

  /** A workflow that only receives signals. */
  async function withParent() {
    const loader = define();
    const { client } = harness;
    const handle = await client.workflow.start('waiting', {
      taskQueue: uniqueName('queue'),
      workflowId: uniqueName('parent'),
    });
    harness.onClose(() => handle.terminate());
    const signals = async () => {
      const { events = [] } = await handle.fetchHistory();
      return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: sent }) => {
        const [payload] = sent?.input?.payloads ?? [];
        return payload?.data ? [[sent?.signalName, JSON.parse(Buffer.from(payload.data).toString())]] : [];
      });
    };
    return { loader, parent: handle.workflowId, signals };
  }
});

test('a batch of a loader waits while the configuration is invalid; one that is started alone fails', async () => {
  const loader = define();
  await loader.createTable(QUAKES);
  const batch = await loader.writeBatch([await loader.drop('a.csv', 'id\n1\n')]);
  loaders.delete(loader.name);
  expect(await parked(loader, batch)).toMatchObject({ type: 'UnknownLoader', attempts: 1 });
  const handle = await loader.start(batch, uniqueName('parent'));
  const retry = await until(
    () => batchRetry(harness.client, handle.workflowId),
    (found) => found?.error.includes('UnknownLoader') === true,
  );
  expect(retry?.error).toContain('waits until the worker’s configuration is corrected (UnknownLoader)');
  loaders.set(loader.name, loader.definition);
  expect(await handle.result()).toMatchObject({ rows: 1 });
});

describe('files that do not fit', () => {
  test('park the batch with file, line, column, value and reason; once fixed, it can be retried', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const good = await loader.drop('a.csv', 'id\n1\n');
    const bad = await loader.drop('b.csv', 'place,id\nOslo,2\nRome,3x\n');
    const batch = await loader.writeBatch([good, bad]);
    const { type, message } = await parked(loader, batch);
    expect(type).toBe('LoadFailed');
    expect(message).toContain(`line 3 of s3://${bad.bucket}/${bad.key}, column id (integer), value '3x'`);
    expect(message).toContain(`nothing of batch ${batch} is in the warehouse`);
    expect(await loader.rows()).toEqual([]);
    expect(await loader.failure(batch)).toMatchObject({ code: 'LoadFailed', message });
    expect(await loader.isMarkedOpen(batch)).toBe(true);

    await harness.sql(`ALTER TABLE "${loader.schema}"."quakes" DROP COLUMN id`);
    await harness.sql(`ALTER TABLE "${loader.schema}"."quakes" ADD COLUMN id VARCHAR(10)`);
    expect(await loader.load(batch)).toMatchObject({ rows: 3 });
    expect((await loader.rows()).map(({ id }) => id)).toEqual(['1', '2', '3x']);
  });

  test('show no values with redactValues', async () => {
    const loader = define({ redactValues: true });
    await loader.createTable(QUAKES);
    const bad = await loader.drop('b.csv', 'place,id\nOslo,2\nRome,secret\n');
    const { message } = await parked(loader, await loader.writeBatch([bad]));
    expect(message).toContain(
      `line 3 of s3://${bad.bucket}/${bad.key}, column id (integer), a value of 6 bytes`,
    );
    expect(message).not.toContain('secret');
  });

  test.each([
    ['append', undefined],
    ['merge', MERGE],
  ])('park a number that would be rounded: %s', async (_, merge) => {
    const loader = define(merge === undefined ? {} : { merge });
    await loader.createTable(MERGED);
    const fits = await loader.drop('a.csv', 'id,mag,updated\n1,1.2300,1\n');
    const bad = await loader.drop('b.csv', 'id,mag,updated\n2,1.5,1\n3,1.239,1\n');
    const batch = await loader.writeBatch([fits, bad]);
    const { type, message } = await parked(loader, batch);
    expect(type).toBe('LoadFailed');
    expect(message).toContain(
      `line 3 of s3://${bad.bucket}/${bad.key}, column mag (decimal(4,2)), value '1.239'`,
    );
    expect(await loader.rows()).toEqual([]);
    expect(await loader.loadAll(fits)).toMatchObject({ rows: 1 });
    expect(await loader.rows()).toMatchObject([{ mag: '1.23' }]);
  });

  test.each([
    ['append', undefined],
    ['merge', MERGE],
  ])('park a NULL for a column that cannot hold it, at once: %s', async (_, merge) => {
    const loader = define(merge === undefined ? {} : { merge });
    await loader.createTable('id VARCHAR(20), place VARCHAR(64), mag INT NOT NULL, updated BIGINT');
    const bad = await loader.drop('a.csv', 'id,mag,updated\n1,5,1\n2,,1\n');
    const without = await loader.drop('b.csv', 'id,updated\n3,1\n');
    for (const [file, place] of [
      [bad, `line 3 of s3://${bad.bucket}/${bad.key}, column mag (int)`],
      [without, `s3://${without.bucket}/${without.key} has no column mag`],
    ] as const) {
      const batch = await loader.writeBatch([file]);
      const { type, message, attempts } = await parked(loader, batch);
      expect({ type, attempts }).toEqual({ type: 'LoadFailed', attempts: 1 });
      expect(message).toContain(place);
      expect(message).toContain('Column mag of the table is NOT NULL');
    }
    expect(await loader.rows()).toEqual([]);
  });

  test('park a replacement whose condition divides by zero', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable(MERGED);
    await loader.loadAll(await loader.drop('a.csv', 'id,updated\n1,0\n'));
    const file = await loader.drop('b.csv', 'id,updated\n2,1\n');
    const batch = await loader.writeBatch([file], { reason: 'replace', replace: '1 / updated = 1' });
    expect(await parked(loader, batch)).toMatchObject({
      ...{ type: 'LoadFailed', attempts: 1 },
      message: expect.stringContaining(
        'divides by zero, in the condition of its replacement, 1 / updated = 1',
      ),
    });
    expect(await loader.rows()).toHaveLength(1);
  });

  test('whose first line is a row are refused, because COPY would skip it', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const { type, message } = await parked(
      loader,
      await loader.writeBatch([await loader.drop('a.csv', '1,Oslo,2.5\n2,Rome,1\n')]),
    );
    expect(type).toBe('FileUnreadable');
    expect(message).toContain('set `format.header: false`');
  });

  test('without a column of the key are refused before COPY', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable(MERGED);
    const { type, message } = await parked(
      loader,
      await loader.writeBatch([await loader.drop('a.csv', 'place,updated\nOslo,1\n')]),
    );
    expect(type).toBe('FilesDrifted');
    expect(message).toContain('has no column id');
  });
});

describe('columns that the table does not have', () => {
  const FILE = 'depth,id,place\n12.5,1,Oslo\n';

  test('are left out and named', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const result = await loader.loadAll(await loader.drop('a.csv', FILE));
    expect(result.notes).toEqual(['Columns of files that the table does not have were left out: depth.']);
    expect(await loader.rows()).toEqual([{ id: '1', place: 'Oslo', mag: null }]);
  });

  test('are added before the load under `onDrift: evolve`, once, by any number of workflows', async () => {
    const loader = define({ onDrift: 'evolve' });
    await loader.createTable(QUAKES);
    const batch = await loader.writeBatch([await loader.drop('a.csv', FILE)]);
    const handles = await Promise.all([loader.start(batch), loader.start(batch)]);
    await Promise.all(handles.map((handle) => handle.result()));
    expect(await loader.rows()).toEqual([{ id: '1', place: 'Oslo', mag: null, depth: '12.5' }]);
    const closed = await loader.closed(batch);
    expect(closed).toMatchObject({ outcome: 'loaded', rows: 1 });
  });

  test.each([{ merge: { key: ['id'], newest: 'updated' } }, {}])(
    'are not added under `onDrift: evolve` if their names are reserved, and the table stays usable: %j',
    async (rule) => {
      const loader = define({ onDrift: 'evolve', ...rule });
      await loader.createTable('id VARCHAR(20), updated BIGINT, _tributary_x INT');
      const long = 'x'.repeat(128);
      const header = `id,_tributary_y,updated,_tributary_read,ctid,${long},_tributary_ignored_5,_tributary_x`;
      const { notes } = await loader.loadAll(await loader.drop('a.csv', `${header}\n1,a,2,b,c,d,e,7\n`));
      expect(notes).toEqual([
        'Columns of files were left out: _tributary_ignored_5 (not added: the name is reserved), ' +
          '_tributary_read (not added: the name is reserved), _tributary_y (not added: the name is reserved), ' +
          `ctid (not added: the name is reserved), ${long.slice(0, 126)}… (not added: the name is longer than 127 bytes).`,
      ]);
      await loader.loadAll(await loader.drop('b.csv', 'id,updated\n2,2\n'));
      expect(await loader.rows()).toEqual([
        { id: '1', updated: '2', _tributary_x: '7' },
        { id: '2', updated: '2', _tributary_x: null },
      ]);
    },
  );

  test('park the batch under `onDrift: stop`', async () => {
    const loader = define({ onDrift: 'stop' });
    await loader.createTable(QUAKES);
    const batch = await loader.writeBatch([await loader.drop('a.csv', FILE)]);
    expect(await parked(loader, batch)).toMatchObject({
      type: 'FilesDrifted',
      message: expect.stringContaining('depth'),
    });
    expect(await loader.rows()).toEqual([]);
  });
});

describe('a batch that merges', () => {
  test('keeps the newest row of each key, whatever the order of batches', async () => {
    const loader = define({ merge: { ...MERGE, deletes: { column: 'Op', values: ['D'] } } });
    await loader.createTable(MERGED);
    const newer = await loader.drop('2.csv', 'id,place,updated,Op\na,new,2,U\nb,gone,5,D\n');
    const older = await loader.drop('1.csv', 'id,place,updated\na,old,1\nb,late,4\nc,,1\n');
    expect(await loader.loadAll(newer)).toMatchObject({ rows: 2, merged: 1, deleted: 1 });
    expect(await loader.loadAll(older)).toMatchObject({ rows: 3, merged: 1, deleted: 0 });
    expect(await loader.rows()).toEqual([
      { id: 'a', place: 'new', mag: null, updated: '2' },
      { id: 'c', place: '', mag: null, updated: '1' },
    ]);
  });

  test('sets aside rows without a key, and finds their lines', async () => {
    const loader = define({ merge: MERGE, format: { nullText: '\\N' } });
    await loader.createTable(MERGED);
    const file = await loader.drop('1.csv', 'id,place,updated\na,x,1\n\\N,y,2\nb,z,\\N\n');
    const batch = await loader.writeBatch([file]);
    const result = await loader.load(batch);
    expect(result).toMatchObject({ rows: 3, merged: 1, setAside: 2 });
    expect(result.notes?.[0]).toContain('2 rows without key or newest set aside');
    expect(await loader.rows()).toMatchObject([{ id: 'a' }]);
    const found = [];
    const reading = {
      store: () => loader.store,
      loaders: { [loader.name]: loader.definition },
      columns: [],
      textColumns: new Set(['id', 'place']),
    };
    const gone = { ...file, key: `${file.key}.gone` };
    for await (const row of setAsideRows(reading, [file, gone], new AbortController().signal)) {
      found.push('why' in row ? row.why : [row.file.key, row.line, row.missing, row.values.get('place')]);
    }
    expect(found).toEqual([[file.key, 3, ['id'], 'y'], [file.key, 4, ['updated'], 'z'], 'gone']);
  });

  test('notes a file that was overwritten before it was read, and loads the newer version as another file', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable(MERGED);
    const before = await loader.drop('1.csv', 'id,updated\na,1\n');
    const after = await loader.drop('1.csv', 'id,updated\na,2\n');
    const batch = await loader.writeBatch([before]);
    expect(await loader.load(batch)).toMatchObject({ files: 0, rows: 0 });
    expect(await loader.closed(batch)).toMatchObject({ others: [{ outcome: 'overwritten' }] });
    expect(await loader.loadAll(after)).toMatchObject({ files: 1, rows: 1 });
    expect(await loader.rows()).toMatchObject([{ updated: '2' }]);
  });

  test('reports rows that are dated ahead, because nothing replaces them for a long time', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable('id VARCHAR(20), updated TIMESTAMP');
    const result = await loader.loadAll(
      await loader.drop('1.csv', 'id,updated\na,2099-01-01 00:00:00\nb,2020-01-01 00:00:00\n'),
    );
    expect(result.notes?.[0]).toContain('1 row of the table is dated more than a day ahead');
  });

  test('that replaces rows supersedes what waited before it', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable(MERGED);
    await loader.loadAll(await loader.drop('0.csv', 'id,place,updated\na,old,9\nb,old,9\nc,other,1\n'));
    const early = await loader.writeBatch([await loader.drop('1.csv', 'id,place,updated\nd,old,1\n')]);
    const replacing = await loader.writeBatch([await loader.drop('2.csv', 'id,place,updated\na,new,1\n')], {
      reason: 'replace',
      replace: "place = 'old'",
      supersedes: [early],
    });
    await loader.load(replacing);
    expect((await loader.rows()).map(({ id, place }) => [id, place])).toEqual([
      ['a', 'new'],
      ['c', 'other'],
    ]);
    expect(await loader.closed(early)).toMatchObject({ outcome: 'superseded', by: replacing });
    expect(await loader.load(early)).toMatchObject({ files: 0, rows: 0 });
    expect(await loader.rows()).toHaveLength(2);
  });

  test('that an operator skips is not loaded, whatever loads it at the same time', async () => {
    const loader = define();
    await loader.createTable(QUAKES);
    const batch = await loader.writeBatch([await loader.drop('a.csv', 'id\n1\n')]);
    await loader.skipFiles(batch);
    expect(await loader.load(batch)).toMatchObject({ files: 0, rows: 0 });
    expect(await loader.closed(batch)).toMatchObject({ outcome: 'skipped' });
    expect(await loader.rows()).toEqual([]);
    const loaded = await loader.writeBatch([await loader.drop('b.csv', 'id\n2\n')]);
    await loader.load(loaded);
    await expect(loader.skipFiles(loaded)).rejects.toThrow('is loaded, so it cannot be skipped');
  });
});

describe('the table of a loader', () => {
  const columns = { id: 'varchar(20)', updated: 'bigint' };

  /** What `loader check` finds about the table. */
  const tableCheck = async (loader: string) => {
    const { checks } = await harness.client.workflow.execute<typeof checkLoader>('checkLoader', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('check'),
      args: [{ loader }],
    });
    return checks.find(({ area, what }) => area === 'Redshift' && what === 'table');
  };

  test('is created with `create: true`', async () => {
    const loader = define({ merge: MERGE, target: { create: true, columns } });
    await harness.sql(`CREATE SCHEMA "${loader.schema}"`);
    expect(await loader.loadAll(await loader.drop('a.csv', 'id,updated\na,1\n'))).toMatchObject({
      merged: 1,
    });
    expect(await loader.rows()).toEqual([{ id: 'a', updated: '1' }]);
  });

  test('is not created again once it was dropped, until an operator creates and accepts it', async () => {
    const loader = define({ target: { create: true, columns } });
    await harness.sql(`CREATE SCHEMA "${loader.schema}"`);
    await loader.loadAll(await loader.drop('a.csv', 'id,updated\na,1\n'));
    await harness.sql(`DROP TABLE "${loader.schema}"."quakes"`);
    const batch = await loader.writeBatch([await loader.drop('b.csv', 'id,updated\nb,1\n')]);
    expect(await parked(loader, batch)).toMatchObject({
      type: 'TargetMissing',
      message: expect.stringContaining('so it does not create it again'),
    });
    expect(await tableCheck(loader.name)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('does not exist any more'),
    });
    await loader.createTable('id VARCHAR(20), updated BIGINT');
    await loader.acceptTable();
    expect(await loader.load(batch)).toMatchObject({ rows: 1 });
  });

  test('is missed if it does not exist', async () => {
    const loader = define();
    const batch = await loader.writeBatch([await loader.drop('a.csv', 'id\n1\n')]);
    expect(await parked(loader, batch)).toMatchObject({ type: 'TargetMissing' });
  });

  test('is refused if its deleted keys are remembered by another rule', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable('id VARCHAR(20), updated BIGINT');
    const tombstones = `"${loader.schema}"."${besideName('tombstones', loader.table)}"`;
    await harness.sql(`CREATE TABLE ${tombstones} (day DATE, _tributary_recorded_at TIMESTAMP)`);
    const batch = await loader.writeBatch([await loader.drop('a.csv', 'id,updated\n1,1\n')]);
    expect(await parked(loader, batch)).toMatchObject({
      type: 'TargetUnfit',
      message: expect.stringContaining('remembers deleted keys by day, but'),
    });
  });

  test('is refused if its key cannot be compared exactly', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable('id FLOAT, updated BIGINT');
    const batch = await loader.writeBatch([await loader.drop('a.csv', 'id,updated\n1,1\n')]);
    expect(await parked(loader, batch)).toMatchObject({
      type: 'TargetUnfit',
      message: expect.stringContaining('cannot be in merge.key'),
    });
  });

  test.each([
    [
      'dropped and created again',
      (name: string) => [`DROP TABLE ${name}`, `CREATE TABLE ${name} (id VARCHAR(20))`],
    ],
    [
      'replaced together with the tables beside it',
      (name: string, schema: string) => [
        `ALTER SCHEMA "${schema}" RENAME TO "${schema}_old"`,
        `CREATE SCHEMA "${schema}"`,
        `CREATE TABLE ${name} (id VARCHAR(20))`,
      ],
    ],
  ])('is not loaded into once it was %s, until an operator accepts it', async (_, replace) => {
    const loader = define();
    await loader.createTable('id VARCHAR(20)');
    await loader.loadAll(await loader.drop('a.csv', 'id\na\n'));
    await harness.sql(...replace(`"${loader.schema}"."quakes"`, loader.schema));
    const batch = await loader.writeBatch([await loader.drop('b.csv', 'id\nb\n')]);
    expect(await parked(loader, batch)).toMatchObject({ type: 'TargetRecreated' });
    expect(await tableCheck(loader.name)).toMatchObject({
      state: 'problem',
      whatToDo: expect.stringContaining(`tributary loader resume ${loader.name} --accept-table`),
    });
    expect(await loader.rows()).toEqual([]);
    await loader.acceptTable();
    expect(await tableCheck(loader.name)).toMatchObject({ state: 'ok' });
    expect(await loader.load(batch)).toMatchObject({ rows: 1 });
    expect(await loader.rows()).toEqual([{ id: 'b' }]);
  });
});
