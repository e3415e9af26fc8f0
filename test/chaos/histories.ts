import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { ObjectStore } from '../../src/clients/object-store.ts';

/** Writes the histories of all workflows in a namespace, and the facts about the schedule. Without a client, only the facts. */
export async function keepHistories(
  client: Client | undefined,
  folder: string,
  known: unknown,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'outcome.json'), JSON.stringify(known, undefined, 2));
  if (client === undefined) return;
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const name = `${workflowId.replaceAll('/', '_')}.${runId}.json`;
    writeFileSync(join(folder, name), historyToJSON(history));
  }
}

/** Writes the JSON files of a run directory: plan, checkpoints, manifest. */
export async function keepRunFiles(store: ObjectStore, directory: string, folder: string): Promise<void> {
  for await (const { key } of store.list(directory)) {
    const object = key.endsWith('.json') ? await store.get(key) : undefined;
    const name = key.slice(directory.length).replaceAll('/', '_');
    if (object !== undefined) writeFileSync(join(folder, name), object.body);
  }
}
