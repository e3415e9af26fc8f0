import { createHash } from 'node:crypto';
import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { findDocument } from '../document.ts';
import { batchDocument, type LoaderFiles, newestBatch } from './batch-files.ts';
import { listInbox, readPages } from './inbox.ts';

/** About 30 MB. Further files count as not announced, and are announced once more, which is harmless. */
const MOST_FILES = 500_000;
/** So many numbers without a batch, and the earlier batches have been deleted. */
const MOST_GAPS = 100;

/**
 * The files that are on their way to a table: those that wait in its inbox, and those of its batches. Every file that an
 * event announced is in one of them from the moment its message is deleted, until its batch is deleted.
 */
export class AnnouncedFiles {
  /** 128 bits of each file's identity. */
  readonly #hashes = new Set<string>();

  /** @param sinceMs batches that were created earlier are left out */
  static async find(files: LoaderFiles, sinceMs: number, signal: AbortSignal): Promise<AnnouncedFiles> {
    const found = new AnnouncedFiles();
    // A batch is written before its pages are deleted: so a file that is in no page any more is in a batch that is there.
    const { pages } = await listInbox(files, signal);
    for await (const some of readPages(files, pages, signal)) {
      for (const page of some) found.#add(page.files);
      if (found.#isFull) return found;
    }
    let gaps = 0;
    for (let n = await newestBatch(files, 0, signal); n > 0 && gaps < MOST_GAPS && !found.#isFull; n--) {
      const batch = await findDocument(batchDocument(files, n), signal);
      if (batch === undefined) gaps++;
      else if (Date.parse(batch.createdAt) < sinceMs) break;
      else {
        gaps = 0;
        found.#add(batch.files);
      }
    }
    return found;
  }

  has(file: Pick<SourceFile, 'bucket' | 'key' | 'etag'>): boolean {
    return this.#hashes.size > 0 && this.#hashes.has(hashOf(file));
  }

  #add(files: readonly SourceFile[]): void {
    for (const file of files) this.#hashes.add(hashOf(file));
  }

  get #isFull(): boolean {
    return this.#hashes.size >= MOST_FILES;
  }
}

const hashOf = (file: Pick<SourceFile, 'bucket' | 'key' | 'etag'>) =>
  createHash('sha256').update(fileId(file)).digest().toString('latin1', 0, 16);
