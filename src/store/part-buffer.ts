import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { freeMemory } from '../memory/free-memory.ts';
import { LINE_FEED } from '../transcode/bytes.ts';
import { RowBuffer } from '../transcode/row-buffer.ts';

export type Compression = 'zstd' | 'gzip';
export const SUFFIX: Readonly<Record<Compression, string>> = { zstd: 'zst', gzip: 'gz' };

/** The compressor is given blocks of about this size; a smaller part is compressed at the end. */
const BLOCK_BYTES = 256 * 1024;
/** Text is read back in pieces of this size. */
const PIECE_BYTES = 256 * 1024;
/** Of what the compressor returns at once: by default, a block comes back in twenty pieces. */
const chunkSize = 256 * 1024;
/** Half of the level's own: many parts are compressed at once, and few rows repeat what is further back. */
const ZSTD_WINDOW_LOG = 18;
const ZSTD = {
  chunkSize,
  params: {
    [zlib.constants.ZSTD_c_compressionLevel]: 1,
    [zlib.constants.ZSTD_c_windowLog]: ZSTD_WINDOW_LOG,
  },
};
const GZIP = { chunkSize, level: 1 };

const zstdOnce = promisify(zlib.zstdCompress);
const gzipOnce = promisify(zlib.gzip);

/**
 * The text of one S3 object while it is being written, compressed block by block. The object is one zstd frame or
 * one gzip member: COPY is not documented to read several.
 */
export class PartBuffer {
  readonly #compression: Compression;
  /** What is not compressed yet. */
  readonly pending = new RowBuffer();
  #stream: zlib.ZstdCompress | zlib.Gzip | undefined;
  #failure: Error | undefined;
  readonly #compressed: Buffer[] = [];
  #compressedBytes = 0;
  #rawBytes = 0;

  constructor(compression: Compression) {
    this.#compression = compression;
  }

  /** Takes rows, or whole items as JSON lines. Compresses nothing yet: see `drain`. */
  append(text: string, rows: number): void {
    this.pending.append(text, rows);
  }

  get rows(): number {
    return this.pending.rows;
  }

  /** Bytes of text compressed so far; complete after `finish`. */
  get rawBytes(): number {
    return this.#rawBytes;
  }

  /** Roughly the bytes it holds in memory. */
  get heldBytes(): number {
    return this.#compressedBytes + this.pending.length;
  }

  /** Compresses the text once it has grown to a block. Await it after every page, so that memory stays bounded. */
  async drain(): Promise<void> {
    if (this.pending.length >= BLOCK_BYTES) await this.#write();
  }

  /** Frees the memory of the text. @returns the object's bytes */
  async finish(): Promise<Buffer> {
    const body = this.#stream === undefined ? await this.#compressAtOnce() : await this.#end(this.#stream);
    this.pending.free();
    return body;
  }

  /** Releases the compressor of a part that will not be finished. */
  discard(): void {
    this.#stream?.destroy();
  }

  #compressAtOnce(): Promise<Buffer> {
    const rows = this.pending.view();
    this.#rawBytes += rows.byteLength;
    return this.#compression === 'zstd' ? zstdOnce(rows, ZSTD) : gzipOnce(rows, GZIP);
  }

  async #end(stream: Transform): Promise<Buffer> {
    await this.#write();
    const ended = once(stream, 'end');
    stream.end();
    await ended;
    const body = Buffer.concat(this.#compressed);
    // What the compressor fills at once may have come back in several pieces.
    const filled = new Set(this.#compressed.splice(0).map(({ buffer }) => buffer));
    for (const memory of filled) if (memory.byteLength === chunkSize) freeMemory(new Uint8Array(memory));
    return body;
  }

  async #write(): Promise<void> {
    const stream = this.#stream ?? this.#open();
    const block = this.pending.view();
    // The compressor reads the block itself until it calls back.
    await new Promise<void>((resolve, reject) => {
      stream.write(block, (error) => (error ? reject(error) : resolve()));
    });
    this.#rawBytes += block.byteLength;
    this.pending.clear();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #open(): zlib.ZstdCompress | zlib.Gzip {
    const stream = this.#compression === 'zstd' ? zlib.createZstdCompress(ZSTD) : zlib.createGzip(GZIP);
    stream.on('data', (chunk: Buffer) => {
      this.#compressed.push(chunk);
      this.#compressedBytes += chunk.byteLength;
    });
    stream.on('error', (error: Error) => {
      this.#failure = error;
    });
    this.#stream = stream;
    return stream;
  }
}

/** The text of an object that a `PartBuffer` wrote. The suffix of the key names the compression. */
export async function decompress(key: string, body: Uint8Array): Promise<string> {
  const inflate = key.endsWith(`.${SUFFIX.zstd}`) ? promisify(zlib.zstdDecompress) : promisify(zlib.gunzip);
  return (await inflate(body)).toString('utf8');
}

/** The same, a few whole lines at a time, as bytes with their line feeds. The last line may lack its own. */
export async function* decompressedBytes(key: string, body: Uint8Array): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const piece of decompressing(key, body) as AsyncIterable<Buffer>) {
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    rest.push(piece.subarray(0, end === 0 ? piece.length : end));
    if (end === 0) continue;
    yield rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat(rest);
    rest = end === piece.length ? [] : [piece.subarray(end)];
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

function decompressing(key: string, body: Uint8Array): Transform {
  const options = { chunkSize: PIECE_BYTES };
  const stream = key.endsWith(`.${SUFFIX.zstd}`)
    ? zlib.createZstdDecompress(options)
    : zlib.createGunzip(options);
  stream.end(body);
  return stream;
}

/** The same, a few whole lines at a time, without line feeds. Only as much is decompressed as the caller asks for. */
export async function* decompressedLines(key: string, body: Uint8Array): AsyncGenerator<string[]> {
  const stream = decompressing(key, body).setEncoding('utf8');
  let rest = '';
  for await (const text of stream as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}
