import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { ActiveStatementsExceededException, InternalServerException } from '@aws-sdk/client-redshift-data';
import { AccessDenied, NoSuchBucket, S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { type Attempt, SHARED_CASES } from '../../../../src/clients/aws/aws-error-cases.ts';
import { awsError } from '../../../../src/clients/aws/aws-errors.ts';
import { tableCases } from '../../../../src/clients/dynamodb/dynamodb-errors.ts';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';
import {
  sessionCases,
  statementCases,
  submitCases,
} from '../../../../src/clients/redshift/redshift-errors.ts';
import { s3Cases } from '../../../../src/clients/s3/s3-errors.ts';

const $metadata = { httpStatusCode: 400 };
const attempt: Attempt = { doing: 'read s3://data/key', action: 's3:GetObject' };

/** An error of a name the SDK has no class for, as the SDK makes it from an answer. */
function answered(name: string, httpStatusCode: number, message = 'refused', more: object = {}) {
  const error = new S3ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
  return Object.assign(error, more);
}

/** An error as Node makes it when a connection fails. */
function connection(code: string, message = `connect ${code} 127.0.0.1:9`) {
  return Object.assign(new Error(message), { code });
}

const aggregate = Object.assign(
  new AggregateError([connection('ECONNREFUSED', 'connect ECONNREFUSED ::1:9'), connection('ECONNREFUSED')]),
  { code: 'ECONNREFUSED' },
);

describe('waiting may help', () => {
  test.each([
    ['Throttled', new ThrottlingException({ message: 'slower', $metadata })],
    ['Throttled', new ProvisionedThroughputExceededException({ message: 'slower', $metadata })],
    ['Throttled', new RequestLimitExceeded({ message: 'slower', $metadata })],
    ['Throttled', answered('SlowDown', 503)],
    ['Throttled', answered('Unknown', 429)],
    ['ServiceFailed', new InternalServerError({ message: 'oops', $metadata: { httpStatusCode: 500 } })],
    [
      'ServiceFailed',
      new InternalServerException({ message: 'oops', Message: 'oops', $metadata: { httpStatusCode: 500 } }),
    ],
    ['ServiceFailed', answered('502', 502)],
    ['TimedOut', Object.assign(new Error('timed out after 60000 ms'), { name: 'TimeoutError' })],
    ['TimedOut', answered('RequestTimeout', 400)],
    ['NetworkFailed', connection('ECONNRESET', 'read ECONNRESET')],
    ['NetworkFailed', connection('ENOTFOUND', 'getaddrinfo ENOTFOUND s3.nowhere')],
    ['NetworkFailed', new Error('socket hang up')],
    ['NetworkFailed', new Error('AWS SDK error wrapper for Error: connect ECONNREFUSED 127.0.0.1:9')],
    ['NetworkFailed', new Error('AWS SDK error wrapper for Error: aborted')],
    ['NetworkFailed', aggregate],
    [
      'CredentialsMissing',
      Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      }),
    ],
    ['CredentialsMissing', new Error('Resolved credential object is not valid')],
    ['CredentialsExpired', answered('ExpiredTokenException', 400)],
    ['CredentialsExpired', answered('ExpiredToken', 403)],
    [
      'DamagedAnswer',
      Object.assign(new SyntaxError('Unexpected token'), { $metadata: { httpStatusCode: 200 } }),
    ],
  ])('%s: %s', (code, error) => {
    const classified = awsError(error, attempt) as Transient;
    expect(classified).toBeInstanceOf(Transient);
    expect(classified.code).toBe(code);
    expect(classified.message).toMatch(/^Cannot read s3:\/\/data\/key: /);
  });
});

