import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { StackAddresses } from '../addresses.ts';

/** Creates the bucket if it does not exist. */
export async function makeBucket(addresses: StackAddresses['s3']): Promise<void> {
  const { endpoint, accessKeyId, secretAccessKey } = addresses;
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: addresses.bucket }));
  } catch (error) {
    if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes((error as Error).name)) throw error;
  } finally {
    s3.destroy();
  }
}
