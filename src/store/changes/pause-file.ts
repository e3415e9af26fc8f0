import { z } from 'zod';
import type { ObjectStore } from '../../clients/object-store.ts';
import { type ChangesLocation, destinationPauseKey } from '../../pipeline/changes/change-directory.ts';
import { type Document, findDocument, JSON_FILE } from '../document.ts';

/** `pause.json` of a destination: it is absent while changes are applied. */
const DestinationPause = z.object({
  version: z.literal(1),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
type DestinationPause = z.infer<typeof DestinationPause>;
type Paused = Pick<DestinationPause, 'reason' | 'at'>;

const pauseFile = (
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
): Document<DestinationPause> => ({
  store,
  key: destinationPauseKey(at, destination),
  schema: DestinationPause,
  remedy: 'Delete it: the destination is then not paused when it is started again.',
});

/** Why a destination is paused, and since when. Undefined if it is not. @throws Terminal `DamagedFile` */
export async function findDestinationPause(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
  signal: AbortSignal,
): Promise<Paused | undefined> {
  const found = await findDocument(pauseFile(store, at, destination), signal);
  return found === undefined ? undefined : { reason: found.reason, at: found.at };
}

/** Notes that a destination is paused or, without a pause, that it is not. */
export async function writeDestinationPause(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string,
  paused: Paused | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { key } = pauseFile(store, at, destination);
  if (paused === undefined) await store.delete([key], { signal });
  else {
    const document: DestinationPause = { version: 1, reason: paused.reason, at: paused.at };
    await store.put(key, JSON.stringify(document), { signal, ...JSON_FILE });
  }
}
