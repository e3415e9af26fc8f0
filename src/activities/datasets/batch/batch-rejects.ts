import { zstdCompressSync } from 'node:zlib';
import { Terminal } from '../../../clients/errors.ts';
import type { BatchResult, KeptReject } from '../../../pipeline/datasets/documents.ts';
import { bareEtag } from '../../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';

/** The records of a batch that cannot be rows. */
export class BatchRejects {
  readonly #batch: number;
  readonly #most: number;
  readonly #rejects: KeptReject[] = [];

  /** @param most so many are set aside; with more, the batch fails */
  constructor(batch: number, most: number) {
    this.#batch = batch;
    this.#most = most;
  }

  /** @throws Terminal `TooManyRejects` */
  add(rejects: readonly KeptReject[]): void {
    for (const reject of rejects) this.#rejects.push(reject);
    const [first] = this.#rejects;
    if (this.#rejects.length > this.#most && first !== undefined)
      throw new Terminal(
        'TooManyRejects',
        `More than ${this.#most} records of batch ${this.#batch} cannot be rows, so nothing of it is published. ` +
          `The first: ${first.file}, line ${first.line}: ${first.reason}. Correct the record module, or raise \`maxRejects\`.`,
      );
  }

  /** Writes them to a file of a directory, if there are any. */
  async keep(
    { store }: DatasetFiles,
    directory: string,
    signal: AbortSignal,
  ): Promise<BatchResult['rejects']> {
    const count = this.#rejects.length;
    if (count === 0) return { count };
    const lines = this.#rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('');
    const key = `${directory}rejects.jsonl.zst`;
    const etag = await store.put(key, zstdCompressSync(lines), { signal });
    return { count, file: { key, etag: bareEtag(etag) } };
  }
}
