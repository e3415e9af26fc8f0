import { z } from 'zod';
import type { ObjectStore } from '../../clients/object-store.ts';
import {
  type ChangesLocation,
  destinationDirectory,
  destinationRemovalKey,
} from '../../pipeline/changes/change-directory.ts';
import { type Document, findDocument, JSON_FILE } from '../document.ts';

/** `removed.json`: an operator has removed the destination, so the log is not kept for it. Absent while it is one. */
const Removal = z.object({
  version: z.literal(1),
  /** ISO 8601. */
  at: z.string(),
});

const removalFile = (
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
): Document<z.infer<typeof Removal>> => ({
  store,
  key: destinationRemovalKey(at, destination),
  schema: Removal,
  remedy: 'Delete it: the log is then kept for the destination, if the configuration has it.',
});

/** @throws Terminal `DamagedFile` */
export async function isRemoved(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await findDocument(removalFile(store, at, destination), signal)) !== undefined;
}

/** Notes that the destination is removed, and deletes what applies and operators left beside the log for it. */
export async function writeRemoval(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const { key } = removalFile(store, at, destination);
  const document: z.infer<typeof Removal> = { version: 1, at: now.toISOString() };
  await store.put(key, JSON.stringify(document), { signal, ...JSON_FILE });
  for await (const object of store.list(destinationDirectory(at, destination), { signal }))
    if (object.key !== key) await store.delete([object.key], { signal });
}

/** It is a destination again. */
export const clearRemoval = (
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
  signal: AbortSignal,
): Promise<void> => store.delete([removalFile(store, at, destination).key], { signal });
