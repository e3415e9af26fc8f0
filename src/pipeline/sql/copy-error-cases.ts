import { final, type Groups, retried, type S3ErrorCase, type SqlErrorCase } from './sql-error-case.ts';

const NEW_RUN =
  'A retry cannot bring it back: restore the object from its bucket’s versions, or cancel this run and start a new one.';
const ROLE =
  'Check that `warehouse.iamRole` exists, is attached to the cluster or namespace, and that its trust policy names redshift.amazonaws.com (and redshift-serverless.amazonaws.com for a workgroup).';

/**
 * What errors of COPY itself mean. Sources: https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html,
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html,
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-access-permissions.html
 */
export const COPY_ERROR_CASES: readonly SqlErrorCase[] = [
  // In Redshift's older and newer wording.
  {
    texts: [/^Load into table '.*' failed\.\s+Check '(?:stl_load_errors|sys_load_error_detail)'/is],
    kind: 'loadError',
  },
  {
    texts: [
      /^User arn:.* is not authorized to assume IAM Role/is,
      /^Not authorized to get credentials of role/i,
      /^The requested role .* is not associated to cluster/is,
      /^(?:The )?(?:cluster )?default IAM role\b/i,
    ],
    ...final('CopyRefused', {
      means: 'COPY may not use its role.',
      advice: ROLE,
    }),
  },
  {
    texts: [
      /^The specified S3 prefix '.*' does not exist$/is,
      /^Mandatory url is not present in manifest file/i,
    ],
    ...final('FileMissing', {
      means: 'A file of the run was removed before COPY read it.',
      advice: NEW_RUN,
    }),
  },
  {
    texts: [/^Manifest file (?:contains invalid entries|is not in correct json format)/i],
    ...retried('StatementFailed', {
      means: 'COPY’s manifest is not the one that Tributary wrote.',
      advice:
        'A retry writes it again. If it fails again, find out what changes objects below the run’s directory.',
    }),
  },
  {
    texts: [
      /^(?:(?:not|unexpected end of|a damaged|a second|the)(?: a| an| the)? )?(?:zstd|gzip|zlib)\b/i,
      /^(?:failed to |could not |cannot |error (?:in |while )?)?(?:de|un)compress/i,
    ],
    ...final('DamagedFile', {
      means: 'A file of the run cannot be decompressed.',
      advice: NEW_RUN,
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/mgmt/enhanced-vpc-routing.html
  {
    texts: [/^S3CurlException: /i],
    ...retried('StatementFailed', {
      means: 'The warehouse could not connect to S3.',
      advice:
        'With enhanced VPC routing, its subnets need an S3 gateway endpoint or a NAT gateway, and its security group must allow HTTPS.',
    }),
  },
];

/** What S3's answers to COPY mean. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
export const S3_ERROR_CASES: readonly S3ErrorCase[] = [
  {
    errors:
      /^(?:PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|IncorrectEndpoint)$/,
    status: (status) => status === 301,
    ...final('CopyRefused', {
      means: (groups) => `The bucket is in ${regionIn(groups) ?? 'another region than the warehouse'}.`,
      advice: (groups) =>
        `Set \`warehouse.region\` to ${regionIn(groups) ?? 'the bucket’s region'}, then start the run again.`,
    }),
  },
  {
    errors:
      /^(?:SlowDown|ServiceUnavailable|Busy|Throttling|ThrottlingException|RequestLimitExceeded|KMS\.ThrottlingException)$/,
    status: (status) => status === 429 || status === 503,
    ...retried('Throttled', {
      means: 'S3 asks COPY for a slower pace.',
      advice: 'This is retried.',
    }),
  },
  {
    errors:
      /^(?:InternalError|InternalFailure|RequestTimeout|OperationAborted|TemporaryRedirect|KMS\.InternalException)$/,
    status: (status) => status >= 500,
    ...retried('ServiceFailed', {
      means: 'S3 reported an internal error to COPY.',
      advice: 'This is retried.',
    }),
  },
  // The session that Redshift assumed for COPY, not the worker's: the next COPY has a new one.
  {
    errors: /^(?:ExpiredToken|TokenRefreshRequired|RequestExpired|RequestTimeTooSkewed)$/,
    ...retried('StatementFailed', {
      means: 'The session of COPY’s role expired while COPY ran.',
      advice: 'A retry gets a new one. If it fails again, raise the role’s maximum session duration.',
    }),
  },
  {
    errors: /^NoSuchKey$/,
    ...final('FileMissing', {
      means: 'A file of the run was removed before COPY read it.',
      advice: NEW_RUN,
    }),
  },
  {
    errors: /^NoSuchBucket$/,
    ...final('BucketNotFound', {
      means: 'COPY finds no such bucket.',
      advice:
        'Create it, or correct the setting that names it: staging.bucket or, of a loader, source.bucket.',
    }),
  },
  {
    errors: /^InvalidObjectState$/,
    ...final('ObjectArchived', {
      means: 'A lifecycle rule archived a file of the run.',
      advice: 'Restore the object, and exempt the run directories from that rule.',
    }),
  },
  {
    errors: /^KMS\./,
    ...final('CopyRefused', {
      means: ({ error }) => `The KMS key of a file cannot be used (${error}).`,
      advice: 'Enable the bucket’s KMS key and allow kms:Decrypt with it to `warehouse.iamRole`.',
    }),
  },
  {
    errors:
      /^(?:InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|AccountProblem|NotSignedUp|InvalidSecurity)$/,
    ...final('CopyRefused', {
      means: 'S3 rejects the credentials of COPY’s role.',
      advice: ROLE,
    }),
  },
  {
    errors: /^(?:AccessDenied|AllAccessDisabled|Forbidden)$/,
    status: (status) => status === 401 || status === 403,
    ...final('CopyRefused', {
      means: 'S3 denies COPY’s role access to the bucket.',
      advice:
        'Allow s3:GetObject on the run directories and s3:ListBucket on the bucket to `warehouse.iamRole`, and kms:Decrypt if the bucket has a KMS key of its own; check that no bucket policy, VPC endpoint policy or Lake Formation rule denies it. Then retry.',
    }),
  },
  {
    errors: /^$/,
    status: (status) => status >= 300 && status < 500,
    ...final('CopyRefused', {
      means: ({ error }) => `S3 refuses COPY’s request (${error}).`,
      advice: 'S3’s own error says why.',
    }),
  },
];

/** The region that S3 expects: `the region 'us-east-1' is wrong; expecting 'eu-west-1'`. */
function regionIn({ message = '' }: Groups): string | undefined {
  return /expecting '([a-z]{2}(?:-[a-z]+)+-\d)'$/.exec(message)?.[1];
}
