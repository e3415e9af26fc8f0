import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CopySource } from '../object-store.ts';

/** CopyObject copies at most 5 GB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html */
const MAX_SINGLE_BYTES = 5 * 1024 ** 3;
/** An object of 5 TB has at most 10,000 parts. */
const PART_BYTES = 1024 ** 3;

/**
 * Copies an object on the server, if it has the source's ETag: in one call or, above 5 GB, in parts.
 * @returns the ETag of the copy
 * @throws the SDK's errors: 412 if the ETag differs, `NoSuchKey` if there is no object
 */
export async function copyObject(
  client: S3Client,
  from: CopySource,
  to: { readonly bucket: string; readonly key: string },
  send: object,
): Promise<string | undefined> {
  const target = { Bucket: to.bucket, Key: to.key };
  const source = {
    CopySource: `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceIfMatch: from.etag,
  };
  if (from.bytes <= MAX_SINGLE_BYTES) {
    const { CopyObjectResult } = await client.send(new CopyObjectCommand({ ...target, ...source }), send);
    return CopyObjectResult?.ETag;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target), send);
  try {
    const Parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
    for (let start = 0; start < from.bytes; start += PART_BYTES) {
      const end = Math.min(start + PART_BYTES, from.bytes) - 1;
      const PartNumber = Parts.length + 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...target,
          ...source,
          UploadId,
          PartNumber,
          CopySourceRange: `bytes=${start}-${end}`,
        }),
        send,
      );
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    const { ETag } = await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
      send,
    );
    return ETag;
  } catch (error) {
    // What the parts hold costs money until the upload is aborted. If this fails, the bucket's lifecycle rule ends it.
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
}
