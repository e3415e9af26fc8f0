import { randomUUID } from 'node:crypto';
import type { Row, Warehouse } from '../../clients/warehouse.ts';

/** Runs one query through the Data API and returns its rows. @throws with Redshift's message if it fails. */
export async function askWarehouse(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  const id = await warehouse.submit([sql], { name: 'demo', clientToken: randomUUID() });
  for (;;) {
    const state = await warehouse.describe(id, { waitSeconds: 10 });
    if (state.status === 'FINISHED') return warehouse.rows(id, 1);
    if (state.status === 'FAILED' || state.status === 'ABORTED') {
      throw new Error(`The query failed: ${state.error}\n${sql}`);
    }
  }
}
