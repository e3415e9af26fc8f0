import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { followWorkflowId, shardWorkflowId } from '../../../src/contract/changes/changes.ts';
import { positionsOf, positionsQuery } from '../../../src/pipeline/load/positions.ts';
import { resetTo } from '../../chaos/workflow-actions.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { numbered, RefreshedTable } from './refreshed-table.ts';
import { untilHealthy } from './until-healthy.ts';

/** Resets as the Web UI orders them, while the table is written to. */
describe('a workflow of changes that is reset', () => {
  const harness = withHarness();
  const IDS = numbered(6);
  let table: RefreshedTable;
  let watching: Promise<void>;
  let isOver = false;
  /** Positions that a shard went back from. */
  const back: string[] = [];

  beforeAll(async () => {
    await harness.startWorkers();
    table = await new RefreshedTable(harness, new HeldStatements()).with(IDS, 2);
    await (await table.refresh()).result();
    watching = watchPositions();
  });
  afterAll(() => {
    isOver = true;
    return watching;
  });

  async function watchPositions(): Promise<void> {
    const reached = new Map<string, number>();
    while (!isOver) {
      for (const { shard, checkpoint } of positionsOf(await harness.sql(positionsQuery(table.schema)))) {
        const before = reached.get(shard) ?? 0;
        if (checkpoint < before) back.push(`${shard}: ${before} to ${checkpoint}`);
        reached.set(shard, checkpoint);
      }
      await setTimeout(100);
    }
  }

  /** The numbers of all images in the log: each write has one of its own. */
  async function recordedNumbers(): Promise<number[]> {
    const shards = await table.recorded();
    for (const { checkpoints } of shards)
      expect(checkpoints.map(({ number }) => number)).toEqual(checkpoints.map((_, i) => i + 1));
    return shards
      .flatMap(({ records }) => records.map(({ image }) => Number((image!.n as { N: string }).N)))
      .sort((a, b) => a - b);
  }

  async function idOf(workflow: string): Promise<string> {
    const parent = followWorkflowId(table.pipeline);
    if (workflow === 'followChanges') return parent;
    if (workflow === 'applyChanges') return table.destination.workflowId;
    const open = (await table.recorded()).find(({ checkpoints }) => checkpoints.at(-1)?.ended === false);
    return shardWorkflowId(parent, (await table.log()).at.epoch, open!.shard.shard);
  }

  test.each(
    ['followChanges', 'readShard', 'applyChanges'].flatMap((workflow) => [
      [workflow, 'its beginning', 0] as const,
      [workflow, 'a late task', 0.9] as const,
    ]),
  )(
    '%s, to %s: nothing is lost or applied twice, and no position decreases',
    async (workflow, _, fraction) => {
      const workflowId = await idOf(workflow);
      const handle = harness.client.workflow.getHandle(workflowId);
      const { runId } = await handle.describe();
      const stopWriting = table.writing(IDS);
      await resetTo(harness.client, workflowId, fraction);
      expect((await handle.describe()).runId).not.toBe(runId);
      // What was reset has to do something: read a shard's end and its child, and apply both.
      await table.control('roll');
      const count = table.model.size;
      await table.write(`new ${count}`);
      await stopWriting();
      expect(table.model.size).toBe(count + 1);
      await table.untilEqual();
      const written = Math.max(...table.model.values());
      const numbers = await until(recordedNumbers, (found) => found.length >= written);
      expect(numbers).toEqual(Array.from({ length: written }, (__, n) => n + 1));
      expect(back).toEqual([]);
      await until(
        () => table.progress(),
        ({ state, failed }) => state === 'following' && failed === 0,
      );
      await untilHealthy(() => table.applied());
    },
  );
});
