import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OwnServer } from '../redshift-data-api/own-server.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

/** Rates low enough for a few concurrent pipelines to reach, for every operation that a refresh calls often. */
const callsPerSecond = { ExecuteStatement: 8, BatchExecuteStatement: 6, GetStatementResult: 5 };
const maxActiveStatements = 5;

const kept = {
  TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND: Object.entries(callsPerSecond)
    .map(([operation, perSecond]) => `${operation}=${perSecond}`)
    .join(','),
  TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS: String(maxActiveStatements),
};
const notKept = {
  TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND: Object.keys(callsPerSecond)
    .map((operation) => `${operation}=9999`)
    .join(','),
  TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS: '9999',
};

/** A refusal because of too many calls per second or too many active statements. */
const LIMIT = / (?:ThrottlingException|ActiveStatementsExceededException)$/;

describe('two worker processes refresh several pipelines at once', () => {
  const table = uniqueName('items');
  let server: OwnServer;
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);

  beforeAll(async () => {
    server = await OwnServer.start({ callsPerSecond, maxActiveStatements });
    await harness.createTable(table, [
      {
        pk: { S: 'a' },
        sk: { S: 'b' },
        // Each becomes a table; all of them are loaded at once.
        ...Object.fromEntries(
          Array.from({ length: 5 }, (_, i) => [`list${i}`, { L: [{ N: '1' }, { N: '2' }] }]),
        ),
      },
    ]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Every load takes at least this long, so that several run at once, as they do in Redshift. */
  async function delayLoads(milliseconds: number): Promise<void> {
    await server.control('DELETE', 'faults');
    await server.fault({ kind: 'delay', at: 'statement', milliseconds, sql: 'COPY "', count: 'always' });
  }

  /** Refreshes three pipelines with two workers. @returns what the service refused because of its limits. */
  async function refreshAll(environment: Record<string, string>): Promise<Record<string, number>> {
    const before = await refusals();
    const pipelines = Array.from({ length: 3 }, () => harness.define(table, { source: { segments: 1 } }));
    const both = [1, 2].map(() =>
      workers.start(pipelines, { ...environment, TRIBUTARY_REDSHIFT_DATA_ENDPOINT: server.endpoint }),
    );
    // Each worker knows about the other one.
    await Promise.all(both.map((worker) => workers.says(worker, /\d workers share/)));
    const handles = await Promise.all(pipelines.map(({ pipeline }) => harness.start({ pipeline })));
    const results = await Promise.all(handles.map((handle) => handle.result()));
    expect(results.map(({ status, items }) => ({ status, items }))).toEqual(
      pipelines.map(() => ({ status: 'replaced', items: 1 })),
    );
    await workers.endAll('SIGTERM');
    const after = await refusals();
    return Object.fromEntries(
      Object.entries(after)
        .map(([what, count]) => [what, count - (before[what] ?? 0)] as const)
        .filter(([what, count]) => LIMIT.test(what) && count > 0),
    );
  }

  const refusals = async () => (await server.control('GET', 'refusals')).refusals as Record<string, number>;

  test('without any of their calls being refused because of the service’s limits', async () => {
    await delayLoads(2000);
    expect(await refreshAll(kept)).toEqual({});
  });

  // If the same load did not reach the limits, the test above would prove nothing.
  test('but calls are refused if the workers ignore the limits', async () => {
    // Long enough that too many loads run at once even if a slow machine submits one per second.
    await delayLoads(5000);
    const refused = Object.keys(await refreshAll(notKept)).join('\n');
    expect(refused).toMatch(/ThrottlingException/);
    expect(refused).toMatch(/ActiveStatementsExceededException/);
  });
});
