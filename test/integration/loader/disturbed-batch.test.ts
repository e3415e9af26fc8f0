import { beforeEach, describe, expect, test } from '@jest/globals';
import { Transient } from '../../../src/clients/errors.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { parked, withLoaders } from './loader-harness.ts';

/** Called with the statements of each batch before they are submitted, and after; it may throw. */
interface Disturbance {
  before?: () => Promise<void>;
  after?: () => Promise<void>;
  /** How many have been submitted. */
  loads: number;
}

const disturbance: Disturbance = { loads: 0 };
beforeEach(() => {
  disturbance.loads = 0;
});
const isLoad = (statements: readonly string[]) =>
  statements.some((sql) => sql.startsWith('COPY "_tributary'));

function disturbed(real: WorkerDependencies): WorkerDependencies {
  return {
    ...real,
    warehouse: (target) => {
      const warehouse = real.warehouse(target);
      const submit: Warehouse['submit'] = async (statements, options) => {
        if (isLoad(statements)) {
          disturbance.loads++;
          await disturbance.before?.();
        }
        const id = await warehouse.submit(statements, options);
        if (isLoad(statements)) await disturbance.after?.();
        return id;
      };
      return { ...warehouse, submit };
    },
  };
}

const { define, harness } = withLoaders(disturbed);
const MERGE = { key: ['id'], newest: 'updated' };

/** Does something once. */
function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    isDone = true;
    await work();
  };
}

describe('a batch', () => {
  test('whose commit was never answered is not loaded again', async () => {
    const loader = define();
    await loader.createTable('id INT');
    const batch = await loader.writeBatch([await loader.drop('a.csv', 'id\n1\n')]);
    disturbance.after = once(async () => {
      throw new Transient('NetworkFailed', 'the response was lost');
    });
    expect(await loader.load(batch)).toMatchObject({ files: 1, rows: 1, merged: 1 });
    expect(await loader.rows()).toEqual([{ id: '1' }]);
    expect(disturbance.loads).toBe(1);
  });

  test('that another writer overtakes is planned again', async () => {
    const loader = define();
    await loader.createTable('id INT');
    await loader.loadAll(await loader.drop('a.csv', 'id\n1\n'));
    disturbance.before = once(() =>
      harness
        .sql(`UPDATE "${loader.schema}"."_tributary_lock__quakes" SET "version" = "version" + 1`)
        .then(() => {}),
    );
    expect(await loader.loadAll(await loader.drop('b.csv', 'id\n2\n'))).toMatchObject({ rows: 1 });
    expect(await loader.rows()).toHaveLength(2);
    // A failure that was there before the first look is submitted again: it could be an old one.
    expect(disturbance.loads).toBeGreaterThanOrEqual(3);
  });

  test('that merges names a file that was overwritten while it was read', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable('id VARCHAR(10), updated BIGINT');
    const file = await loader.drop('a.csv', 'id,updated\na,1\n');
    disturbance.before = once(() => loader.drop('a.csv', 'id,updated\na,2\n').then(() => {}));
    const batch = await loader.writeBatch([file]);
    const result = await loader.load(batch);
    expect(result.notes?.[0]).toContain('overwritten while they were read');
    expect(await loader.closed(batch)).toMatchObject({
      files: 1,
      others: [{ outcome: 'read while overwritten' }],
    });
  });

  test('that merges leaves out a file that is deleted before it is read', async () => {
    const loader = define({ merge: MERGE });
    await loader.createTable('id VARCHAR(10), updated BIGINT');
    const gone = await loader.drop('a.csv', 'id,updated\na,1\n');
    const kept = await loader.drop('b.csv', 'id,updated\nb,1\n');
    disturbance.before = once(() => loader.store.delete([gone.key]));
    const batch = await loader.writeBatch([gone, kept]);
    expect(await loader.load(batch)).toMatchObject({ files: 1, rows: 1 });
    expect(await loader.closed(batch)).toMatchObject({ others: [{ key: gone.key, outcome: 'gone' }] });
    expect(await loader.rows()).toMatchObject([{ id: 'b' }]);
  });

  test('that replaces rows replaces none if one of its files has changed', async () => {
    const loader = define();
    await loader.createTable('id INT');
    await loader.loadAll(await loader.drop('a.csv', 'id\n1\n'));
    const changed = await loader.drop('b.csv', 'id\n2\n');
    await loader.drop('b.csv', 'id\n22\n');
    const batch = await loader.writeBatch([changed, await loader.drop('c.csv', 'id\n3\n')], {
      reason: 'replace',
      replace: 'id > 0',
    });
    expect(await parked(loader, batch)).toMatchObject({
      type: 'FilesChanged',
      message: expect.stringContaining(`s3://${changed.bucket}/${changed.key}: overwritten`),
    });
    expect(await loader.rows()).toEqual([{ id: '1' }]);
  });

  test('of an append is not disturbed by files that are overwritten or deleted meanwhile', async () => {
    const loader = define();
    await loader.createTable('id INT');
    const file = await loader.drop('a.csv', 'id\n1\n');
    disturbance.before = once(() => loader.drop('a.csv', 'id\n1\n11\n').then(() => {}));
    expect(await loader.loadAll(file)).toMatchObject({ files: 1, rows: 1 });
    expect(await loader.rows()).toEqual([{ id: '1' }]);
  });
});

describe('a large batch', () => {
  test('is one transaction, however many files and kinds of headers it has', async () => {
    const names = ['id', 'a', 'b', 'c'];
    const orders = names.flatMap((one) =>
      names.flatMap((two) => names.flatMap((three) => [[...new Set([one, two, three])]])),
    );
    const loader = define();
    await loader.createTable('id INT, a INT, b INT, c INT');
    const files = await Promise.all(
      Array.from({ length: 250 }, (_, n) => {
        const columns = orders[n % orders.length]!;
        return loader.drop(`${n}.csv`, `${columns.join(',')}\n${columns.map(() => n).join(',')}\n`);
      }),
    );
    const batch = await loader.writeBatch(files, { batch: 100 });
    expect(await loader.load(batch)).toMatchObject({ files: 250, rows: 250, merged: 250 });
    const rows = await harness.sql(
      `SELECT COUNT(*) AS "rows", SUM(COALESCE(id, a, b, c)) AS "sum" FROM "${loader.schema}"."quakes"`,
    );
    expect(rows).toEqual([{ rows: 250, sum: (249 * 250) / 2 }]);
    expect(await loader.loadAll(...files)).toMatchObject({ files: 0 });
  });

  test('of files that the ledger may have forgotten loads none of them unasked', async () => {
    const loader = define({ ledgerDays: 30 });
    await loader.createTable('id INT');
    const old = { ...(await loader.drop('a.csv', 'id\n1\n')), at: '2020-01-01T00:00:00Z' };
    const result = await loader.loadAll(old);
    expect(result).toMatchObject({ files: 0, rows: 0 });
    expect(result.notes?.[0]).toContain('older than `ledgerDays`');
    const asked = await loader.writeBatch([old], { reason: 'bulk' });
    expect(await loader.load(asked)).toMatchObject({ files: 1, rows: 1 });
  });
});
