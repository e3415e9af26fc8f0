import { describe, expect, test } from '@jest/globals';
import { recordedWarehouse } from '../../../src/clients/recorded-warehouse.ts';
import type { StatementState, Warehouse } from '../../../src/clients/warehouse.ts';
import type { LoggedTransaction } from '../../../src/pipeline/run/statement-log.ts';

/** A warehouse whose one transaction goes through these states. */
function warehouseOf(...states: StatementState[]): Warehouse {
  return {
    submit: async () => 'id-1',
    submitInSession: async () => ({ id: 'id-1', session: 'session-1' }),
    describe: async () => (states.length > 1 ? states.shift() : states[0]) as StatementState,
    rows: async () => [{ n: 1 }],
    cancel: async () => true,
    running: async () => [],
  };
}

async function recordedOf(statements: readonly string[], ...states: StatementState[]) {
  const recorded: LoggedTransaction[] = [];
  const warehouse = recordedWarehouse(warehouseOf(...states), async (transaction) => {
    recorded.push(transaction);
  });
  const id = await warehouse.submit(statements, { name: 'tributary load', clientToken: 't' });
  for (let look = 0; look < states.length + 1; look++) await warehouse.describe(id);
  return recorded;
}

describe('a recorded warehouse', () => {
  test('records a statement of a session as any other', async () => {
    const recorded: LoggedTransaction[] = [];
    const warehouse = recordedWarehouse(
      warehouseOf({ status: 'FINISHED', seconds: 1 }),
      async (transaction) => {
        recorded.push(transaction);
      },
    );
    const options = {
      name: 'tributary replace s',
      clientToken: 't',
      session: undefined,
      keepAliveSeconds: 60,
    };
    await warehouse.describe((await warehouse.submitInSession('BEGIN', options)).id);
    expect(recorded).toMatchObject([{ id: 'id-1', statements: [{ sql: 'BEGIN' }] }]);
  });

  test('records a transaction once, when its end is seen, with times and ids of its statements', async () => {
    const recorded = await recordedOf(
      ['COPY x', 'SELECT 1'],
      { status: 'STARTED' },
      {
        status: 'FINISHED',
        seconds: 3,
        createdAtMs: Date.UTC(2026, 10, 21),
        parts: [{ seconds: 2, queryId: 7 }, {}],
      },
    );
    expect(recorded).toEqual([
      {
        id: 'id-1',
        name: 'tributary load',
        submittedAt: '2026-11-21T00:00:00.000Z',
        status: 'FINISHED',
        seconds: 3,
        statements: [
          { sql: 'COPY x', characters: 6, seconds: 2, queryId: 7 },
          { sql: 'SELECT 1', characters: 8 },
        ],
      },
    ]);
  });

  test('records why a transaction failed', async () => {
    const [failed] = await recordedOf(['COPY x'], { status: 'FAILED', error: 'no', createdAtMs: 0 });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'no' });
    expect(failed).not.toHaveProperty('seconds');
  });

  test('truncates long statements and masks secrets', async () => {
    const sql = `COPY x PASSWORD 'hunter2' ${'-'.repeat(5000)}`;
    const [logged] = await recordedOf([sql], { status: 'FINISHED', seconds: 1 });
    expect(logged?.statements[0]?.sql).not.toContain('hunter2');
    expect(logged?.statements[0]?.sql).toHaveLength(1000);
    expect(logged?.statements[0]?.characters).toBe(sql.length);
  });
});
