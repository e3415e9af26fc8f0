import { z } from 'zod';
import type { ObjectStore } from '../../clients/object-store.ts';
import {
  type ChangesLocation,
  destinationPauseKey,
  readingPauseKey,
} from '../../pipeline/changes/change-directory.ts';
import { type Document, findDocument, JSON_FILE } from '../document.ts';

/** `pause.json`: it is absent while changes are read from the stream or, for a destination, applied. */
const Pause = z.object({
  version: z.literal(1),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
type Pause = z.infer<typeof Pause>;
type Paused = Pick<Pause, 'reason' | 'at'>;

/** @param destination undefined for reading the stream */
const pauseFile = (
  store: ObjectStore,
  at: ChangesLocation,
  destination: string | undefined,
): Document<Pause> => ({
  store,
  key: destination === undefined ? readingPauseKey(at) : destinationPauseKey(at, destination),
  schema: Pause,
  remedy: `Delete it: ${destination === undefined ? 'reading' : 'the destination'} is then not paused when it is started again.`,
});

/**
 * Why a destination is paused, and since when. Undefined if it is not.
 * @param destination undefined for reading the stream
 * @throws Terminal `DamagedFile`
 */
export async function findPause(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string | undefined,
  signal: AbortSignal,
): Promise<Paused | undefined> {
  const found = await findDocument(pauseFile(store, at, destination), signal);
  return found === undefined ? undefined : { reason: found.reason, at: found.at };
}

/** Notes that a destination, or reading the stream, is paused or, without a pause, that it is not. */
export async function writePause(
  store: ObjectStore,
  at: ChangesLocation,
  destination: string | undefined,
  paused: Paused | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { key } = pauseFile(store, at, destination);
  if (paused === undefined) await store.delete([key], { signal });
  else {
    const document: Pause = { version: 1, reason: paused.reason, at: paused.at };
    await store.put(key, JSON.stringify(document), { signal, ...JSON_FILE });
  }
}
