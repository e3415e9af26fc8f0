import { describe, expect, test } from '@jest/globals';
import { redactedWarehouse } from '../../../src/clients/redacted-warehouse.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';

const COPY = `COPY "s"."orders" FROM 's3://b/k' IAM_ROLE 'r'`;

/** A warehouse in which every transaction fails with this error. */
const failing = (error: string): Warehouse => ({
  submit: async () => 'id-1',
  submitInSession: async () => ({ id: 'id-1', session: 'session-1' }),
  describe: async () => ({ status: 'FAILED', error, createdAtMs: 0 }),
  rows: async () => [{ pid: 7, sql: "SELECT 'canary'" }],
  cancel: async () => true,
  running: async () => [],
});

async function errorOf(statements: readonly string[], error: string, isRedacted = true): Promise<unknown> {
  const warehouse = redactedWarehouse(failing(error), async () => isRedacted);
  const id = await warehouse.submit(statements, { name: 'load', clientToken: 't' });
  const state = await warehouse.describe(id);
  return 'error' in state ? state.error : undefined;
}

describe('the error of a COPY', () => {
  test('quotes what its own statements contain, and nothing else', async () => {
    const error = `Load into table 'orders' failed: invalid input "canary". Check 'stl_load_errors'.`;
    expect(await errorOf(['LOCK x', COPY], error)).toBe(
      `Load into table 'orders' failed: invalid input "…". Check 'stl_load_errors'.`,
    );
    expect(await errorOf([COPY], error, false)).toBe(error);
  });

  test('is the same in a session', async () => {
    const warehouse = redactedWarehouse(failing(`invalid input "canary"`), async () => true);
    const options = { name: 'load', clientToken: 't', session: undefined, keepAliveSeconds: 60 };
    const { id } = await warehouse.submitInSession(COPY, options);
    expect(JSON.stringify(await warehouse.describe(id))).not.toContain('canary');
  });

  test('is not confused with that of another statement, which quotes names', async () => {
    const error = 'view "sales" depends on table "orders"';
    expect(await errorOf(['DROP TABLE x'], error)).toBe(error);
  });
});

test("other sessions' SQL is not shown", async () => {
  const warehouse = redactedWarehouse(failing(''), async () => true);
  const about = await warehouse.submit(['SELECT query_text AS "sql" FROM sys_query_history'], {
    name: 'blockers',
    clientToken: 't',
  });
  expect(JSON.stringify(await warehouse.rows(about, 1))).not.toContain('canary');
});
