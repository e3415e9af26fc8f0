import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';

/** What was being done when a call failed: the words its error message is made of. */
export interface Attempt {
  /** After "Cannot": `read s3://bucket/key`. */
  readonly doing: string;
  /** The permission the call needs: `s3:GetObject`. */
  readonly action: string;
  /** Cases that mean something particular here; they come before the shared ones. */
  readonly cases?: readonly ErrorCase[];
  readonly signal?: AbortSignal | undefined;
}

/** One row of the table: which failures, the code they get, and what an operator should do. */
export interface ErrorCase {
  /** The exception's names, as the service or Node gives them. */
  readonly names: readonly string[];
  /** Also told by the HTTP status, where a service sends no name (HEAD, proxies). */
  readonly status?: (status: number) => boolean;
  /** Also told by words of the message. */
  readonly words?: RegExp;
  /** Decides whether waiting may help. */
  readonly code: FailureCode;
  readonly advice: string | ((attempt: Attempt) => string);
  /** The service's own text is left out: signature errors repeat the request they refuse, tokens included. */
  readonly unquotable?: true;
}

/** Shared by S3, DynamoDB and the Redshift Data API. The first row that fits decides. */
export const sharedCases: readonly ErrorCase[] = [
  {
    names: [
      'BandwidthLimitExceeded',
      'EC2ThrottledException',
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
    ],
    status: (status) => status === 429,
    code: 'Throttled',
    advice: 'The service asks for a slower pace; this is tried again.',
  },
  {
    names: ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'ETIMEDOUT', 'ESOCKETTIMEDOUT'],
    status: (status) => status === 408,
    code: 'TimedOut',
    advice: 'No answer came in time; this is tried again.',
  },
  {
    names: [
      'CredentialsProviderError',
      'TokenProviderError',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
    ],
    words: /credential(?: object)? is (?:missing|not valid)|could not load credentials/i,
    code: 'CredentialsMissing',
    advice:
      'No AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the machine the worker runs on.',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
    code: 'CredentialsExpired',
    advice: 'The AWS session has ended. Renew the credentials the worker runs with.',
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    code: 'ClockWrong',
    advice: 'This machine’s clock is too far from AWS’s. Set the clock.',
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
      // versitygw's word for InvalidAccessKeyId.
      'XAdminUserNotFound',
    ],
    code: 'CredentialsInvalid',
    advice: ({ action }) =>
      `AWS does not accept these credentials. Check the access key, its secret and session token, and that they belong to this account and region; the call needs ${action}.`,
    unquotable: true,
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AllAccessDisabled',
      'Forbidden',
      'UnauthorizedException',
      'NotAuthorized',
      'OptInRequired',
    ],
    status: (status) => status === 401 || status === 403,
    code: 'AccessDenied',
    advice: ({ action }) =>
      `Allow ${action} to the identity the worker runs as, and look for a policy that denies it.`,
  },
  {
    names: [],
    words: /^Region is missing|Region not accepted/,
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
      'No trusted TLS connection comes about. Check the address (https or http?), and NODE_EXTRA_CA_CERTS where a proxy stands between.',
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
      /^(?:aborted|socket hang up)$|^Parse Error: |\bE(?:CONNREFUSED|CONNRESET|AI_AGAIN|HOSTUNREACH|NETUNREACH|PIPE)\b|\bENOTFOUND\b/,
    code: 'NetworkFailed',
    advice:
      'The network or the other side failed; this is tried again. If it stays so, check the endpoint and the region.',
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
    advice: 'The service had a fault of its own; this is tried again.',
  },
  {
    names: [],
    status: (status) => status >= 200 && status < 300,
    code: 'DamagedAnswer',
    advice: 'The answer could not be read; this is tried again.',
  },
];