describe('an operator has to act', () => {
  test.each([
    ['AccessDenied', new AccessDenied({ message: 'Access Denied', $metadata: { httpStatusCode: 403 } })],
    ['AccessDenied', answered('AccessDeniedException', 400)],
    ['AccessDenied', answered('403', 403)],
    ['CredentialsInvalid', answered('UnrecognizedClientException', 400)],
    ['CredentialsInvalid', answered('InvalidAccessKeyId', 403)],
    ['CredentialsInvalid', answered('SignatureDoesNotMatch', 403)],
    ['ClockWrong', answered('RequestTimeTooSkewed', 403)],
    ['RegionMissing', new Error('Region is missing')],
    ['TlsRefused', connection('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate')],
    ['Refused', new ConditionalCheckFailedException({ message: 'no', $metadata })],
    ['Refused', new ResourceNotFoundException({ message: 'no', $metadata })],
    ['Refused', answered('ValidationException', 400)],
  ])('%s: %s', (code, error) => {
    const classified = awsError(error, attempt) as Terminal;
    expect(classified).toBeInstanceOf(Terminal);
    expect(classified.code).toBe(code);
  });

  test('a refusal that matches no case names the service’s own error', () => {
    expect(awsError(answered('ValidationException', 400), attempt)).toHaveProperty(
      'message',
      expect.stringContaining('(ValidationException)'),
    );
  });

  test('the missing permission is named', () => {
    const error = new AccessDenied({ message: 'Access Denied', $metadata: { httpStatusCode: 403 } });
    expect(awsError(error, attempt)).toHaveProperty('message', expect.stringContaining('Allow s3:GetObject'));
  });

  test('the denied action is the one that the service names', () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/worker/i-1 is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/1 because no identity-based policy allows it';
    expect(awsError(answered('AccessDeniedException', 400, message), attempt)).toHaveProperty(
      'message',
      expect.stringContaining('Allow kms:Decrypt for'),
    );
  });

  test('a key that encrypts the data and is disabled', () => {
    const error = awsError(answered('KMS.DisabledException', 400), attempt) as Terminal;
    expect(error).toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('KMS key') });
  });
});

test('a pattern matches the beginning of a message only, because names of users may follow', () => {
  const cases = [
    ...SHARED_CASES,
    ...s3Cases(new Error(), 'b'),
    ...submitCases('w'),
    ...statementCases('i'),
    ...sessionCases('w'),
    ...tableCases(new Error(), 't', 'r'),
  ];
  for (const { words } of cases) {
    let source = words?.source ?? '^';
    for (let inner = ''; inner !== source; ) [inner, source] = [source, source.replaceAll(/\([^()]*\)/g, '')];
    expect(source).toMatch(/^\^[^|]*$/);
  }
  const named = answered(
    'ValidationException',
    400,
    "1 validation error: Value 'connect ECONNRESET' at 'statementName'",
  );
  expect(awsError(named, attempt)).toMatchObject({ code: 'Refused' });
});

describe('why DynamoDB throttles', () => {
  test.each([
    ['TableReadProvisionedThroughputExceeded', /provisioned.*readUnitsPerSecond/],
    ['TableReadMaxOnDemandThroughputExceeded', /maximum of on-demand reads/],
    ['TableReadAccountLimitExceeded', /account’s quota/],
  ])('%s', (reason, advice) => {
    const error = new ThrottlingException({
      ...{ message: 'slower', $metadata },
      throttlingReasons: [{ reason, resource: 'arn:aws:dynamodb:eu-west-1:1:table/t' }],
    });
    expect(awsError(error, { ...attempt, cases: tableCases(error, 't', 'eu-west-1') })).toMatchObject({
      ...{ name: 'Transient', code: 'Throttled' },
      message: expect.stringMatching(advice),
    });
  });
});

describe('what S3 means', () => {
  const classified = (error: unknown) =>
    awsError(error, { ...attempt, cases: s3Cases(error, 'data') }) as Terminal;

  test('a missing bucket needs an operator, and is named', () => {
    const error = classified(new NoSuchBucket({ message: 'none', $metadata: { httpStatusCode: 404 } }));
    expect(error).toBeInstanceOf(Terminal);
    expect(error.code).toBe('BucketNotFound');
    expect(error.message).toContain('Bucket data does not exist');
  });

  test.each([
    answered('PermanentRedirect', 301, 'elsewhere', {
      $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    }),
    answered('301', 301, 'elsewhere', { $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } } }),
    answered('AuthorizationHeaderMalformed', 400, 'expecting', { Region: 'eu-west-1' }),
  ])('a bucket in another region: the region is reported: %s', (error) => {
    expect(classified(error)).toMatchObject({ code: 'WrongRegion', name: 'Terminal' });
    expect(classified(error).message).toContain('is in eu-west-1');
  });

  test('a malformed access key is not another region', () => {
    const error = answered('AuthorizationHeaderMalformed', 400, 'a non-empty Access Key must be provided');
    expect(classified(error)).toMatchObject({ code: 'CredentialsInvalid', name: 'Terminal' });
  });

  test.each([
    ['WriteConflict', answered('ConditionalRequestConflict', 409)],
    ['DamagedObject', answered('BadDigest', 400)],
    ['DamagedObject', new Error('Checksum mismatch: expected "a" but received "b" in response header')],
  ])('%s passes', (code, error) => {
    expect(classified(error)).toMatchObject({ code, name: 'Transient' });
  });
});

