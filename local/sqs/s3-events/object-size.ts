import type { S3Client } from '@aws-sdk/client-s3';
import type { SizeOf } from './notifications.ts';

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Asks an S3 server for the sizes that its events leave out. The AWS client is loaded for the first of them. */
export function sizesFrom(credentials: S3Credentials): (endpoint: string) => SizeOf {
  const clients = new Map<string, S3Client>();
  return (endpoint) => async (bucket, key, etag) => {
    const { HeadObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const settings = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true };
    const client = clients.get(endpoint) ?? new S3Client(settings);
    clients.set(endpoint, client);
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return head.ETag?.replaceAll('"', '') === etag.replaceAll('"', '') ? head.ContentLength : undefined;
    } catch {
      // Deleted since, or S3 is stopping: the event is still worth more than the size.
      return undefined;
    }
  };
}
