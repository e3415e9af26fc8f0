import { SeededLedger } from '../../local/demo/seeded-ledger.ts';
import {
  buildPartitionWorkflowId,
  datasetWorkflowId,
  readBatchWorkflowId,
  updateCatalogueWorkflowId,
} from '../../src/contract/datasets/datasets.ts';
import type { GraphProgress } from '../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../src/contract/refresh.ts';
import { ALERT_KINDS } from '../../src/pipeline/alerts/alert-event.ts';
import { AlertsDefinition } from '../../src/pipeline/alerts/alerts-definition.ts';
import { KnownGraph } from '../integration/datasets/reports/known-graph.ts';
import { AlertReceiver } from '../integration/pipeline/alert-receiver.ts';
import { type Harness, uniqueName } from '../integration/pipeline/harness.ts';
import { until } from '../integration/pipeline/until.ts';

/** Keeps the history of a workflow under a name. */
type Record = (name: string, workflowId: string) => Promise<void>;

/**
 * A graph with a catalogue and alerts: a run that builds everything, one with partitions that fail, are built again and then accepted,
 * and one that is ended while it waits. With them their children, and the workflows that operators start alone.
 */
export async function recordDatasets(harness: Harness, record: Record): Promise<void> {
  const ledger = new SeededLedger(7);
  const days = ['2024-02-29', '2024-03-01', '2024-03-02'];
  for (const day of days) ledger.add(day, { accounts: 2, least: 1, most: 4 });
  const catalogue = { kind: 'glue', database: uniqueName('db') } as const;
  const expected = { from: days[0] as string, until: days.at(-1) as string };
  const graph = new KnownGraph(harness, expected, { catalogue }, ({ statements, ...others }) => ({
    ...others,
    statements: { ...statements, retryFor: '1s', checks: {}, store: { format: ['parquet'] } },
  }));
  const receiver = new AlertReceiver();
  await receiver.open();
  harness.onClose(() => receiver.close());
  const stop = await harness.startWorkers(withAlerts(graph, receiver));

  // A day that is missing is reported.
  for (const day of days.slice(1)) await graph.put(`${day}.gz`, ledger.of(day));
  const first = await graph.start();
  await first.result();
  await record('refresh-graph', first.workflowId);
  const time = first.workflowId.split('/').at(-1) ?? '';
  await record('refresh-dataset', datasetWorkflowId('transactions', time));
  await record('read-batch', readBatchWorkflowId('transactions', 1, 0));
  await record('build-partition', buildPartitionWorkflowId('daily_stats', 'day=2024-03-01'));
  await record('update-catalogue', updateCatalogueWorkflowId('daily_stats'));

  const waiting = async () => {
    graph.step('statements.sql', (sql) => `${sql} HAVING error('no') IS NULL`);
    const run = await graph.start({ now: '2024-03-03T00:00:00.000Z', datasets: ['statements'] });
    const untilWaiting = () =>
      until(
        () => run.query<GraphProgress, []>(QUERY_PROGRESS),
        ({ phase, waitsFor, running }) => phase === 'waiting' && waitsFor === 'operator' && running === 0,
      );
    await untilWaiting();
    return { run, untilWaiting };
  };
  await graph.put(`${days[0]}.gz`, ledger.of(days[0] as string));
  const finished = await waiting();
  await finished.run.signal('finish');
  await finished.run.result();
  await record('refresh-graph-that-was-finished', finished.run.workflowId);

  const { run: retried, untilWaiting } = await waiting();
  await record('build-partition-that-failed', buildPartitionWorkflowId('statements', 'month=2024-03'));
  await retried.executeUpdate('retry');
  await untilWaiting();
  await retried.executeUpdate('accept', { args: [{ dataset: 'statements', reason: 'a test' }] });
  await retried.result();
  await record('refresh-graph-with-failed-partitions', retried.workflowId);

  const ofOperator = async (type: string, name: string, input: object) => {
    const options = { taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName(name), args: [input] };
    await harness.client.workflow.execute(type, options);
    await record(name, options.workflowId);
  };
  await ofOperator('planDatasets', 'plan-datasets', { datasets: ['statements'] });
  await ofOperator('explainPartition', 'explain-partition', {
    ...{ dataset: 'monthly_stats', partition: '2024-03' },
  });
  await ofOperator('publishGroup', 'publish-group', { publication: 'accounting' });
  await ofOperator('approveStep', 'approve-step', { dataset: 'daily_stats' });
  await stop();
}

const HOOK = '/hook';

/** Workers that send every alert to a receiver. */
function withAlerts({ dependencies }: KnownGraph, receiver: AlertReceiver): KnownGraph['dependencies'] {
  const definition = AlertsDefinition.parse({
    webhooks: { ops: { urlFrom: 'OPS_URL', events: ALERT_KINDS } },
  });
  return {
    ...dependencies,
    alerts: {
      ...dependencies.alerts,
      definition: async () => definition,
      secret: (variable) => (variable === 'OPS_URL' ? receiver.url(HOOK) : undefined),
    },
  };
}
