import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { z } from 'zod';
import { createControlActivities } from '../../../src/activities/index.ts';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { OnStaging } from '../../../src/contract/refresh-activities.ts';
import { createMarker, readMarker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import { dropSchema } from '../../../src/pipeline/replace/backups.ts';
import type { Manifest } from '../../../src/pipeline/run/manifest.ts';
import { manifestKey } from '../../../src/pipeline/run/run-directory.ts';
import { batches } from '../../../src/pipeline/sql/batches.ts';
import { backupName, stagingName } from '../../../src/pipeline/staging/staging.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

const day = (n: number) => new Date(Date.UTC(2026, 10, n)).toISOString();

describe('after a replacement', () => {
  const harness = withHarness();

  /** A schema as a run leaves it, with tables t00, t01, …: live, a backup or staging, depending on its name. */
  async function made(name: string, marker: { pipeline: string; run: string; on: number }, tables = 1) {
    const names = Array.from({ length: tables }, (_, i) => `t${String(i).padStart(2, '0')}`);
    const { pipeline, run, on } = marker;
    const statements = [
      `CREATE SCHEMA "${name}"`,
      ...names.map((table) => `CREATE TABLE "${name}"."${table}" ("id" INTEGER)`),
      createMarker(name),
      ...writeMarker(name, { pipeline, run, extractedFrom: day(on), tables: names }),
    ];
    for (const some of batches(statements)) await harness.sql(...some);
  }

  /** Run r2 is live, run r1 its backup. */
  async function replaced(tablesOfBackup: number): Promise<TestPipeline & OnStaging & { backup: string }> {
    const defined = harness.define('unread', { warehouse: { keepBackups: 0 } });
    const { pipeline, schema, definition } = defined;
    const backup = backupName(schema, 'r1', []);
    await made(schema, { pipeline, run: 'r2', on: 2 });
    await made(backup, { pipeline, run: 'r1', on: 1 }, tablesOfBackup);
    const { bucket, prefix } = definition.staging;
    const ref = { pipeline, run: 'r2', bucket, prefix };
    const manifest: z.input<typeof Manifest> = {
      ...{ version: 1, pipeline, run: 'r2', segments: 1 },
      ...{ extractedFrom: day(2), extractedTo: day(2), sealedAt: day(2) },
      ...{ key: [{ name: 'id', kind: 'N' }], items: 0, odd: 0, rejects: 0, rejectReasons: {}, bytes: 0 },
      tables: [],
    };
    await harness.store.put(manifestKey(ref), JSON.stringify(manifest));
    const stagingSchema = stagingName(schema, { run: 'r2', generation: 1 });
    return { ...defined, ref, warehouse: definition.warehouse, stagingSchema, backup };
  }

  const tidy = ({ ref, warehouse, stagingSchema }: OnStaging, deps: Dependencies = harness.dependencies) =>
    new MockActivityEnvironment().run(() =>
      createControlActivities(deps).tidyWarehouse({ ref, warehouse, stagingSchema }),
    );
  const countOf = async (schema: string) => {
    const [row] = await harness.sql(
      `SELECT count(*) AS n FROM svv_tables WHERE table_schema = '${schema}' AND table_type = 'BASE TABLE'`,
    );
    return Number(row?.n);
  };

  test('a backup that a view reads stays whole, with its marker, and is dropped once the view is gone', async () => {
    const on = await replaced(40);
    const view = `"${on.schema}_view"`;
    await harness.sql(`CREATE VIEW ${view} AS SELECT * FROM "${on.backup}"."t39"`);
    expect(await tidy(on)).toEqual({ dropped: [], refused: [expect.stringContaining(on.backup)] });
    expect(await countOf(on.backup)).toBe(41);

    await harness.sql(`DROP VIEW ${view}`);
    expect(await tidy(on)).toEqual({ dropped: [on.backup], refused: [] });
    expect(await countOf(on.backup)).toBe(0);
  });

  test("staging that belongs to another pipeline's run of the same name is neither overwritten nor dropped", async () => {
    const on = await replaced(0);
    const { ref, warehouse, stagingSchema } = on;
    const own = stagingName(on.schema, { run: 'r2', generation: 2 });
    const refusal = {
      type: 'StagingForeign',
      message: expect.stringContaining('belongs to the other, which'),
    };
    await made(stagingSchema, { pipeline: 'the other', run: 'r2', on: 2 });
    await made(own, { pipeline: ref.pipeline, run: 'r2', on: 2 });
    const activities = createControlActivities(harness.dependencies);
    const run = (work: () => Promise<unknown>) => new MockActivityEnvironment().run(work);
    await expect(run(() => activities.nextStaging({ ref, warehouse }))).rejects.toMatchObject(refusal);
    const over = { ref, warehouse, stagingSchema };
    await expect(run(() => activities.createStaging(over))).rejects.toMatchObject(refusal);

    const { dropped } = (await tidy(on)) as { dropped: string[] };
    expect(dropped.toSorted()).toEqual([on.backup, own].toSorted());
    const [marker] = await harness.sql(readMarker(stagingSchema));
    expect(marker).toMatchObject({ pipeline: 'the other' });
  });

  test('if two pipelines prepare one schema at once, one of them is refused', async () => {
    const staging = uniqueName('staging');
    const mark = (pipeline: string) =>
      harness.sql(...writeMarker(staging, { pipeline, run: 'r', extractedFrom: day(1) }));
    await harness.sql(`CREATE SCHEMA "${staging}"`, createMarker(staging));
    await mark('one');
    await mark('one');
    await expect(mark('the other')).rejects.toThrow(/divide by zero/i);
  });

  test('a backup that another run drops in the meantime is not a failure', async () => {
    const on = await replaced(1);
    /** Drops the backup just before its marker is read. */
    const warehouse = (real: Warehouse): Warehouse => ({
      ...real,
      submit: async (statements, options) => {
        if (statements.includes(readMarker(on.backup)) && (await countOf(on.backup)) > 0) {
          const relations = ['t00', '_tributary_marker'].map((name) => ({
            ...{ name, kind: 'table' as const, owner: undefined },
          }));
          await harness.sql(...dropSchema(on.backup, relations));
        }
        return real.submit(statements, options);
      },
    });
    const { dependencies: real } = harness;
    const deps = { ...real, warehouse: (target: never) => warehouse(real.warehouse(target)) };
    expect(await tidy(on, deps)).toEqual({ dropped: [], refused: [] });
  });
});
