import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, type ReplayWorkerOptions, Runtime, Worker } from '@temporalio/worker';
import { bundleWorkflows } from '../../bundle-workflows.ts';
import { type RecordedHistory, recordedHistories } from '../../replay/recorded-history.ts';

/** The current code must replay what released versions recorded: otherwise runs that are open at an upgrade hang. */
describe('histories of released versions', () => {
  const recorded = recordedHistories();
  let code: string;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    code = await bundleWorkflows();
  });

  const replay = ({ workflowId, namespace, history }: RecordedHistory) => {
    // The type lacks the namespace, but the worker takes it.
    const options = { workflowBundle: { code }, ...(namespace === undefined ? {} : { namespace }) };
    return Worker.runReplayHistory(options satisfies ReplayWorkerOptions, history, workflowId);
  };
  const typeOf = ({ history }: RecordedHistory) =>
    (history.events[0] as { workflowExecutionStartedEventAttributes: { workflowType: { name: string } } })
      .workflowExecutionStartedEventAttributes.workflowType.name;

  test('exist for every workflow of the first version', () => {
    const first = [...recorded].filter(([name]) => name.startsWith('0.1.0/'));
    expect([...new Set(first.map(([, one]) => typeOf(one)))].sort()).toEqual([
      'applyChanges',
      'approveStep',
      'buildPartition',
      'checkPipeline',
      'explainPartition',
      'extractSegment',
      'followChanges',
      'inferSchema',
      'inferSegment',
      'listBackups',
      'loadTable',
      'planDatasets',
      'pruneRuns',
      'publishGroup',
      'readBatch',
      'readShard',
      'refreshDataset',
      'refreshGraph',
      'refreshWarehouse',
      'removeLeftovers',
      'rollbackWarehouse',
      'updateCatalogue',
    ]);
  });

  test.each([...recorded.keys()])('%s replays', async (name) => {
    await expect(replay(recorded.get(name)!)).resolves.toBeUndefined();
  });

  test('a history that the code would not have produced is detected', async () => {
    const nobel = recorded.get('0.1.0/refresh-nobel')!;
    const text = JSON.stringify(nobel);
    const changed = JSON.parse(text.replace('"name":"planRun"', '"name":"planRuns"')) as RecordedHistory;
    await expect(replay(changed)).rejects.toThrow(/nondeterminism|planRun/i);
  });

  test('no history reveals the host it was recorded on', () => {
    for (const one of recorded.values()) {
      expect(JSON.stringify(one)).not.toMatch(/\/(?:root|tmp|home|work)\/|\d+@|"name":"[^"]*@/);
    }
  });
});
