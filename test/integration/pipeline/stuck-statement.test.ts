import { beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { StatementSlots } from '../../../src/clients/statement-slots.ts';
import { testStack } from '../setup/stack.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { untilProgressNames, untilStatusNames } from './until-delayed.ts';
import { withHarness } from './with-harness.ts';

const withoutLocks = (sql: string) => sql.replaceAll('svv_transactions', 'not_for_this_user');

describe('a blocked statement', () => {
  const harness = withHarness();
  /** What the warehouse makes of a statement, e.g. if it refuses to show who blocks one. */
  let received = (sql: string) => sql;
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(table, [
      { pk: { S: 'a' }, sk: { S: 'b' }, list: { L: [{ N: '1' }, { N: '2' }] } },
    ]);
    // One slot: queries about the statement in it bypass the slots.
    const slots = new StatementSlots(() => 1);
    await harness.startWorkers({
      ...harness.dependencies,
      warehouse(target) {
        const real = harness.dependencies.warehouse(target);
        return {
          ...real,
          slots,
          submit: (statements, options) => real.submit(statements.map(received), options),
        };
      },
    });
  });

  /** A user who began a transaction, read a table and went to lunch. */
  async function atLunch(relation: string): Promise<pg.Client> {
    const blocker = new pg.Client({ connectionString: testStack().postgres.url });
    blocker.on('error', () => {});
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE ${relation} IN ACCESS SHARE MODE`);
    return blocker;
  }

  /** From their next retry, loads of this pipeline have enough time even on a slow machine. */
  function loadsHaveTime({ pipeline, definition }: TestPipeline): void {
    const { warehouse } = definition;
    const timeLimits = { ...warehouse.timeLimits, loadSeconds: 120 };
    harness.definitions.set(pipeline, { ...definition, warehouse: { ...warehouse, timeLimits } });
  }

  test('is cancelled at its time limit, and the failure names the blocker', async () => {
    const held = harness.define(table, { warehouse: { timeLimits: { loadSeconds: 5 } } });
    const { pipeline, schema } = held;
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const blocker = await atLunch(`"${schema}__held_1"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    const parked = await until(
      () => handle.query<{ state: string; load: { unfinished: { error: string }[] } }>('progress'),
      (progress) => progress.state === 'waiting',
    );
    expect(parked.load.unfinished[0]?.error).toMatch(
      new RegExp(
        `^\\S.* did not end in time\\. Blocked by pid \\d+ of .* has held AccessShareLock on ${schema}__held_1.${table} for up to.*took longer than 5 s, 3 times`,
      ),
    );
    const running = await harness.sql(
      `SELECT count(*) AS n FROM sys_query_history WHERE status = 'running' AND query_text LIKE 'COPY "${schema}__held_1%'`,
    );
    expect(running).toEqual([{ n: 0 }]);
    await blocker.end();
    loadsHaveTime(held);
    await handle.executeUpdate('retryTable', { args: [table] });
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('says in the heartbeat, the status and the current details what blocks it, long before its time limit', async () => {
    const { pipeline, schema } = harness.define(table);
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const relation = `${schema}__held_1.${table}`;
    const blocker = await atLunch(`"${schema}__held_1"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    const blocked = new RegExp(
      `^Blocked by pid \\d+ of .* has held AccessShareLock on ${relation} for up to .*SELECT pg_terminate_backend\\(\\d+\\)`,
    );
    const delay = { step: `table ${table}`, why: blocked };
    await untilStatusNames(harness.client, handle.workflowId, delay);
    await untilProgressNames(handle, delay);
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('is cancelled at its time limit even if the blocker cannot be looked up', async () => {
    const held = harness.define(table, { warehouse: { timeLimits: { loadSeconds: 5 } } });
    const { pipeline, schema } = held;
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const blocker = await atLunch(`"${schema}__held_1"."${table}"`);
    received = withoutLocks;
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    const parked = await until(
      () => handle.query<{ state: string; load: { unfinished: { error: string }[] } }>('progress'),
      (progress) => progress.state === 'waiting',
    );
    received = (sql) => sql;
    expect(parked.load.unfinished[0]?.error).toMatch(
      /Could not find out what blocks it: .*not_for_this_user.*took longer than 5 s, 3 times/,
    );
    await blocker.end();
    loadsHaveTime(held);
    await handle.executeUpdate('retryTable', { args: [table] });
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('has the current time limit when it is retried', async () => {
    const held = harness.define(table, { warehouse: { timeLimits: { loadSeconds: 1 } } });
    const { pipeline, schema, definition } = held;
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const blocker = await atLunch(`"${schema}__held_1"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    const parkedWith = (words: RegExp) =>
      until(
        () => handle.query<{ state: string; load: { unfinished: { error?: string }[] } }>('progress'),
        ({ state, load }) => state === 'waiting' && words.test(load.unfinished[0]?.error ?? ''),
      );
    await parkedWith(/took longer than 1 s/);
    const { warehouse } = definition;
    const timeLimits = { ...warehouse.timeLimits, loadSeconds: 2 };
    harness.definitions.set(pipeline, { ...definition, warehouse: { ...warehouse, timeLimits } });
    await handle.executeUpdate('retryTable');
    await parkedWith(/took longer than 2 s/);
    await blocker.end();
    loadsHaveTime(held);
    await handle.executeUpdate('retryTable');
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('is cancelled at its time limit even if another one waits for its slot', async () => {
    const held = harness.define(table, { warehouse: { timeLimits: { loadSeconds: 5 } } });
    const { pipeline, schema } = held;
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const blockers = await Promise.all(
      [table, `${table}__list`].map((each) => atLunch(`"${schema}__held_1"."${each}"`)),
    );
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    const parked = await until(
      () => handle.query<{ state: string; load: { unfinished: { error: string }[] } }>('progress'),
      (progress) => progress.state === 'waiting' && progress.load.unfinished.length === 2,
    );
    for (const { error } of parked.load.unfinished)
      expect(error).toMatch(/Blocked by pid.*took longer than 5 s, 3 times/);
    await Promise.all(blockers.map((blocker) => blocker.end()));
    loadsHaveTime(held);
    await handle.executeUpdate('retryTable');
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('continues when its blocker is terminated, if the definition allows that for its user', async () => {
    const { pipeline, schema } = harness.define(table, {
      // The only user of the local Redshift.
      warehouse: { timeLimits: { loadSeconds: 10 }, terminateBlockers: ['admin'] },
    });
    await (await harness.start({ pipeline, run: 'held', to: 'prepare' })).result();
    const blocker = await atLunch(`"${schema}__held_1"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'held', from: 'load' });
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
    await expect(blocker.query('SELECT 1')).rejects.toThrow('not queryable');
  });

  test('is left for later if it only tidies up: the run ends, and says which backup stayed and why', async () => {
    const { pipeline, schema } = harness.define(table, {
      warehouse: { timeLimits: { replaceSeconds: 10 }, keepBackups: 0, waitForReadersSeconds: 0 },
    });
    await (await harness.start({ pipeline, run: 'first' })).result();
    const blocker = await atLunch(`"${schema}"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'second' });
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
    expect(await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`)).toEqual([{ run: 'second' }]);
    const { events } = await handle.fetchHistory();
    const tidied = events?.findLast(({ activityTaskScheduledEventAttributes: scheduled }) => {
      return scheduled?.activityType?.name === 'tidyWarehouse';
    });
    const { result } =
      events?.find(({ activityTaskCompletedEventAttributes: completed }) => {
        return completed?.scheduledEventId?.toString() === tidied?.eventId?.toString();
      })?.activityTaskCompletedEventAttributes ?? {};
    const { dropped, refused } = JSON.parse(Buffer.from(result?.payloads?.[0]?.data ?? []).toString('utf8'));
    expect(dropped).toEqual([]);
    expect(refused).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${schema}__first_backup: .*pid \\d+ of .* has held AccessShareLock on .*took longer than 10 s, 3 times.*` +
            'The limit is warehouse.timeLimits.replaceSeconds',
        ),
      ),
    ]);
    await blocker.end();
  });

  test('that cannot be run after the swap fails the run, which says that live holds the new data and what is left', async () => {
    const { pipeline, schema } = harness.define(table);
    await harness.runToEnd({ pipeline, run: 'first' });
    const unread = (sql: string) =>
      sql.replace('__first_backup"."_tributary_marker"', '__first_backup"."none"');
    received = unread;
    const failed = await harness.start({ pipeline, run: 'second' });
    await expect(failed.result()).rejects.toMatchObject({
      cause: {
        type: 'CleanUpFailed',
        message: expect.stringMatching(
          new RegExp(
            `^Failed after replace: Live schema ${schema} holds the new data of run second\\. .*left: backups .*none.*` +
              'Fix the cause, then run: `tributary run .* --from replace',
            's',
          ),
        ),
      },
    });
    received = (sql) => sql;
    expect(await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`)).toEqual([{ run: 'second' }]);
    const repeated = await harness.start({ pipeline, run: 'second', from: 'replace' });
    expect(await repeated.result()).toMatchObject({ status: 'replaced' });
  });

  /** How many transactions wait for a lock on a relation of this name. */
  const waiting = (relation: string) =>
    harness.sql(
      `SELECT count(*) AS n FROM svv_transactions t JOIN pg_class c ON c.oid = t.relation ` +
        `WHERE c.relname = '${relation}' AND NOT t.granted`,
    );
  const untilQueued = (relation: string) =>
    until(
      () => waiting(relation),
      ([row]) => row?.n !== 0,
    );
  const notesOf = async (pipeline: string, run: string) => {
    const found = await harness.store.get(`test-runs/${pipeline}/runs/${run}/report.json`);
    return (JSON.parse(Buffer.from(found!.body).toString()) as { notes: string[] }).notes;
  };

  test('by a reader of live is given up in time for new readers; in the end the swap needs no lock, and says so', async () => {
    const { pipeline, schema } = harness.define(table, {
      // Three tries of two seconds and their pauses have room in it.
      warehouse: { waitForReadersSeconds: 2, timeLimits: { replaceSeconds: 120 } },
    });
    await harness.runToEnd({ pipeline, run: 'first' });
    const blocker = await atLunch(`"${schema}"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'second' });
    await untilQueued(table);
    // Waits behind the swap, which waits for the reader at lunch, who stays there.
    const late = new pg.Client({ connectionString: testStack().postgres.url });
    await late.connect();
    const { rows } = await late.query(
      `SELECT m.run, count(*)::int AS n FROM "${schema}"."${table}" t, "${schema}"."_tributary_marker" m GROUP BY m.run`,
    );
    expect(rows).toEqual([{ run: expect.stringMatching(/^(?:first|second)$/), n: 1 }]);
    await late.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
    const notes = await notesOf(pipeline, 'second');
    expect(notes).toEqual([
      expect.stringMatching(
        /replaced without a lock.*3 tries of 2 s \(waitForReadersSeconds\).*Blocked by pid \d+ of .* has held AccessShareLock/,
      ),
    ]);
    // Another session may have that pid when the report is read.
    expect(notes[0]).not.toContain('pg_terminate_backend');
    expect(await waiting(table)).toEqual([{ n: 0 }]);
    expect(await harness.sql(`SELECT run FROM "${schema}"."_tributary_marker"`)).toEqual([{ run: 'second' }]);
    await blocker.end();
  });

  test('by a reader of live says in the status whom it waits for, in a try and in the pause after it', async () => {
    const { pipeline, schema } = harness.define(table, { warehouse: { waitForReadersSeconds: 15 } });
    await harness.runToEnd({ pipeline, run: 'first' });
    const blocker = await atLunch(`"${schema}"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'second' });
    for (const when of ['try', 'a pause after try']) {
      const why = new RegExp(
        `^the swap of ${schema} waits for readers of its tables or bound views: ${when} \\d of 3\\. At .*Z: ` +
          `Blocked by pid \\d+ of .* has held AccessShareLock on ${schema}\\.${table} .*SELECT pg_terminate_backend`,
      );
      await untilStatusNames(harness.client, handle.workflowId, { step: 'replace', why });
    }
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
  });

  test('by a reader who is done in time is waited for, and the report has nothing to say', async () => {
    const { pipeline, schema } = harness.define(table, { warehouse: { waitForReadersSeconds: 600 } });
    await harness.runToEnd({ pipeline, run: 'first' });
    const blocker = await atLunch(`"${schema}"."${table}"`);
    const handle = await harness.start({ pipeline, run: 'second' });
    await untilQueued(table);
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
    expect(await notesOf(pipeline, 'second')).toEqual([]);
  });

  test('by a reader of a bound view is tried again until the reader is done: the view cannot stay', async () => {
    const { pipeline, schema } = harness.define(table, { warehouse: { waitForReadersSeconds: 1 } });
    await harness.runToEnd({ pipeline, run: 'first' });
    const view = uniqueName('view');
    await harness.sql(`CREATE VIEW public.${view} AS SELECT pk FROM "${schema}"."${table}"`);
    const blocker = await atLunch(`public.${view}`);
    const handle = await harness.start({ pipeline, run: 'second' });
    await until(
      () =>
        harness.sql(`SELECT count(*) AS n FROM sys_query_history WHERE query_text LIKE 'DROP VIEW%${view}%'`),
      ([row]) => Number(row?.n) > 3,
    );
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1 });
    expect(await harness.sql(`SELECT pk FROM public.${view}`)).toEqual([{ pk: 'a' }]);
    expect(await notesOf(pipeline, 'second')).toContain(
      `Bound views that the swap recreated: public.${view}.`,
    );
    await harness.sql(`DROP VIEW public.${view}`);
  });

  test('by a reader of a bound view never keeps new readers waiting, even if the swap is not to wait; in the end it fails', async () => {
    const { pipeline, schema } = harness.define(table, {
      warehouse: { waitForReadersSeconds: 0, timeLimits: { replaceSeconds: 20 } },
    });
    await harness.runToEnd({ pipeline, run: 'first' });
    const view = uniqueName('view');
    await harness.sql(`CREATE VIEW public.${view} AS SELECT pk FROM "${schema}"."${table}"`);
    const blocker = await atLunch(`public.${view}`);
    const handle = await harness.start({ pipeline, run: 'second' });
    await untilQueued(view);
    // Waits behind the swap, but not until it ends.
    const late = new pg.Client({ connectionString: testStack().postgres.url });
    await late.connect();
    expect((await late.query(`SELECT pk FROM public.${view}`)).rows).toEqual([{ pk: 'a' }]);
    await late.end();
    expect((await handle.describe()).status.name).toBe('RUNNING');
    const failure = await handle.result().then(
      () => '',
      (error: Error) => messages(error),
    );
    expect(failure).toMatch(
      /could not be locked within 2 s, (?:once|\d times)\. Blocked by pid \d+ of .* has held AccessShareLock on public\..*Nothing was replaced/,
    );
    await blocker.end();
    expect(await harness.sql(`SELECT run FROM "${schema}"."_tributary_marker"`)).toEqual([{ run: 'first' }]);
    await harness.sql(`DROP VIEW public.${view}`);
  });
});

/** The messages of an error and its causes. */
function messages({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} ${messages(cause)}` : message;
}
