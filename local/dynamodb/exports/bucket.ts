import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** The S3 server that exports are written to. */
export interface S3Address {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Writes objects, in their order. */
export async function putObjects(
  { endpoint, accessKeyId, secretAccessKey }: S3Address,
  bucket: string,
  objects: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    for (const [Key, Body] of objects) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  } finally {
    client.destroy();
  }
}
