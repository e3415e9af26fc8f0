import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { REMOVE_DESTINATION } from '../../../src/contract/changes/apply-activities.ts';
import { type ApplyProgress, applyWorkflowId } from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { withDestinations } from '../../../src/pipeline/definition/pipeline.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { numbered, RefreshedTable, sorted } from './refreshed-table.ts';
import { untilHealthy } from './until-healthy.ts';

const harness = withHarness();
const held = new HeldStatements();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

const TEAM = 'team-b';

describe('a destination', () => {
  let table: RefreshedTable;
  let teams: string;
  let team: WorkflowHandle;

  beforeAll(async () => {
    table = await new RefreshedTable(harness, held).with(numbered(4));
    await (await table.refresh()).result();
    await table.untilEqual();
    teams = `${table.schema}_b`;
    team = harness.client.workflow.getHandle(applyWorkflowId(table.pipeline, TEAM));
    const { warehouse, ...shared } = table.known.definition;
    const added = { ...warehouse, schema: teams, mapping: {} };
    harness.definitions.set(table.pipeline, withDestinations(shared, { warehouse, [TEAM]: added }));
  });

  const refreshTeam = () => table.refresh({ destination: TEAM });
  const start = () =>
    harness.client.workflow.start('applyChanges', {
      ...{ workflowId: team.workflowId, taskQueue: CONTROL_TASK_QUEUE },
      args: [{ pipeline: table.pipeline, destination: TEAM }],
    });
  const untilTeamEqual = () =>
    until(
      async () => sorted(await table.live(teams)),
      (rows) => JSON.stringify(rows) === JSON.stringify(sorted(table.model)),
    );

  test('that is added gets its first refresh, then its changes, and disturbs no other', async () => {
    const { runId } = await table.destination.describe();
    const { totals: before } = await table.applied();
    await start();
    await until(
      () => team.query<ApplyProgress>(QUERY_PROGRESS),
      ({ needsRefresh }) => needsRefresh?.code === 'NothingLive',
    );
    const stopWriting = table.writing(numbered(4));
    // Applies to the others continue while it is refreshed.
    const handle = await refreshTeam();
    await until(
      () => table.applied(),
      ({ totals }) => totals.rounds > before.rounds,
    );
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    await stopWriting();
    await table.write('added');
    await table.delete('i0');
    await table.untilEqual();
    await untilTeamEqual();
    expect((await table.destination.describe()).runId).toBe(runId);
    await untilHealthy(() => table.applied());
  });

  test('is removed unless a refresh of it runs: no changes are kept for it, and the others get theirs', async () => {
    const release = held.hold(`tributary prepare ${teams}__`);
    const handle = await refreshTeam();
    const query = `WorkflowId = "${handle.workflowId}" AND ExecutionStatus = "Running"`;
    await until(
      () => harness.client.workflow.count(query),
      ({ count }) => count === 1,
    );
    const remove = () => team.executeUpdate<string, []>(REMOVE_DESTINATION);
    await expect(remove()).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`Workflow ${handle.workflowId} refreshes its tables`) },
    });
    release();
    await handle.result();
    await until(
      () => harness.client.workflow.count(query),
      ({ count }) => count === 0,
    );

    expect(await remove()).toMatch(/^removed: .*configuration of pipeline/);
    await expect(team.result()).resolves.toBeUndefined();
    const kept = (await table.keys()).filter((key) => key.includes(`_apply/${TEAM}/`));
    expect(kept).toEqual([expect.stringMatching(/removed\.json$/)]);
    const last = await table.live(teams);
    await table.write('later');
    await table.untilEqual();
    expect(await table.live(teams)).toEqual(last);
  });

  test('that is started again is one again, and continues from its positions', async () => {
    await start();
    await untilTeamEqual();
    expect((await table.keys()).filter((key) => key.endsWith('removed.json'))).toEqual([]);
  });
});
