import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decompressed } from '../src/copy/source/single-frame.ts';

const text = Buffer.from('one,two\n'.repeat(50_000));

async function read(
  file: Buffer,
  compression: 'none' | 'gzip' | 'zstd',
  chunkBytes: number,
): Promise<Buffer> {
  const chunks = [];
  for (let at = 0; at < file.length; at += chunkBytes) chunks.push(file.subarray(at, at + chunkBytes));
  const parts: Buffer[] = [];
  for await (const part of decompressed(Readable.from(chunks), compression, 's3://b/k'))
    parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe.each([
  ['gzip' as const, gzipSync, 'gzip member'],
  ['zstd' as const, zstdCompressSync, 'zstd frame'],
])('a %s file', (compression, compress, what) => {
  const whole = compress(text);

  test.each([1, 3, 1_000, 1_000_000])('is read in chunks of %d bytes', async (chunkBytes) => {
    expect((await read(whole, compression, chunkBytes)).equals(text)).toBe(true);
  });

  test.each([1, 1_000, 1_000_000])(
    'with a second part is refused (chunks of %d bytes)',
    async (chunkBytes) => {
      await expect(read(Buffer.concat([whole, compress(text)]), compression, chunkBytes)).rejects.toThrow(
        `A second ${what}`,
      );
    },
  );

  test.each([1, 1_000_000])('with one byte more is refused (chunks of %d bytes)', async (chunkBytes) => {
    await expect(read(Buffer.concat([whole, Buffer.from([0])]), compression, chunkBytes)).rejects.toThrow(
      `A second ${what}`,
    );
  });

  test.each([1, 4, 9, 100])('that ends %d bytes early is refused', async (missing) => {
    await expect(read(whole.subarray(0, -missing), compression, 1_000)).rejects.toThrow(
      /end of the|unexpected end/i,
    );
  });

  test('that has another format is refused', async () => {
    await expect(read(text, compression, 1_000)).rejects.toThrow(`Not a ${what}`);
  });
});

test('a gzip member that does not match its checksum is refused', async () => {
  const damaged = Buffer.from(gzipSync(text));
  damaged[damaged.length - 8]! ^= 1;
  await expect(read(damaged, 'gzip', 1_000)).rejects.toThrow('does not match its checksum');
});

test('a damaged zstd frame is refused, and its source is closed', async () => {
  // Bytes that do not repeat: the damage is in what they are compressed to.
  const damaged = zstdCompressSync(
    Buffer.from(Array.from({ length: 50_000 }, (_, i) => `${i * i},`).join('')),
  );
  damaged.fill(0xaa, damaged.length >> 1, (damaged.length >> 1) + 50);
  const source = Readable.from([damaged.subarray(0, -1_000), damaged.subarray(-1_000)]);
  await expect(async () => {
    for await (const _ of decompressed(source, 'zstd', 's3://b/k'));
  }).rejects.toThrow(/corrupt|damaged|match/i);
  expect(source.destroyed).toBe(true);
});

test.each(['none', 'gzip', 'zstd'] as const)(
  'a source (%s) is closed if its reader gives up',
  async (compression) => {
    const file =
      compression === 'gzip' ? gzipSync(text) : compression === 'zstd' ? zstdCompressSync(text) : text;
    const source = new Readable({ read() {} });
    source.push(file.subarray(0, -1));
    const closed = new Promise((resolve) => source.once('close', resolve));
    for await (const _ of decompressed(source, compression, 's3://b/k')) break;
    await closed;
    expect(source.destroyed).toBe(true);
  },
);
