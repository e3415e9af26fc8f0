import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';

/** The call that failed, for its error message. */
export interface Attempt {
  /** Completes "Cannot …", e.g. `read s3://bucket/key`. */
  readonly doing: string;
  /** The permission that the call needs, e.g. `s3:GetObject`. */
  readonly action: string;
  /** Cases specific to this call, checked before the shared ones. */
  readonly cases?: readonly ErrorCase[];
  readonly signal?: AbortSignal | undefined;
}

/** One row of the table: which failures, the code they get, and what an operator should do. */
export interface ErrorCase {
  /** Names of the exception, from the service or from Node. */
  readonly names: readonly string[];
  /** Matches by HTTP status as well, for responses without a name (HEAD, proxies). */
  readonly status?: (status: number) => boolean;
  /**
   * Matches by the message as well. The pattern begins with `^`: names and values of users may appear anywhere else in a
   * message.
   */
  readonly words?: RegExp;
  /** Decides whether waiting may help. */
  readonly code: FailureCode;
  readonly advice: string | ((attempt: Attempt, message: string) => string);
  /** Omits the service's own text: signature errors repeat the rejected request, including tokens. */
  readonly unquotable?: true;
}

/**
 * The action that the service says is denied, which may be another one than the call's own, such as kms:Decrypt.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function deniedAction({ action }: Attempt, message: string): string {
  return /^User: \S+ is not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? action;
}

/** Errors with which services ask for a slower pace. */
const THROTTLES: readonly string[] = [
  'BandwidthLimitExceeded',
  'Busy',
  'EC2ThrottledException',
  'KMS.ThrottlingException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
];

export const isThrottle = (name: string): boolean => THROTTLES.includes(name);

/**
 * Shared by S3, DynamoDB and the Redshift Data API. The first match decides. Sources:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html,
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
 */
export const SHARED_CASES: readonly ErrorCase[] = [
  {
    names: THROTTLES,
    status: (status) => status === 429,
    code: 'Throttled',
    advice: 'The service asks for a slower pace. This is retried.',
  },
  {
    names: ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'ETIMEDOUT', 'ESOCKETTIMEDOUT'],
    status: (status) => status === 408,
    code: 'TimedOut',
    advice: 'The service did not respond in time. This is retried.',
  },
  {
    names: [
      'CredentialsProviderError',
      'TokenProviderError',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
    ],
    words: /^(?:Credential is missing|Resolved credential object is not valid|Could not load credentials)\b/i,
    code: 'CredentialsMissing',
    advice:
      'No AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role for the machine that the worker runs on.',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
    code: 'CredentialsExpired',
    advice: 'The AWS session has expired. Renew the worker’s credentials.',
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    code: 'ClockWrong',
    advice: 'This machine’s clock differs too much from AWS’s. Set the clock.',
  },
  {
    names: [
      'AuthFailure',
      'IncompleteSignature',
      'IncompleteSignatureException',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'InvalidToken',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
      // versitygw's name for InvalidAccessKeyId.
      'XAdminUserNotFound',
    ],
    code: 'CredentialsInvalid',
    advice: ({ action }) =>
      `AWS does not accept these credentials. Check the access key, its secret and session token, and that they belong to this account and region. The call needs ${action}.`,
    unquotable: true,
  },
  {
    names: [
      'KMS.DisabledException',
      'KMS.InvalidKeyUsageException',
      'KMS.KMSInvalidStateException',
      'KMS.NotFoundException',
      'KMSDisabledException',
      'KMSInvalidStateException',
      'KMSNotFoundException',
    ],
    code: 'AccessDenied',
    advice: ({ action }) =>
      `The KMS key that encrypts the data cannot be used. Enable it, and allow kms:Decrypt and kms:GenerateDataKey with it for the worker’s identity. The call needs ${action}.`,
  },
  {
    names: ['AccountProblem', 'NotSignedUp'],
    code: 'AccessDenied',
    advice: 'The AWS account may not use this service. See its state in the AWS console, or ask AWS Support.',
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AllAccessDisabled',
      'Forbidden',
      'KMS.AccessDeniedException',
      'KMSAccessDeniedException',
      'UnauthorizedException',
      'NotAuthorized',
      'OptInRequired',
    ],
    status: (status) => status === 401 || status === 403,
    code: 'AccessDenied',
    advice: (attempt, message) =>
      `Allow ${deniedAction(attempt, message)} for the worker’s identity, and check that no policy denies it.`,
  },
  {
    names: [],
    words: /^(?:Region is missing|Region not accepted)/,
    code: 'RegionMissing',
    advice: 'Set AWS_REGION, or a region in the AWS profile.',
  },
  {
    names: [
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'EPROTO',
    ],
    code: 'TlsRefused',
    advice:
      'No trusted TLS connection is possible. Check the address (https or http) and, behind a proxy, NODE_EXTRA_CA_CERTS.',
  },
  {
    names: [
      'ECONNABORTED',
      'ECONNREFUSED',
      'ECONNRESET',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ERR_STREAM_PREMATURE_CLOSE',
      'NetworkError',
    ],
    words:
      /^(?:(?:aborted|socket hang up)$|Parse Error: |(?:\w+ )?(?:ECONNREFUSED|ECONNRESET|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EPIPE)\b)/,
    code: 'NetworkFailed',
    advice: 'The connection failed. This is retried. If it continues, check the endpoint and the region.',
  },
  {
    names: [
      'InternalError',
      'InternalFailure',
      'InternalServerError',
      'InternalServerException',
      'ServiceUnavailable',
      'ServiceUnavailableException',
    ],
    status: (status) => status >= 500,
    code: 'ServiceFailed',
    advice: 'The service reported an internal error. This is retried.',
  },
  {
    names: [],
    status: (status) => status >= 200 && status < 300,
    code: 'DamagedAnswer',
    advice: 'The response could not be read. This is retried.',
  },
];
