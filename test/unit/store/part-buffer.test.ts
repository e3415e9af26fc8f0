import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Compression, decompress, PartBuffer, SUFFIX } from '../../../src/store/part-buffer.ts';

/** Lengths in characters: one block, several, and text that hardly compresses. */
const texts: readonly (readonly [string, string[]])[] = [
  ['nothing at all', []],
  ['a few rows', ['a\n', 'ä€😀\n']],
  ['several blocks', Array.from({ length: 60 }, (_, i) => `${i},"${'text '.repeat(20_000)}"\n`)],
  [
    'blocks that hardly compress',
    Array.from({ length: 40 }, () => `${randomBytes(50_000).toString('base64')}\n`),
  ],
];

/** The bytes of only the first frame or member, as a reader that accepts only one sees them. */
function firstFrame(compression: Compression, object: Buffer): Promise<number> {
  const reader = compression === 'zstd' ? zlib.createZstdDecompress() : zlib.createGunzip();
  return new Promise((resolve, reject) => {
    reader.on('error', reject);
    reader.on('data', () => {});
    reader.on('end', () => resolve(reader.bytesWritten));
    reader.end(object);
  });
}

/** A second zstd frame would begin with it. */
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

describe.each(['zstd', 'gzip'] as const)('a part compressed by %s', (compression) => {
  test.each(texts)('is one frame that holds every row: %s', async (_, rows) => {
    const part = new PartBuffer(compression);
    for (const row of rows) {
      part.append(row, 1);
      await part.drain();
    }
    const object = await part.finish();
    const text = rows.join('');
    expect(part.rows).toBe(rows.length);
    expect(part.rawBytes).toBe(Buffer.byteLength(text));
    expect((await decompress(`part.csv.${SUFFIX[compression]}`, object)) === text).toBe(true);
    expect(await firstFrame(compression, object)).toBe(object.byteLength);
    expect(compression === 'zstd' ? object.indexOf(ZSTD_MAGIC, 4) : -1).toBe(-1);
  });

  test('holds in memory only the text that is not yet compressed and the compressed bytes', async () => {
    const part = new PartBuffer(compression);
    for (let i = 0; i < 100; i++) {
      part.append('x'.repeat(100_000), 1);
      await part.drain();
    }
    expect(part.heldBytes).toBeLessThan(1_300_000);
    part.discard();
  });
});
