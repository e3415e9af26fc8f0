import {
  PassThrough,
  pipeline,
  type Readable,
  Transform,
  type TransformCallback,
  Writable,
} from 'node:stream';
import { crc32, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { CopyFailure } from '../copy-failure.ts';
import { freeMemory } from './free-memory.ts';

/** Large pieces: their reader starts each piece again at an unfinished record. */
const CHUNK_SIZE = 256 * 1024;

/**
 * The decompressed bytes of a file that is one zstd frame, one gzip member, or not compressed at all.
 * COPY is not documented to read a second frame or member, so a file that has one is refused, and so is one
 * that ends early. Pieces of the source must be used by no one else: their memory is freed.
 */
export function decompressed(
  source: Readable,
  compression: 'none' | 'gzip' | 'zstd',
  fileName: string,
): Readable {
  if (compression === 'zstd') return decompressOneFrame(source, fileName);
  if (compression === 'gzip') return gunzipOneMember(source, fileName);
  const output = new PassThrough();
  // The pipeline's error reaches the reader of `output`, which it destroys with it.
  pipeline(source, output, () => {});
  return output;
}

/**
 * Frees the memory of decompressed bytes that have been copied. Otherwise the garbage collector frees it, and a load
 * spends a quarter of its time there. zlib fills a piece of memory with one chunk after another: the last one ends it.
 */
export function freeDecompressed(chunk: Buffer): void {
  if (chunk.byteOffset + chunk.length === CHUNK_SIZE) freeMemory(new Uint8Array(chunk.buffer));
}

function refused(fileName: string, what: string): CopyFailure {
  return new CopyFailure(`${what}: ${fileName}`, { code: 8001 });
}

function decompressOneFrame(source: Readable, fileName: string): Readable {
  const output = createZstdDecompress({ chunkSize: CHUNK_SIZE });
  const input = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.write(chunk, (error) => {
        freeMemory(chunk);
        done(error);
      });
    },
    final: (done) => {
      output.end(done);
    },
  });
  pipeline(source, new OneZstdFrame(fileName), input, (error) => {
    if (error) output.destroy(error);
  });
  // Its reader may give up.
  output.once('close', () => source.destroy());
  return output;
}

/** Passes through the bytes of one zstd frame (RFC 8878), and follows its blocks to find its end. */
class OneZstdFrame extends Transform {
  #pending = Buffer.alloc(0);
  #bytesToSkip = 0;
  #hasChecksum = false;
  #state: 'header' | 'block' | 'checksum' | 'end' = 'header';
  readonly #fileName: string;

  constructor(fileName: string) {
    super();
    this.#fileName = fileName;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const problem = this.#walk(chunk);
    if (problem === undefined) done(null, chunk);
    else done(refused(this.#fileName, problem));
  }

  override _flush(done: TransformCallback): void {
    const ended = this.#state === 'end' && this.#bytesToSkip === 0;
    done(ended ? null : refused(this.#fileName, 'Unexpected end of the zstd frame'));
  }

  #walk(chunk: Buffer): string | undefined {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    for (;;) {
      const skipped = Math.min(this.#bytesToSkip, rest.length);
      this.#bytesToSkip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return undefined;
      if (this.#state === 'end') return 'A second zstd frame, or bytes after the first';
      const header = this.#state === 'header' ? this.#frameHeader(rest) : this.#blockHeader(rest);
      if (typeof header === 'string') return header;
      if (header === undefined) {
        this.#pending = Buffer.from(rest);
        return undefined;
      }
      rest = rest.subarray(header);
    }
  }

  /** The header's length, undefined if more input is needed, or what is wrong. */
  #frameHeader(bytes: Buffer): number | string | undefined {
    if (bytes.length < 5) return undefined;
    if (bytes.readUInt32LE(0) !== 0xfd2fb528) return 'Not a zstd frame';
    const descriptor = bytes[4]!;
    const singleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    this.#state = 'block';
    this.#bytesToSkip = (singleSegment ? 0 : 1) + dictionary + contentSize;
    return 5;
  }

  #blockHeader(bytes: Buffer): number | string | undefined {
    if (bytes.length < 3) return undefined;
    const header = bytes.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) return 'A damaged zstd frame';
    this.#bytesToSkip = type === 1 ? 1 : header >> 3;
    if ((header & 1) === 1) {
      this.#state = 'end';
      this.#bytesToSkip += this.#hasChecksum ? 4 : 0;
    }
    return 3;
  }
}

/**
 * zlib's own gunzip silently continues with a second member. Therefore the member's frame (RFC 1952) is read here, and
 * zlib gets only its deflate stream.
 */
function gunzipOneMember(source: Readable, fileName: string): Readable {
  const output = new PassThrough();
  const inflate = createInflateRaw({ chunkSize: CHUNK_SIZE });
  let header: Buffer = Buffer.alloc(0);
  let headerBytes = 0;
  let totalBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  let checksum = 0;
  let inflatedBytes = 0;
  const strip = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      totalBytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-8);
      if (headerBytes > 0) return done(null, chunk);
      header = Buffer.concat([header, chunk]);
      const length = gzipHeaderBytes(header);
      if (typeof length === 'string') return done(refused(fileName, length));
      if (length === undefined) return done();
      headerBytes = length;
      done(null, header.subarray(length));
    },
    flush: (done) => done(headerBytes > 0 ? null : refused(fileName, 'Not a gzip member')),
  });
  const verify = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      checksum = crc32(chunk, checksum);
      inflatedBytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const memberBytes = headerBytes + inflate.bytesWritten + 8;
      sourceEnded(source, () => {
        if (totalBytes > memberBytes)
          done(refused(fileName, 'A second gzip member, or bytes after the first'));
        else if (totalBytes < memberBytes) done(refused(fileName, 'Unexpected end of the gzip member'));
        else if (tail.readUInt32LE(0) !== checksum || tail.readUInt32LE(4) !== inflatedBytes % 2 ** 32) {
          done(refused(fileName, 'The gzip member does not match its checksum'));
        } else done();
      });
    },
  });
  pipeline(source, strip, inflate, verify, output, () => {});
  return output;
}

/** The deflate stream can end before the source: the remaining bytes are counted first. */
function sourceEnded(source: Readable, then: () => void): void {
  if (source.readableEnded || source.destroyed) then();
  else source.once('close', then);
}

function gzipHeaderBytes(bytes: Buffer): number | string | undefined {
  if (bytes.length < 10) return undefined;
  if (bytes.readUInt16BE(0) !== 0x1f8b || bytes[2] !== 8) return 'Not a gzip member';
  const flags = bytes[3]!;
  let at = 10;
  if ((flags & 4) !== 0) {
    if (bytes.length < at + 2) return undefined;
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return bytes.length < at ? undefined : at;
}
