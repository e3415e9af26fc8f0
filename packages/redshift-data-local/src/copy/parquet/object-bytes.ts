import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AsyncBuffer } from 'hyparquet';
import { type OpenedFile, type SourceFile, s3Failure } from '../source/source-files.ts';

/** A file up to this size is read at once; of a larger one, only the parts that are needed. */
const MAX_WHOLE_BYTES = 8 * 1024 * 1024;

/**
 * An object's bytes in any order. A part is always of the object that was opened: if it was overwritten since, reading
 * fails. @throws CopyFailure
 */
export async function objectBytes(
  s3: S3Client,
  file: SourceFile,
  opened: OpenedFile,
  signal: AbortSignal,
): Promise<AsyncBuffer> {
  const { body, bytes, etag } = opened;
  if (bytes <= MAX_WHOLE_BYTES) {
    const whole = await collected(body);
    return { byteLength: whole.byteLength, slice: (start, end) => whole.slice(start, end) };
  }
  // Its connection is cut off, which is no failure.
  body.on('error', () => {});
  body.destroy();
  return {
    byteLength: bytes,
    slice: async (start, end = bytes) => {
      if (start >= end) return new ArrayBuffer(0);
      try {
        const { Body } = await s3.send(
          new GetObjectCommand({
            Bucket: file.bucket,
            Key: file.key,
            Range: `bytes=${start}-${end - 1}`,
            IfMatch: etag,
          }),
          { abortSignal: signal },
        );
        return await collected(Body as AsyncIterable<Buffer>);
      } catch (error) {
        throw s3Failure(error, file.url);
      }
    },
  };
}

async function collected(body: AsyncIterable<Buffer>): Promise<ArrayBuffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}
