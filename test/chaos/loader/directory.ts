import type { z } from 'zod';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import {
  batchDirectory,
  batchesDirectory,
  inboxDirectory,
  type LoaderLocation,
  openDirectory,
} from '../../../src/pipeline/loader/loader-directory.ts';
import { Batch, BatchClosed, InboxPage } from '../../../src/pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../../src/pipeline/loader/source-file.ts';
import { findDocument } from '../../../src/store/document.ts';

/** A loader's directory in S3, as the test reads it. */
export class Directory {
  readonly #store: ObjectStore;
  readonly #at: LoaderLocation;

  constructor(store: ObjectStore, at: LoaderLocation) {
    this.#store = store;
    this.#at = at;
  }

  async waiting(): Promise<SourceFile[]> {
    const files: SourceFile[] = [];
    for await (const { key } of this.#store.list(inboxDirectory(this.#at))) {
      const page = await this.#read(key, InboxPage);
      files.push(...(page?.files ?? []));
    }
    return files;
  }

  /** Whether the inbox is empty and every batch closed. */
  async isDone(): Promise<boolean> {
    for (const directory of [inboxDirectory, openDirectory]) {
      for await (const _ of this.#store.list(directory(this.#at))) return false;
    }
    return true;
  }

  async newest(): Promise<number> {
    return Math.max(0, ...(await this.#numbers()));
  }

  async batch(number: number): Promise<Batch | undefined> {
    return this.#read(`${batchDirectory(this.#at, number)}batch.json`, Batch);
  }

  /** All batches, and how each ended. */
  async batches(): Promise<{ readonly batch: Batch; readonly closed: BatchClosed | undefined }[]> {
    const found = [];
    for (const number of await this.#numbers()) {
      const batch = await this.batch(number);
      const closed = await this.#read(`${batchDirectory(this.#at, number)}closed.json`, BatchClosed);
      if (batch !== undefined) found.push({ batch, closed });
    }
    return found;
  }

  async #numbers(): Promise<number[]> {
    const directory = batchesDirectory(this.#at);
    const numbers: number[] = [];
    for await (const { key } of this.#store.list(directory, { delimiter: '/' }))
      numbers.push(Number.parseInt(key.slice(directory.length), 10));
    return numbers;
  }

  #read<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    return findDocument({ store: this.#store, key, schema });
  }
}
