import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { recordBlocks } from '../../../../src/store/records/record-blocks.ts';

async function textsOf(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  for await (const block of recordBlocks(pieces)) {
    expect(block.length).toBeLessThanOrEqual(1000);
    for (const { text } of block) found.push(text);
  }
  return found;
}

function read(file: Buffer, pieceBytes: number): Promise<string[]> {
  async function* pieces() {
    for (let at = 0; at < file.length; at += pieceBytes) yield file.subarray(at, at + pieceBytes);
  }
  return textsOf(pieces());
}

const LINES = Array.from({ length: 2500 }, (_, i) => `{"a":${i},"b":"${'ä'.repeat(i % 50)}"}`);
const TEXT = Buffer.from(`${LINES.join('\n')}\n`);
/** To begin a frame takes a millisecond. */
const TENS = Array.from({ length: LINES.length / 10 }, (_, i) =>
  Buffer.from(`${LINES.slice(10 * i, 10 * i + 10).join('\n')}\n`),
);
const HALVES = [TEXT.subarray(0, 30_001), TEXT.subarray(30_001)];

const COMPRESSED = {
  gzip: zlib.gzipSync(TEXT),
  'gzip of two members': Buffer.concat(HALVES.map((half) => zlib.gzipSync(half))),
  zstd: zlib.zstdCompressSync(TEXT),
  'zstd of two frames': Buffer.concat(HALVES.map((half) => zlib.zstdCompressSync(half))),
  'zstd of many frames': Buffer.concat(TENS.map((lines) => zlib.zstdCompressSync(lines))),
  'zstd with a frame that is skipped': Buffer.concat([
    Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]),
    zlib.zstdCompressSync(TEXT),
  ]),
};

const FILES = {
  ...COMPRESSED,
  plain: TEXT,
  'gzip with zeros behind it': Buffer.concat([COMPRESSED.gzip, Buffer.alloc(512)]),
};

describe.each(Object.entries(FILES))('%s', (_, file) => {
  test.each([1000, 4096, 10_000_000])('in pieces of %i bytes', async (pieceBytes) => {
    expect(await read(file, pieceBytes)).toEqual(LINES);
  });
});

test('a frame that ends where a piece ends is followed by the next one', async () => {
  const frames = HALVES.map((half) => zlib.zstdCompressSync(half));
  expect(await read(Buffer.concat(frames), frames[0]!.length)).toEqual(LINES);
});

test.each(Object.entries(COMPRESSED))('%s that ends early is an error', async (_, file) => {
  for (const missing of [1, 5, 9])
    await expect(read(file.subarray(0, file.length - missing), 4096)).rejects.toThrow(
      /data is damaged or ends early/,
    );
});

test.each(['gzip', 'zstd'] as const)('%s that is damaged is an error', async (kind) => {
  const params = { [zlib.constants.ZSTD_c_checksumFlag]: 1 };
  const damaged = kind === 'gzip' ? Buffer.from(COMPRESSED.gzip) : zlib.zstdCompressSync(TEXT, { params });
  damaged.fill(0x55, 100, 140);
  await expect(read(damaged, 4096)).rejects.toThrow(/data is damaged/);
  const followed = Buffer.concat([COMPRESSED[kind], Buffer.from('garbage')]);
  await expect(read(followed, 1_000_000)).rejects.toThrow(/data is damaged/);
});

test('empty files have no records', async () => {
  for (const file of [Buffer.alloc(0), Buffer.from('\n'), zlib.gzipSync(''), zlib.zstdCompressSync('')])
    expect(await read(file, 10)).toEqual([]);
});

test('an error of the source is passed on', async () => {
  for (const kind of ['gzip', 'zstd'] as const) {
    async function* broken() {
      yield COMPRESSED[kind].subarray(0, 100);
      throw new Error('the network failed');
    }
    await expect(textsOf(broken())).rejects.toThrow('the network failed');
  }
});
