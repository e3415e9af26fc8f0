import { inboxLocation } from '../../pipeline/loader/inbox-pages.ts';
import { inboxDirectory } from '../../pipeline/loader/loader-directory.ts';
import type { NamedLoader } from '../../pipeline/loader/routing.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Hints } from './hints.ts';

/** Wants a hint for each table with files in its inbox: a worker may have died before it sent its hints. */
export async function hintWaiting(
  { store }: Pick<Dependencies, 'store'>,
  hints: Hints,
  loaders: readonly NamedLoader[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, loader } of loaders) {
    const at = inboxLocation(loader);
    for await (const _page of store(at.bucket).list(inboxDirectory(at), { signal })) {
      hints.want(at.table, name);
      break;
    }
  }
}
