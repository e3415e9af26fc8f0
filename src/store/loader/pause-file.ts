import { loaderPauseKey } from '../../pipeline/loader/loader-directory.ts';
import { LoaderPause } from '../../pipeline/loader/loader-documents.ts';
import { type Document, findDocument, JSON_FILE } from '../document.ts';
import type { LoaderFiles } from './batch-files.ts';

type Paused = Pick<LoaderPause, 'reason' | 'at'>;

const pauseFile = ({ store, at }: LoaderFiles): Document<LoaderPause> => ({
  store,
  key: loaderPauseKey(at),
  schema: LoaderPause,
  remedy: 'Delete it: the loader is then not paused when it is started again.',
});

/** Why a loader is paused, and since when. Undefined if it is not. @throws Terminal `DamagedFile` */
export async function findPause(files: LoaderFiles, signal: AbortSignal): Promise<Paused | undefined> {
  const found = await findDocument(pauseFile(files), signal);
  return found === undefined ? undefined : { reason: found.reason, at: found.at };
}

/** Notes that a loader is paused or, without a pause, that it is not. */
export async function writePause(
  files: LoaderFiles,
  paused: Paused | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { store, key } = pauseFile(files);
  if (paused === undefined) await store.delete([key], { signal });
  else {
    const document: LoaderPause = { version: 1, reason: paused.reason, at: paused.at };
    await store.put(key, JSON.stringify(document), { signal, ...JSON_FILE });
  }
}
