import type { ObjectStore } from '../../clients/object-store.ts';
import {
  watchedCatalogue,
  watchedChangeStreams,
  watchedQueue,
  watchedSource,
  watchedStore,
  watchedWarehouse,
} from '../../clients/watched-clients.ts';
import { ActivityRecord } from './activity-record.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The same dependencies, but while a service does not answer, the heartbeats of the activity that called it say so. The
 * clients retry for minutes before they report a failure.
 */
export function watchedDependencies<Deps extends Dependencies>(deps: Deps): Deps {
  const waits = () => ActivityRecord.current().waits;
  // One per bucket, so that activities join the reads of each other: see joint-read.ts.
  const stores = new Map<string, ObjectStore>();
  return {
    ...deps,
    source: watchedSource(deps.source, waits),
    changeStreams: watchedChangeStreams(deps.changeStreams, waits),
    store: (bucket) => {
      const store = stores.get(bucket) ?? watchedStore(deps.store(bucket), waits);
      stores.set(bucket, store);
      return store;
    },
    warehouse: (target) => watchedWarehouse(deps.warehouse(target), waits),
    catalogue: (region) => watchedCatalogue(deps.catalogue(region), waits),
    queue: (url) => watchedQueue(deps.queue(url), waits),
  };
}
