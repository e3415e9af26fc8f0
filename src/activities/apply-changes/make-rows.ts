import type { SkipOrder } from '../../contract/changes/apply-activities.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import type { Seen } from '../../pipeline/seen/seen.ts';
import type { LastImage, LastImages } from '../../store/changes/last-images.ts';
import { RowFiles } from '../../store/changes/row-files.ts';
import type { Compression } from '../../store/part-buffer.ts';
import type { ImageReading } from './image-reading.ts';
import { skipReason } from './skipped-changes.ts';

/** The rows of all images, in layouts that may not have everything. */
export interface MadeRows {
  readonly files: RowFiles;
  /** What the images showed, without those that were set aside. */
  readonly seen: Seen;
  /** The layouts have no column for something: the rows of these images are missing. */
  readonly odd: number;
  /** Images that cannot be written exactly or that an operator skipped, and why. */
  readonly rejected: ReadonlyMap<LastImage, string>;
  /** Images that do not meet the conditions of `where`. */
  readonly filtered: number;
}

/** Shreds the images as the run did whose tables take their rows. */
export async function makeRows(
  images: LastImages,
  layouts: readonly Layout[],
  {
    key,
    compression,
    mapping,
    hiding,
    skips = [],
  }: ImageReading & { readonly compression: Compression; readonly skips?: readonly SkipOrder[] | undefined },
  signal: AbortSignal,
): Promise<MadeRows> {
  const files = new RowFiles({ key, layouts, mapping, hiding, compression });
  const rejected = new Map<LastImage, string>();
  let odd = 0;
  let filtered = 0;
  try {
    for (const last of images.images()) {
      const skipped = skipReason(skips, key, last);
      if (skipped !== undefined) {
        rejected.set(last, skipped);
        continue;
      }
      if (last.image === undefined) continue;
      const shredded = files.write(last.image);
      if (shredded.kind === 'rejected') {
        rejected.set(last, shredded.path === '' ? shredded.reason : `${shredded.path}: ${shredded.reason}`);
      } else if (shredded.kind === 'odd') odd++;
      else if (shredded.kind === 'filtered') filtered++;
      if (files.isCrowded) {
        await files.drain();
        signal.throwIfAborted();
      }
    }
    return { files, seen: files.takeSeen(), odd, rejected, filtered };
  } catch (error) {
    files.discard();
    throw error;
  }
}
