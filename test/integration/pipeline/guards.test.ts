import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { copyManifestBody } from '../../../src/pipeline/load/copy-statement.ts';
import { loadStatements, planLoads } from '../../../src/pipeline/load/load-plan.ts';
import { markerOf, readMarker } from '../../../src/pipeline/load/marker.ts';
import {
  type LiveStateRows,
  liveStateOf,
  liveStateQueries,
} from '../../../src/pipeline/replace/live-state.ts';
import { planReplacement } from '../../../src/pipeline/replace/replace-plan.ts';
import { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { manifestKey } from '../../../src/pipeline/run/run-directory.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const isGuard = (sql: string) => sql.includes('AS "guard"');

/** What two writers would do to each other, in a fixed order, so that no test depends on a race. */
describe('a load that is submitted twice', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 30 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
    await harness.startWorkers();
  });

  /** A prepared run, and the statements that load its only table. */
  async function prepared() {
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 1 } });
    const { run } = await (await harness.start({ pipeline, to: 'prepare' })).result();
    const { bucket, prefix, compression } = definition.staging;
    const object = await harness.store.get(manifestKey({ prefix, pipeline, run }));
    const manifest = Manifest.parse(JSON.parse(Buffer.from(object!.body).toString('utf8')));
    const stagingSchema = `${schema}__${run}_1`;
    const target = { stagingSchema, run, bucket, compression, iamRole: definition.warehouse.iamRole };
    const plan = planLoads(manifest.tables[0]!, { files: [], rows: 0 }, target);
    if (plan.kind !== 'loads') throw new Error(plan.reason);
    const [load] = plan.loads;
    const key = `${prefix}/${pipeline}/runs/${run}/copy/by-hand-${randomBytes(4).toString('hex')}.manifest`;
    await harness.store.put(key, copyManifestBody(bucket, load!.files));
    const rows = async () => (await harness.rowsOf(stagingSchema, table)).length;
    return { statements: loadStatements(load!, target, key), rows };
  }

  test('fails its guard the second time, and no row is duplicated', async () => {
    const { statements, rows } = await prepared();
    await harness.sql(...statements);
    expect(await rows()).toBe(30);
    await expect(harness.sql(...statements)).rejects.toThrow(/divide by zero|division by zero/i);
    expect(await rows()).toBe(30);
  });

  test('would double every row without its guards', async () => {
    const { statements, rows } = await prepared();
    const unguarded = statements.filter((sql) => !isGuard(sql));
    expect(unguarded).toHaveLength(statements.length - 2);
    await harness.sql(...unguarded);
    await harness.sql(...unguarded);
    expect(await rows()).toBe(60);
  });
});

describe("an older run's replacement that arrives after a newer one's", () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'p' }, sk: { S: 's' } }]);
    await harness.startWorkers();
  });

  /** A live run, the replacement of an older one planned against it, and a newer one that is live since. */
  async function overtaken() {
    // Without a backup, only the guards stop the older run.
    const { pipeline, schema } = harness.define(table, {
      source: { segments: 1 },
      warehouse: { keepBackups: 0 },
    });
    await (await harness.start({ pipeline })).result();
    const { run: older } = await (await harness.start({ pipeline, to: 'verify' })).result();
    const stagingSchema = `${schema}__${older}_1`;
    const queries = liveStateQueries(schema);
    const rows: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(queries)) rows[name] = await harness.sql(sql);
    const markerOfSchema = async (name: string) => markerOf(await harness.sql(readMarker(name)));
    const plan = planReplacement({
      schema,
      stagingSchema,
      marker: (await markerOfSchema(stagingSchema))!,
      live: liveStateOf(rows as LiveStateRows, await markerOfSchema(schema)),
    });
    if (plan.kind !== 'swap') throw new Error(`planned ${plan.kind}`);
    const { run: newer } = await (await harness.start({ pipeline })).result();
    const liveRun = async () => (await markerOfSchema(schema))?.run;
    expect(await liveRun()).toBe(newer);
    return { older, newer, statements: plan.statements, liveRun };
  }

  test('fails its guard, and the newer one stays live', async () => {
    const { newer, statements, liveRun } = await overtaken();
    await expect(harness.sql(...statements)).rejects.toThrow(/divide by zero|division by zero/i);
    expect(await liveRun()).toBe(newer);
  });

  test('would put the older data live without its guards', async () => {
    const { older, statements, liveRun } = await overtaken();
    await harness.sql(...statements.filter((sql) => !isGuard(sql)));
    expect(await liveRun()).toBe(older);
  });
});
