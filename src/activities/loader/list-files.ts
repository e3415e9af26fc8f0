import { Terminal, Transient } from '../../clients/errors.ts';
import type {
  ListFilesInput,
  ListFilesResult,
  ListingSeen,
  WatchProblem,
} from '../../contract/loader/watch.ts';
import { inboxLocation } from '../../pipeline/loader/inbox-pages.ts';
import { listSeconds } from '../../pipeline/loader/listing.ts';
import type { NamedLoader } from '../../pipeline/loader/routing.ts';
import { loadersWatching } from '../../pipeline/loader/watched.ts';
import { findDocument } from '../../store/document.ts';
import { listingFile } from '../../store/loader/listing-file.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countListed } from '../runtime/metrics.ts';
import { hintWaiting } from './hint-waiting.ts';
import type { Hints } from './hints.ts';
import { listLoader } from './list-loader.ts';
import { watchProblem } from './watch-problem.ts';

/** How soon a listing that failed is repeated. */
const REPEAT_SECONDS = 60;
/** How soon a change of the configuration is noticed. */
const LOOK_AGAIN_SECONDS = 600;

/** Lists the loaders whose listing is due. One that fails does not keep the others from being listed. */
export async function listFiles(
  deps: Dependencies,
  hints: Hints,
  { watched, startedAt }: ListFilesInput,
): Promise<ListFilesResult> {
  let doing = 'looking which listings are due';
  return await whileHeartbeating(
    () => doing,
    (activity) => {
      const signal = deps.stopping === undefined ? activity : AbortSignal.any([activity, deps.stopping]);
      return hints.during(signal, async () => {
        const loaders = await deps.loaders();
        const watching = loadersWatching(loaders, watched);
        await hintWaiting(deps, hints, watching, signal);
        const listings: ListingSeen[] = [];
        const problems: WatchProblem[] = [];
        let nextSeconds = LOOK_AGAIN_SECONDS;
        for (const each of watching) {
          try {
            const before = await listingOf(each);
            const dueMs = Date.parse(before?.listedAt ?? '') + listSeconds(each.loader) * 1000;
            const leftSeconds = (dueMs - deps.nowMs()) / 1000;
            if (leftSeconds > 0) {
              nextSeconds = Math.min(nextSeconds, leftSeconds);
              continue;
            }
            const listed = (files: number) => {
              doing = `listing the files of ${each.name}: ${files} so far`;
            };
            const context = { deps, hints, loaders, startedAtMs: Date.parse(startedAt), signal, listed };
            const seen = await listLoader(context, each, before);
            countListed(each.name, seen.found);
            ActivityRecord.current().advance();
            listings.push(seen);
            nextSeconds = Math.min(nextSeconds, listSeconds(each.loader));
          } catch (error) {
            if (!(error instanceof Terminal || error instanceof Transient)) throw error;
            problems.push(watchProblem(each.name, error, deps.nowMs()));
            nextSeconds = Math.min(nextSeconds, REPEAT_SECONDS);
          }
        }
        return {
          ...{ listings, problems, loaders: watching.map(({ name }) => name) },
          nextSeconds: Math.ceil(nextSeconds),
        };

        async function listingOf({ name, loader }: NamedLoader) {
          const at = inboxLocation(loader);
          return await findDocument(listingFile(deps.store(at.bucket), at, name), signal);
        }
      });
    },
  );
}
