import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { CopyFailure } from '../copy/copy-failure.ts';

/** An S3 client whose nth data file (`file`) breaks off after a part of its bytes, as S3 does when it fails. */
export function breakingOff(
  s3: S3Client,
  options: { fraction: number; file: number; readBefore: number },
): S3Client {
  let filesUntil = options.file + options.readBefore;
  let brokenKey: string | undefined;
  const send = async (command: object, ...rest: unknown[]) => {
    const answer = await (s3.send as (...all: unknown[]) => Promise<object>).call(s3, command, ...rest);
    if (!(command instanceof GetObjectCommand)) return answer;
    // Later parts of a large Parquet file break off as well.
    if (command.input.Range === undefined && --filesUntil === 0) brokenKey = command.input.Key;
    else if (brokenKey === undefined || command.input.Key !== brokenKey) return answer;
    const { Body, ContentLength = 0 } = answer as GetObjectCommandOutput;
    const body = Body as Readable;
    const upTo = Math.floor(ContentLength * options.fraction);
    return { ...answer, Body: Readable.from(firstBytes(body, upTo, command.input.Key ?? '')) };
  };
  return new Proxy(s3, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name, target)),
  });
}

async function* firstBytes(body: Readable, upTo: number, key: string): AsyncGenerator<Buffer> {
  let given = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, upTo - given);
    given += part.length;
    if (part.length > 0) yield part;
    if (given >= upTo) break;
  }
  throw new CopyFailure(
    `S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0000000000000000,ExtRid local,CanRetry 1 (${key} broke off after ${given} bytes)`,
    { code: 8001, context: 'S3 key being read : local' },
  );
}
