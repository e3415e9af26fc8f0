import { setTimeout } from 'node:timers/promises';
import { hasEnded, type Warehouse } from '../../clients/warehouse.ts';

/** How long a cancelled statement may take to end; whatever waits for its locks then says so. */
const END_SECONDS = 60;

/**
 * Ends the statements with this name that are running. They are of transactions that nothing finds again, because their worker died
 * or their workflow was terminated; one that hangs would hold its locks for up to a day.
 */
export async function endRunning(warehouse: Warehouse, name: string, signal: AbortSignal): Promise<void> {
  const running = await warehouse.running(name, { signal });
  await Promise.all(running.map((id) => endOne(warehouse, id, signal)));
}

async function endOne(warehouse: Warehouse, id: string, signal: AbortSignal): Promise<void> {
  await warehouse.cancel(id);
  for (const untilMs = Date.now() + END_SECONDS * 1000; Date.now() < untilMs; ) {
    if (hasEnded(await warehouse.describe(id, { waitSeconds: 5, signal }))) return;
    // A service without long polling answers at once.
    await setTimeout(100, undefined, { signal });
  }
}
