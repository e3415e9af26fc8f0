import type { ErrorCase } from '../aws/aws-error-cases.ts';

/** What S3's refusals mean here, for one bucket. */
export function s3Cases(error: unknown, bucket: string): readonly ErrorCase[] {
  return [
    {
      names: ['NoSuchBucket'],
      code: 'BucketNotFound',
      advice: `There is no bucket ${bucket}. Create it, or correct the pipeline’s staging bucket.`,
    },
    {
      names: ['InvalidBucketName'],
      code: 'BucketNotFound',
      advice: `${bucket} cannot be a bucket’s name. Correct the pipeline’s staging bucket.`,
    },
    {
      names: [
        'PermanentRedirect',
        'AuthorizationHeaderMalformed',
        'IllegalLocationConstraintException',
        'IncorrectEndpoint',
      ],
      status: (status) => status === 301,
      code: 'WrongRegion',
      advice: `Bucket ${bucket} is in ${bucketRegion(error) ?? 'another region'}. Set AWS_REGION to it: COPY, too, wants the bucket in the warehouse’s region.`,
    },
    {
      names: ['ConditionalRequestConflict', 'OperationAborted'],
      code: 'WriteConflict',
      advice: 'Another write to this key was under way; this is tried again.',
    },
    {
      names: ['TemporaryRedirect'],
      status: (status) => status === 307,
      code: 'ServiceFailed',
      advice: 'The bucket is not yet known everywhere (a new one takes a while); this is tried again.',
    },
    {
      names: ['BadDigest', 'IncompleteBody', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'],
      words: /^Checksum mismatch/,
      code: 'DamagedObject',
      advice: 'The bytes changed on their way; this is tried again.',
    },
    {
      names: ['InvalidObjectState'],
      code: 'ObjectArchived',
      advice:
        'The object was moved to an archive. Restore it, and exempt the run directory from that lifecycle rule.',
    },
    {
      names: ['AccessDenied', 'Forbidden', 'AllAccessDisabled'],
      code: 'AccessDenied',
      advice: ({ action }) =>
        `Allow ${action} on ${bucket} to the identity the worker runs as, and s3:ListBucket: without it S3 answers so also for a key that is not there. Look at the bucket’s policy and its KMS key too.`,
    },
  ];
}

/** Where S3 says the bucket is: in a header, or in the error's body. */
function bucketRegion(error: unknown): string | undefined {
  const { $response, Region, BucketRegion } = error as {
    $response?: { headers?: Record<string, string> };
    Region?: string;
    BucketRegion?: string;
  };
  return $response?.headers?.['x-amz-bucket-region'] ?? Region ?? BucketRegion;
}
