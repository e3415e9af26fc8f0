import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { FileCompression } from '../../../../src/pipeline/loader/compression.ts';
import { sourceText } from '../../../../src/store/loader/source-text.ts';
import { storedObjects } from '../sources/stored-objects.ts';

/** Longer than the first read of a file, also compressed. */
const LINES = Array.from(
  { length: 8000 },
  (_, i) => `${i},ü,${createHash('md5').update(String(i)).digest('hex')}\n`,
);
const TEXT = LINES.join('');
const parts = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    Buffer.from(LINES.slice((i * LINES.length) / count, ((i + 1) * LINES.length) / count).join('')),
  );

async function read(body: Buffer, compression: FileCompression): Promise<string> {
  const store = storedObjects(new Map([['a', body]]));
  const etag = createHash('md5').update(body).digest('hex');
  const { signal } = new AbortController();
  const file = { key: 'a', etag, bytes: body.length };
  return (await Array.fromAsync(sourceText(store, file, compression, signal))).join('');
}

describe.each([
  ['zstd', (part: Buffer) => zlib.zstdCompressSync(part)],
  ['gzip', (part: Buffer) => zlib.gzipSync(part)],
] as const)('a file of a loader in %s', (compression, compress) => {
  test.each([1, 2, 100])('of %i parts is read to its end', async (count) => {
    const body = Buffer.concat(parts(count).map(compress));
    expect(await read(body, compression)).toBe(TEXT);
    await expect(read(body.subarray(0, body.length - 3), compression)).rejects.toMatchObject({
      code: 'FileUnreadable',
    });
  });
});
