import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { refuseNewerChanges } from '../../../src/activities/replace/refuse-newer-changes.ts';
import { createMarker, type Marker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import {
  createPositions,
  firstPositions,
  type Position,
  type StoredPosition,
} from '../../../src/pipeline/load/positions.ts';
import { planReplacement } from '../../../src/pipeline/replace/replace-plan.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { EPOCH, store, WrittenLog } from './written-log.ts';

const { signal } = new AbortController();
const logger = new DefaultLogger('ERROR');
const liveMarker = { pipeline: 'orders', run: 'r1', extractedFrom: '2026-11-29T00:00:00.000Z' };

describe('a run that does not follow changes', () => {
  const harness = withHarness();

  /** A live schema with checkpoint 1 of shard s1, which was recorded at 00:11, and maybe more. */
  async function live(log: WrittenLog, ...more: readonly Position[]) {
    await log.open(['s1']);
    await log.record('s1', [['a', Date.parse('2026-11-30T00:10:00Z') / 1000]]);
    const { schema, definition } = harness.define('orders');
    const at = { epoch: EPOCH, shard: 's1', checkpoint: 1, ended: false };
    await harness.sql(`CREATE SCHEMA "${schema}"`, createMarker(schema), createPositions(schema));
    await harness.sql(...writeMarker(schema, liveMarker));
    await harness.sql(...firstPositions(schema, [at, ...more], 'run-1'));
    const database = harness.dependencies.warehouse(definition.warehouse);
    const run = (extractedFrom: string): Marker => ({ pipeline: 'orders', run: 'r2', extractedFrom });
    const { prefix } = log.log().at;
    const refuse = (extractedFrom: string): Promise<StoredPosition[]> => {
      const marker = run(extractedFrom);
      const of = { database, schema, marker, store, at: { prefix, pipeline: 'orders' } };
      return new MockActivityEnvironment({}, { logger }).run(() => refuseNewerChanges(of, signal));
    };
    return { schema, refuse, run };
  }

  test('never replaces a live schema with changes that were recorded after its extraction began', async () => {
    const { refuse } = await live(new WrittenLog(), {
      ...{ epoch: EPOCH, shard: 's0', checkpoint: 0, ended: false },
    });
    await expect(refuse('2026-11-30T00:10:59.000Z')).rejects.toMatchObject({
      code: 'OlderThanLive',
      message: expect.stringMatching(/recorded until 2026-11-30T00:11:00.*--older/),
    });
    expect(await refuse('2026-11-30T00:12:00.000Z')).toHaveLength(2);
  });

  test('is refused if the log no longer tells', async () => {
    const { refuse } = await live(new WrittenLog(), {
      ...{ epoch: EPOCH, shard: 's0', checkpoint: 4, ended: true },
    });
    await expect(refuse('2026-11-30T00:12:00.000Z')).rejects.toMatchObject({
      code: 'OlderThanLive',
      message: expect.stringContaining('--older'),
    });
  });

  test('does not replace it either if changes were applied since that was checked', async () => {
    const { schema, refuse, run } = await live(new WrittenLog());
    const extractedFrom = '2026-11-30T00:12:00.000Z';
    const positions = await refuse(extractedFrom);
    const staging = `${schema}__r2_1`;
    await harness.sql(`CREATE SCHEMA "${staging}"`, createMarker(staging));
    await harness.sql(...writeMarker(staging, run(extractedFrom)));
    const plan = planReplacement({
      ...{ schema, stagingSchema: staging, marker: run(extractedFrom), positions },
      live: { schemas: [schema, staging], relations: [], routines: [], marker: liveMarker },
    });
    if (plan.kind !== 'swap') throw new Error(plan.kind);
    await harness.sql(`UPDATE "${schema}"._tributary_positions SET "checkpoint" = 2`);
    await expect(harness.sql(...plan.statements)).rejects.toThrow(/Divide by zero/);
    await harness.sql(`UPDATE "${schema}"._tributary_positions SET "checkpoint" = 1`);
    await harness.sql(...plan.statements);
    expect(await harness.sql(`SELECT "run" FROM "${schema}"._tributary_marker`)).toEqual([{ run: 'r2' }]);
  });
});
