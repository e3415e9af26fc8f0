import type { WatchActivities, WatchOpened } from '../../contract/watch.ts';
import { loaderNamed } from '../../pipeline/loader/routing.ts';
import { loadersWatching, watchedBy } from '../../pipeline/loader/watched.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { Hints } from './hints.ts';
import { listFiles } from './list-files.ts';
import { receiveFiles } from './receive-files.ts';

/** Activities of watchers: `openWatch` on the control queue, the others, which mostly wait, on that of loaders. */
export function createWatchActivities(deps: Dependencies): WatchActivities {
  const hints = new Hints();
  return {
    openWatch: withErrorClass(deps, (input) => openWatch(deps, input), 'brief'),
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
