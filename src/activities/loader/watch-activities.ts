import type { WatchActivities, WatchControlActivities, WatchOpened } from '../../contract/loader/watch.ts';
import { loaderNamed } from '../../pipeline/loader/routing.ts';
import { loadersWatching, watchedBy } from '../../pipeline/loader/watched.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { Hints } from './hints.ts';
import { listFiles } from './list-files.ts';
import { receiveFiles } from './receive-files.ts';

/** Activities of watchers on the control queue. */
export function createWatchControlActivities(deps: Dependencies): WatchControlActivities {
  return { openWatch: withErrorClass(deps, (input) => openWatch(deps, input), 'brief') };
}

/** Activities of watchers that mostly wait, on the task queue of loaders. */
export function createWatchActivities(deps: Dependencies): WatchActivities {
  const hints = new Hints();
  return {
    receiveFiles: withErrorClass(deps, (input) => receiveFiles(deps, hints, input)),
    listFiles: withErrorClass(deps, (input) => listFiles(deps, hints, input)),
  };
}

/** @throws Refusal `UnknownLoader` */
async function openWatch(deps: Dependencies, { loader }: { readonly loader: string }): Promise<WatchOpened> {
  const loaders = await deps.loaders();
  const watched = watchedBy(loaderNamed(loaders, loader));
  return { watched, loaders: loadersWatching(loaders, watched).map(({ name }) => name) };
}