describe('what the Data API means', () => {
  const classified = (error: unknown) =>
    awsError(error, { ...attempt, cases: submitCases('workgroup dwh') }) as Terminal;
  const invalid = (message: string) => answered('ValidationException', 400, message);

  test('too many open statements: wait', () => {
    const error = new ActiveStatementsExceededException({ message: 'too many', $metadata });
    expect(classified(error)).toMatchObject({ code: 'TooManyStatements', name: 'Transient' });
  });

  test('a cluster that is paused', () => {
    expect(classified(invalid('The cluster is paused'))).toMatchObject({
      code: 'WarehousePaused',
      name: 'Transient',
    });
  });

  test('a user that the database rejects', () => {
    const error = answered(
      'DatabaseConnectionException',
      500,
      'FATAL: password authentication failed for user "x"',
    );
    expect(classified(error)).toMatchObject({ code: 'GrantMissing', name: 'Terminal' });
  });

  test.each([
    ['Redshift endpoint doesn’t exist in this region.'.replace('’', "'")],
    ['Workgroup dwh not found'],
  ])('%s', (message) => {
    expect(classified(invalid(message))).toMatchObject({ code: 'WarehouseNotFound', name: 'Terminal' });
  });

  test('any other refused submission needs an operator, and is quoted', () => {
    const error = classified(invalid('Sqls exceeds 100 KB'));
    expect(error).toMatchObject({ code: 'StatementRefused', name: 'Terminal' });
    expect(error.message).toContain('Sqls exceeds 100 KB (ValidationException).');
  });
});

describe('what is left alone', () => {
  test('errors already classified', () => {
    const error = new Terminal('TableNotFound', 'no table');
    expect(awsError(error, attempt)).toBe(error);
  });

  test('faults of our own, which match no case', () => {
    const error = new TypeError('x is not a function');
    expect(awsError(error, attempt)).toBe(error);
  });

  test('an abort', () => {
    const error = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    expect(awsError(error, attempt)).toBe(error);
  });

  test('a call that an abort ended is reported as the abort', () => {
    const reason = new Error('cancelled by an operator');
    const signal = AbortSignal.abort(reason);
    expect(awsError(connection('ECONNRESET', 'aborted'), { ...attempt, signal })).toBe(reason);
  });
});

describe('messages', () => {
  test('a signature error’s text, which repeats the request with its token, is not shown', () => {
    const text = "The Canonical String should have been 'POST\n/\nx-amz-security-token:FwoGZXIvYXdzSECRET'";
    const classified = awsError(answered('InvalidSignatureException', 403, text), attempt) as Terminal;
    expect(classified.message).not.toContain('Canonical');
    expect(classified.cause).toBeUndefined();
  });

  test('a secret inside a quoted text is masked, and the error that has it is not kept as the cause', () => {
    const classified = awsError(
      answered('ValidationException', 400, 'bad key AKIAIOSFODNN7EXAMPLE'),
      attempt,
    ) as Terminal;
    expect(classified.message).toContain('bad key AKIA*** (ValidationException)');
    expect(classified.cause).toBeUndefined();
  });

  test('every address tried is named', () => {
    expect((awsError(aggregate, attempt) as Transient).message).toContain(
      'connect ECONNREFUSED ::1:9; connect ECONNREFUSED 127.0.0.1:9',
    );
  });

  test('the SDK’s hint for programmers is left out', () => {
    const hint = 'Unexpected token\n  Deserialization error: to see the raw response, inspect';
    const error = Object.assign(new SyntaxError(hint), { $metadata: { httpStatusCode: 200 } });
    expect((awsError(error, attempt) as Transient).message).not.toContain('Deserialization');
  });
});
