import { deniedAction, type ErrorCase } from '../aws/aws-error-cases.ts';

/** Which settings name a bucket. */
const SETTINGS = 'staging.bucket or, of a loader, source.bucket';

/** What S3's errors mean for a bucket. */
export function s3Cases(error: unknown, bucket: string): readonly ErrorCase[] {
  return [
    {
      names: ['NoSuchBucket'],
      code: 'BucketNotFound',
      advice: `Bucket ${bucket} does not exist. Create it, or correct the setting that names it: ${SETTINGS}.`,
    },
    {
      names: ['InvalidBucketName'],
      code: 'BucketNotFound',
      advice: `${bucket} is not a valid bucket name. Correct the setting that names it: ${SETTINGS}.`,
    },
    {
      names: [
        'PermanentRedirect',
        // S3 also says this of a malformed access key.
        ...(bucketRegion(error) === undefined ? [] : ['AuthorizationHeaderMalformed']),
        'IllegalLocationConstraintException',
        'IncorrectEndpoint',
      ],
      status: (status) => status === 301,
      code: 'WrongRegion',
      advice: `Bucket ${bucket} is in ${bucketRegion(error) ?? 'another region'}. Set AWS_REGION to it. If that is not the warehouse’s region, COPY needs warehouse.region as well.`,
    },
    {
      names: ['ConditionalRequestConflict', 'OperationAborted'],
      code: 'WriteConflict',
      advice: 'Another write to this key was in progress. This is retried.',
    },
    {
      names: ['TemporaryRedirect'],
      status: (status) => status === 307,
      code: 'ServiceFailed',
      advice: 'S3 does not yet know a new bucket in every place. This is retried.',
    },
    {
      names: ['BadDigest', 'IncompleteBody', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'],
      words: /^Checksum mismatch/,
      code: 'DamagedObject',
      advice: 'The bytes changed in transit. This is retried.',
    },
    {
      names: ['AuthorizationHeaderMalformed'],
      code: 'CredentialsInvalid',
      advice: 'S3 cannot read the signature of the request. Check the access key and AWS_REGION.',
      unquotable: true,
    },
    {
      names: ['InvalidObjectState'],
      code: 'ObjectArchived',
      advice:
        'A lifecycle rule archived the object. Restore it, and exempt the run directory from that rule.',
    },
    {
      names: ['AccessDenied', 'Forbidden', 'AllAccessDisabled'],
      code: 'AccessDenied',
      advice: (attempt, message) =>
        `Allow ${deniedAction(attempt, message)} on ${bucket} for the worker’s identity. Allow s3:ListBucket as well: without it, S3 denies access even to a key that does not exist. Check the bucket’s policy and its KMS key.`,
    },
  ];
}

/** The bucket's region according to S3, from a header or the error's body. */
function bucketRegion(error: unknown): string | undefined {
  const { $response, Region, BucketRegion } = error as {
    $response?: { headers?: Record<string, string> };
    Region?: string;
    BucketRegion?: string;
  };
  return $response?.headers?.['x-amz-bucket-region'] ?? Region ?? BucketRegion;
}
