import { z } from 'zod';
import type { ObjectStore } from '../../clients/object-store.ts';
import { amend } from '../bookmark.ts';
import type { Document } from '../document.ts';

/** Files in a watched queue that no loader matches: examples for operators, each file once, the newest first. */
export const UnmatchedFiles = z.object({
  version: z.literal(1),
  files: z.array(z.object({ bucket: z.string(), key: z.string(), at: z.string() })),
});
export type UnmatchedFiles = z.infer<typeof UnmatchedFiles>;

/** The document keeps no more; the metric counts them all. */
export const UNMATCHED_LISTED = 100;

export const unmatchedFiles = (store: ObjectStore, key: string): Document<UnmatchedFiles> => ({
  store,
  key,
  schema: UnmatchedFiles,
  remedy: 'Delete it: it only lists examples.',
});

/** Adds files to the list. A file that is listed keeps its place. */
export async function listUnmatched(
  at: Document<UnmatchedFiles>,
  files: UnmatchedFiles['files'],
  signal: AbortSignal,
): Promise<void> {
  await amend(
    at,
    (before): UnmatchedFiles => {
      const known = before?.files ?? [];
      const seen = new Set(known.map(nameOf));
      const added = files.filter((file) => !seen.has(nameOf(file)) && seen.add(nameOf(file)));
      return { version: 1, files: [...added.toReversed(), ...known].slice(0, UNMATCHED_LISTED) };
    },
    signal,
  );
}

const nameOf = ({ bucket, key }: { readonly bucket: string; readonly key: string }) => `${bucket}/${key}`;
