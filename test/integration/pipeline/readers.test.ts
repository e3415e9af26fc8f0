import { beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import type { z } from 'zod';
import { createControlActivities } from '../../../src/activities/index.ts';
import type { ControlActivities, OnStaging } from '../../../src/contract/refresh-activities.ts';
import { createLedger } from '../../../src/pipeline/load/ledger.ts';
import { createMarker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import type { Manifest } from '../../../src/pipeline/run/manifest.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import { manifestKey, planKey } from '../../../src/pipeline/run/run-directory.ts';
import { stagingName } from '../../../src/pipeline/staging/staging.ts';
import { testStack } from '../setup/stack.ts';
import type { TestPipeline } from './harness.ts';
import { withHarness } from './with-harness.ts';

const REPLACEMENTS = 100;

/** Orders and their lines, marked with the number of the run that wrote them. */
const ordersOf = (n: number) => 3 + (n % 5);
const linesOf = (n: number) => 1 + (n % 4);

describe('readers that join a table and its child in one statement, by themselves or in a bound view,', () => {
  const harness = withHarness();
  let live: TestPipeline;
  let activities: ControlActivities;

  beforeAll(async () => {
    // PostgreSQL looks up the tables of a statement one after another. A swap that commits within those few
    // microseconds would show the old table beside the new child: a few statements in a million here, because these
    // readers do nothing else. What Redshift does is not documented.
    live = harness.define('orders', { warehouse: { waitForReaders: true } });
    activities = createControlActivities(harness.dependencies);
  });

  /** A staging schema as the phases prepare, load and verify leave it. */
  async function stage(n: number): Promise<OnStaging> {
    const { pipeline, schema, definition } = live;
    const run = `run${n}`;
    const ref = { pipeline, run, bucket: definition.staging.bucket, prefix: definition.staging.prefix };
    const at = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    const manifest: z.input<typeof Manifest> = {
      ...{ version: 1, pipeline, run, extractedFrom: at, extractedTo: at, sealedAt: at, segments: 1 },
      ...{ key: [{ name: 'id', kind: 'N' }], items: 0, odd: 0, rejects: 0, rejectReasons: {}, bytes: 0 },
      tables: [],
    };
    const plan: z.input<typeof Plan> = {
      ...{ version: 1, pipeline, run, plannedAt: at, definition, segments: 1, layouts: [] },
      owner: { workflowId: 'w', firstExecutionRunId: 'f' },
      source: { tableName: 'orders', key: manifest.key, approximateItems: 0, approximateBytes: 0 },
    };
    await harness.store.put(planKey(ref), JSON.stringify(plan));
    await harness.store.put(manifestKey(ref), JSON.stringify(manifest));
    const stagingSchema = stagingName(schema, { run, generation: 1 });
    const orders = Array.from({ length: ordersOf(n) }, (_, id) => `(${id}, ${n}, ${linesOf(n)})`);
    const lines = orders.flatMap((_, id) =>
      Array.from({ length: linesOf(n) }, (_unused, pos) => `(${id}, ${pos}, ${n})`),
    );
    await harness.sql(
      `CREATE SCHEMA "${stagingSchema}"`,
      `CREATE TABLE "${stagingSchema}"."orders" ("id" INTEGER, "run" INTEGER, "lines__count" INTEGER)`,
      `CREATE TABLE "${stagingSchema}"."orders__lines" ("id" INTEGER, "_pos" INTEGER, "run" INTEGER)`,
      `INSERT INTO "${stagingSchema}"."orders" VALUES ${orders.join(', ')}`,
      `INSERT INTO "${stagingSchema}"."orders__lines" VALUES ${lines.join(', ')}`,
      createMarker(stagingSchema),
      createLedger(stagingSchema),
      ...writeMarker(stagingSchema, {
        pipeline,
        run,
        extractedFrom: at,
        tables: ['orders', 'orders__lines'],
      }),
    );
    return { ref, warehouse: definition.warehouse, stagingSchema };
  }

  async function replace(on: OnStaging): Promise<void> {
    const run = <T>(work: () => Promise<T>) => new MockActivityEnvironment().run(work);
    await run(() => activities.replaceLive({ ...on, older: false }));
    await run(() => activities.tidyWarehouse(on));
  }

  test('see only the old rows or only the new ones, and never an error, during a hundred replacements', async () => {
    await replace(await stage(0));
    const joined = `"${live.schema}".orders o JOIN "${live.schema}".orders__lines l ON l.id = o.id`;
    await harness.sql(
      `CREATE SCHEMA "${live.schema}_bi"`,
      `CREATE VIEW "${live.schema}_bi".lines AS SELECT o.id, o.run, l.run AS line_run FROM ${joined}`,
    );
    const of = (lineRun: string, from: string) =>
      `SELECT count(*)::int AS lines, count(DISTINCT o.id)::int AS orders, min(o.run)::int AS oldest, ` +
      `max(o.run)::int AS newest, min(${lineRun})::int AS "oldestLine", max(${lineRun})::int AS "newestLine" ` +
      `FROM ${from}`;
    const queries = [of('l.run', joined), of('o.line_run', `"${live.schema}_bi".lines o`)];
    let replacing = true;
    const read = async (query: string) => {
      const reader = new pg.Client({ connectionString: testStack().postgres.url });
      await reader.connect();
      const seen = new Set<number>();
      let last = 0;
      try {
        while (replacing) {
          const { rows } = await reader.query<Record<string, number>>(query);
          const n = rows[0]!.newest!;
          expect(rows).toEqual([
            {
              ...{ orders: ordersOf(n), lines: ordersOf(n) * linesOf(n) },
              ...{ oldest: n, newest: n, oldestLine: n, newestLine: n },
            },
          ]);
          expect(n).toBeGreaterThanOrEqual(last);
          last = n;
          seen.add(n);
        }
      } finally {
        await reader.end();
      }
      return seen;
    };
    const readers = queries.map(read);
    try {
      let staged = stage(1);
      for (let n = 1; n <= REPLACEMENTS; n++) {
        const next = await staged;
        staged = stage(n + 1);
        await Promise.all([replace(next), staged]);
      }
    } finally {
      replacing = false;
    }
    // Each reader ran all the time, and saw nearly every replacement.
    for (const seen of await Promise.all(readers)) expect(seen.size).toBeGreaterThan(REPLACEMENTS / 2);
  }, 900_000);
});
