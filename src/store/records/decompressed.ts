import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';

type Bytes = AsyncIterable<Uint8Array>;

/** Each takes a turn of the event loop: Node's default of 16 KB costs twice as much CPU time. */
const CHUNK_BYTES = 256 * 1024;

/** Compressed bytes that are damaged, or that end early. */
export class NotDecompressed extends Error {
  override readonly name = 'NotDecompressed';
}

/**
 * The bytes of a file, decompressed if they are gzip (of any number of members) or zstd (of any number of frames). What it is
 * follows from its first bytes.
 * @throws NotDecompressed
 */
export async function* decompressedByContent(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const { head, isEnd } = await firstBytes(iterator);
  const all = (async function* () {
    if (head.length > 0) yield head;
    if (!isEnd) yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  try {
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(all);
    else if (isZstd(head)) yield* unzstd(all);
    else yield* all;
  } finally {
    await iterator.return?.();
  }
}

/** The first four bytes at least, unless there are fewer. */
async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<{ head: Buffer; isEnd: boolean }> {
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const { value, done } = await iterator.next();
    if (done === true) return { head, isEnd: true };
    head = Buffer.concat([head, value]);
  }
  return { head, isEnd: false };
}

/** A frame, or one that is skipped. https://www.rfc-editor.org/rfc/rfc8878#section-3.1 */
function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5;
}

/** Any number of gzip members. @throws NotDecompressed */
export async function* gunzipped(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const inflate = zlib.createGunzip({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(bytes, { objectMode: true, highWaterMark: 1 });
  source.on('error', (error) => inflate.destroy(error));
  source.pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw asDamage(error, 'gzip');
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

/** Any number of zstd frames. Node's decompressor ends after one; what follows would be lost. @throws NotDecompressed */
export async function* unzstd(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let next = await iterator.next();
  try {
    while (next.done !== true) {
      if (next.value.length === 0) {
        next = await iterator.next();
        continue;
      }
      const frame = new ZstdFrames(iterator, next.value);
      yield* frame.bytes();
      next = frame.rest.length > 0 ? { value: frame.rest, done: false } : await iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

/** One frame, or several that end where pieces end. */
class ZstdFrames {
  /** What follows, once the bytes have ended. */
  rest: Uint8Array = new Uint8Array();
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #inflate = zlib.createZstdDecompress({ chunkSize: CHUNK_BYTES });
  /** What was written and may not have been taken. */
  #pieces: Uint8Array[];
  #written = 0;

  constructor(iterator: AsyncIterator<Uint8Array>, first: Uint8Array) {
    this.#iterator = iterator;
    this.#pieces = [first];
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const hasEnded = new Promise<void>((resolve) => {
      this.#inflate.once('end', resolve).once('close', resolve);
    });
    const feeding = this.#feed(hasEnded).catch((error: Error) => void this.#inflate.destroy(error));
    try {
      yield* this.#inflate as AsyncIterable<Uint8Array>;
      await feeding;
      this.rest = Buffer.concat(this.#untaken());
    } catch (error) {
      throw asDamage(error, 'zstd');
    } finally {
      this.#inflate.destroy();
      await feeding;
    }
  }

  #untaken(): Uint8Array[] {
    const written = Buffer.concat(this.#pieces);
    return [written.subarray(written.length - (this.#written - this.#inflate.bytesWritten))];
  }

  /** After the end of a frame inside a piece, the write of that piece, or of the next, is never confirmed. */
  async #feed(hasEnded: Promise<void>): Promise<void> {
    for (let piece = this.#pieces[0]!; ; ) {
      this.#written += piece.length;
      const isTaken = new Promise<void>((resolve) => void this.#inflate.write(piece, () => resolve()));
      await Promise.race([isTaken, hasEnded]);
      if (this.#inflate.readableEnded || this.#inflate.destroyed) return;
      const { value, done } = await this.#iterator.next();
      if (done === true) {
        this.#inflate.end();
        return;
      }
      piece = value;
      this.#pieces = [...this.#untaken(), piece];
    }
  }
}

function asDamage(error: unknown, kind: string): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (typeof code !== 'string' || !/^(?:Z_|ZSTD_|ERR_ZLIB)/.test(code)) return error;
  return new NotDecompressed(`the ${kind} data is damaged or ends early: ${message}`);
}
