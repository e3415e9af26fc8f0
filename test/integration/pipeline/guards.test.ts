import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { copyManifestBody } from '../../../src/pipeline/copy-statement.ts';
import { loadStatements, planLoads } from '../../../src/pipeline/load-plan.ts';
import { Manifest } from '../../../src/pipeline/manifest.ts';
import { manifestKey } from '../../../src/pipeline/run-directory.ts';
import { Harness, uniqueName } from './harness.ts';

/** What two writers would do to each other, one after the other, so that nothing hangs on a race. */
describe('a load that is submitted twice', () => {
  let harness: Harness;
  const table = uniqueName('items');

  beforeAll(async () => {
    harness = await Harness.start();
    await createTable(harness.dynamodb, table);
    await loadItems(
      harness.dynamodb,
      table,
      Array.from({ length: 30 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
    await harness.startWorkers();
  });
  afterAll(() => harness?.close());

  /** A prepared run, and the statements that load its one table. */
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

  test('fails its guard the second time, and nothing is there twice', async () => {
    const { statements, rows } = await prepared();
    await harness.sql(...statements);
    expect(await rows()).toBe(30);
    await expect(harness.sql(...statements)).rejects.toThrow(/divide by zero|division by zero/i);
    expect(await rows()).toBe(30);
  });

  test('would double every row without its guards', async () => {
    const { statements, rows } = await prepared();
    const unguarded = statements.filter((sql) => !sql.includes('AS "guard"'));
    expect(unguarded).toHaveLength(statements.length - 2);
    await harness.sql(...unguarded);
    await harness.sql(...unguarded);
    expect(await rows()).toBe(60);
  });
});
