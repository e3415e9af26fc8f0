import { addAbortSignal } from 'node:stream';
import type { CopyText } from './copy-text.ts';
import type { FileLoader } from './file-loader.ts';
import type { RowReader } from './row-reader.ts';
import { decompressed, freeDecompressed } from './source/single-frame.ts';
import type { OpenedFile, SourceFile } from './source/source-files.ts';

/** Loads files of the formats that are read from the beginning to the end, in bounded memory. */
export class StreamLoader implements FileLoader {
  readonly out: CopyText;
  readonly #reader: RowReader;
  readonly #compression: 'none' | 'gzip' | 'zstd';
  readonly #signal: AbortSignal;

  constructor(reader: RowReader, compression: 'none' | 'gzip' | 'zstd', signal: AbortSignal) {
    this.out = reader.out;
    this.#reader = reader;
    this.#compression = compression;
    this.#signal = signal;
  }

  async load(file: SourceFile, { body }: OpenedFile, written: () => Promise<void>): Promise<void> {
    const compression = this.#compression;
    this.#reader.begin(file.url);
    const chunks = addAbortSignal(this.#signal, decompressed(body, compression, file.url));
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      this.#reader.feed(chunk);
      if (compression !== 'none') freeDecompressed(chunk);
      await written();
    }
    this.#reader.end();
    await written();
  }
}
