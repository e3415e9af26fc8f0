import type { LoaderDefinition } from './loader-definition.ts';
import type { Loaders, NamedLoader } from './routing.ts';

/** A queue's URL, or the bucket and prefix that are listed. */
export type Watched = { readonly queue: string } | { readonly bucket: string; readonly prefix: string };

/** What a loader needs watched: its queue or, if it has none, its prefix. */
export const watchedBy = ({ source: { queue, bucket, prefix } }: LoaderDefinition): Watched =>
  queue === undefined ? { bucket, prefix } : { queue };

/** The loaders that need this watched, by name. */
export const loadersWatching = (loaders: Loaders, watched: Watched): NamedLoader[] =>
  Object.entries(loaders)
    .filter(([, loader]) => watchedText(watchedBy(loader)) === watchedText(watched))
    .map(([name, loader]) => ({ name, loader }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** For messages: `queue https://…` or `s3://landing/quakes/`. */
export const watchedText = (watched: Watched): string =>
  'queue' in watched ? `queue ${watched.queue}` : `s3://${watched.bucket}/${watched.prefix}`;

/** Where the list of a queue's unmatched files is: in the staging of the queue's first loader. */
export const unmatchedStaging = (loaders: Loaders, queue: string): LoaderDefinition['staging'] | undefined =>
  loadersWatching(loaders, { queue })[0]?.loader.staging;
