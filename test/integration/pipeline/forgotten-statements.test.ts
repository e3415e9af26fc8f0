import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../../src/clients/redshift/redshift-data-warehouse.ts';
import type { SubmitOptions, Warehouse } from '../../../src/clients/warehouse.ts';
import { hasEnded } from '../../../src/clients/warehouse.ts';
import { LEDGER_TABLE } from '../../../src/pipeline/sql/system-tables.ts';
import { OwnServer } from '../redshift-data-api/own-server.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

/** The Data API remembers a client token for eight hours, and a statement with its results for a day. */
const TOKEN_SECONDS = 8 * 3600 + 1;
const RESULT_SECONDS = 24 * 3600 + 1;

/**
 * Workers that lose hours between two calls. They use the product's client on a Redshift of their own, whose clock
 * the tests advance: it is the service that forgets.
 */
describe('a statement that the Data API has forgotten', () => {
  const harness = withHarness();
  let redshift: OwnServer;
  let warehouse: Warehouse;
  /** Shows the test how statements end, without the workers' client knowing. */
  let onlooker: Warehouse;
  const table = uniqueName('items');
  const items = Array.from({ length: 30 }, (_, i) => ({
    pk: { S: `p${i}` },
    sk: { S: 's' },
    list: { L: [{ N: `${i}` }, { N: '1' }] },
  }));

  beforeAll(async () => {
    // A statement that runs while the clock advances must not be ended because of its age.
    redshift = await OwnServer.start({ statementSeconds: 365 * 24 * 3600 });
    const client = redshiftDataClient({ endpoint: redshift.endpoint });
    const target = { workgroup: 'local', database: 'dev' };
    warehouse = createRedshiftDataWarehouse({ client, target });
    onlooker = createRedshiftDataWarehouse({ client, target });
    await harness.createTable(table, items);
  });
  afterAll(async () => {
    await redshift?.stop();
  });

  const laterBy = (seconds: number) => redshift.control('POST', 'clock', { advanceSeconds: seconds });
  const one = async (what: string) => Number((await redshift.client.rows(`SELECT ${what}`))[0]![0]);

  async function ended(id: string) {
    for (;;) {
      const state = await onlooker.describe(id, { waitSeconds: 20 });
      if (hasEnded(state)) return state;
    }
  }

  /** Runs a pipeline twice, the second time over its own result, with a warehouse changed by `change`. */
  async function runTwice(change: Partial<Warehouse>): Promise<string> {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const dependencies: Dependencies = {
      ...harness.dependencies,
      warehouse: () => ({ ...warehouse, ...change }),
    };
    const stop = await harness.startWorkers(dependencies);
    try {
      for (const run of ['first', 'second']) {
        const result = await (await harness.start({ pipeline, run })).result();
        expect(result).toMatchObject({ status: 'replaced', run, items: 30 });
      }
    } finally {
      await stop();
    }
    expect(await one(`count(*) FROM "${schema}"."${table}"`)).toBe(30);
    expect(await one(`count(*) FROM "${schema}"."${table}__list"`)).toBe(60);
    expect(await one(`sum("rows") FROM "${schema}"."${LEDGER_TABLE}"`)).toBe(90);
    return schema;
  }

  /** Runs a pipeline whose statements are each, once, more than a day old when the worker asks for them. */
  async function sleepADay(which: (name: string) => boolean) {
    const asleepOver = new Map<string, string>();
    const slept: string[] = [];
    const ends: string[] = [];
    const seen = new Set<string>();
    await runTwice({
      async submit(statements, options) {
        const id = await warehouse.submit(statements, options);
        const sql = statements.join(';');
        if (which(options.name) && !seen.has(sql)) asleepOver.set(id, options.name);
        seen.add(sql);
        return id;
      },
      async describe(id, options) {
        const name = asleepOver.get(id);
        if (name !== undefined && asleepOver.delete(id)) {
          slept.push(name);
          ends.push((await ended(id)).status);
          await laterBy(RESULT_SECONDS);
        }
        return warehouse.describe(id, options);
      },
    });
    return { slept, ends };
  }

  test('that loaded while its worker slept for a day does not load twice', async () => {
    const { slept, ends } = await sleepADay((name) => name.startsWith('tributary load'));
    expect(slept).toHaveLength(4);
    expect(new Set(ends)).toEqual(new Set(['FINISHED']));
  });

  test('that failed while its worker slept for a day is run again', async () => {
    // Not the COPY that tests the role, which uses a separate table.
    await redshift.fault({ kind: 'out-of-memory', sql: 'COPY "s_', count: 2 });
    const { slept, ends } = await sleepADay((name) => name.startsWith('tributary load'));
    expect(slept).toHaveLength(4);
    expect(ends).toContain('FAILED');
  });

  test('does no harm, whichever statement of a run it is', async () => {
    const { slept } = await sleepADay((name) => !name.startsWith('tributary load'));
    const steps = ['prepare', 'ledger', 'verify', 'analyze', 'replace', 'marker', 'look at'];
    for (const step of steps) expect(slept.some((name) => name.startsWith(`tributary ${step}`))).toBe(true);
  });

  test('is asked again if its result was forgotten before it was read', async () => {
    const names = new Map<string, string>();
    const forgotten = new Set<string>();
    await runTwice({
      async submit(statements, options) {
        const id = await warehouse.submit(statements, options);
        names.set(id, options.name);
        return id;
      },
      async rows(id, n, options) {
        const name = names.get(id)!;
        if (!forgotten.has(name)) {
          forgotten.add(name);
          await laterBy(RESULT_SECONDS);
        }
        return warehouse.rows(id, n, options);
      },
    });
    expect([...forgotten].filter((name) => name.startsWith('tributary verify'))).toHaveLength(4);
  });

  test('changes nothing when it runs again because its token was forgotten', async () => {
    const ends: {
      name: string;
      sql: string;
      first: string;
      again: string;
      status: string;
      error: string | undefined;
    }[] = [];
    // Like an attempt that took over, and knows only what was known before the other one submitted.
    const submitTwice = async (statements: readonly string[], options: SubmitOptions) => {
      const first = await warehouse.submit(statements, options);
      await ended(first);
      await laterBy(TOKEN_SECONDS);
      const again = await warehouse.submit(statements, options);
      const state = await ended(again);
      const error = 'error' in state ? state.error : undefined;
      ends.push({ name: options.name, sql: statements.join(';'), first, again, status: state.status, error });
      return again;
    };
    await runTwice({ submit: submitTwice });
    for (const { first, again } of ends) expect(again).not.toBe(first);
    const failed = ends.filter(({ status }) => status !== 'FINISHED');
    // Guards stop what must not run twice; the rest may.
    for (const { error } of failed) expect(error).toMatch(/divi[ds]|does not exist/i);
    // A failure found at the first look is retried, and stopped again: each counts once.
    const guarded = (step: string) =>
      new Set(failed.filter(({ name }) => name.startsWith(`tributary ${step}`)).map(({ sql }) => sql)).size;
    expect({ loads: guarded('load'), replacements: guarded('replace') }).toEqual({
      loads: 4,
      replacements: 2,
    });
  });
});
