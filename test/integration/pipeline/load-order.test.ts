import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { type LoadResult, loadWorkflowId, SIGNAL_TABLE_SETTLED } from '../../../src/contract/refresh.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

/** What a run's history shows about the loads of its tables. */
interface Loads {
  /** Workflow ids, in the order in which the run started them. */
  readonly started: readonly string[];
  /** The most that had been started and had not ended. */
  readonly mostAtOnce: number;
}

async function loadsIn(handle: WorkflowHandle): Promise<Loads> {
  const { events = [] } = await handle.fetchHistory();
  const started: string[] = [];
  const open = new Set<string>();
  let mostAtOnce = 0;
  for (const event of events ?? []) {
    const begun = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (begun?.includes('/load-') === true) {
      started.push(begun);
      open.add(begun);
    }
    const ended = event.childWorkflowExecutionCompletedEventAttributes?.workflowExecution?.workflowId;
    if (ended != null) open.delete(ended);
    // A load reports by signal before its workflow ends: from then on, the next one may start.
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal?.signalName === SIGNAL_TABLE_SETTLED) {
      const { table } = JSON.parse(String(signal.input?.payloads?.[0]?.data)) as LoadResult;
      open.delete(loadWorkflowId(handle.workflowId, table));
    }
    mostAtOnce = Math.max(mostAtOnce, open.size);
  }
  return { started, mostAtOnce };
}

describe('the loads of a run', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  const members = (count: number, i: number) => ({
    L: Array.from({ length: count }, (_, n) => ({ S: `member ${n} of ${i * 7919}` })),
  });

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 60 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        a: members(2, i),
        b: members(60, i),
        c: members(15, i),
      })),
    );
    await harness.startWorkers();
  });

  test('start with the largest table, and are at most tablesAtOnce at a time', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 1 }, warehouse: { tablesAtOnce: 2 } });
    const handle = await harness.start({ pipeline });
    await handle.result();
    const { started, mostAtOnce } = await loadsIn(handle);
    const bySize = [`${table}__b`, `${table}__c`, `${table}__a`, table];
    expect(started).toEqual(bySize.map((each) => loadWorkflowId(handle.workflowId, each)));
    expect(mostAtOnce).toBe(2);
  });

  test('are all started at once if there are fewer tables than that, and no marker is added to the history', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 1 } });
    const handle = await harness.start({ pipeline });
    await handle.result();
    expect((await loadsIn(handle)).mostAtOnce).toBe(4);
    const { events } = await handle.fetchHistory();
    expect(JSON.stringify(events)).not.toContain('limit-tables-at-once');
  });
});
