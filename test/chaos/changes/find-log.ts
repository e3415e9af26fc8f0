import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { type ChangesLocation, changesDirectory } from '../../../src/pipeline/changes/change-directory.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';

/** The only log of a pipeline. @throws if there is none */
export async function findLog(store: ObjectStore, at: ChangesLocation): Promise<ChangeLog> {
  for await (const { key } of store.list(changesDirectory(at))) {
    const epoch = /\/changes\/([0-9a-f]{16})\/epoch\.json$/.exec(key)?.[1];
    if (epoch !== undefined) return { store, at: { ...at, epoch } };
  }
  throw new Error('there is no log');
}
