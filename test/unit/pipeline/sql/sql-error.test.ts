import { describe, expect, test } from '@jest/globals';
import { FAILURE_CODES, type FailureCode } from '../../../../src/pipeline/failure/failure-codes.ts';
import { classifySqlError, copiedFile } from '../../../../src/pipeline/sql/sql-error.ts';

/** The block of lines that Redshift's compute nodes add to an error. */
const details = (error: string, code: number, context = '') =>
  [
    '',
    '  Detail: ',
    '  -----------------------------------------------',
    `  error:  ${error}`,
    `  code:      ${code}`,
    `  context:   ${context}`,
    '  query:     1005177',
    '  location:  fdisk_api.cpp:345',
    '  process:   query3_66 [pid=27629]',
    '  -----------------------------------------------',
  ].join('\n');

const s3 = (message: string, status: number, error: string) =>
  `S3ServiceException:${message},Status ${status},Error ${error},Rid 0A1B,ExtRid x+y/z=,CanRetry 1`;

type Outcome = 'guard' | 'serializable' | 'loadError' | `${FailureCode}${'' | ' (final)'}`;

/**
 * Texts as Redshift reports them. `«name»` is something that belongs to users: a name, a value, a key. Where Redshift's
 * own documentation has no wording, it is that of public bug reports.
 */
const TEXTS: readonly [Outcome, readonly string[]][] = [
  ['guard', ['ERROR: division by zero', 'Query #2 failed with ERROR: Divide by zero']],
  [
    'serializable',
    [
      'ERROR: 1023 Detail: Serializable isolation violation on table - 100167, transactions forming the cycle are: 55705701, 55705754 (pid:16606)',
      'ERROR: 1023',
      '[Amazon](500310) Invalid operation: 1023 ',
      'ERROR: could not complete because of conflict with concurrent transaction',
      'ERROR: deadlock detected',
      'ERROR: 1018 DETAIL: Relation does not exist.',
      'ERROR: could not serialize access due to concurrent update',
    ],
  ],
  [
    'loadError',
    [
      "ERROR: Load into table '«name»' failed.  Check 'stl_load_errors' system table for details.",
      "ERROR: Load into table '«name»' failed.  Check 'sys_load_error_detail' system table for details.",
    ],
  ],
  [
    'CopyRefused (final)',
    [
      `ERROR: ${s3('Access Denied', 403, 'AccessDenied')}`,
      `ERROR: ${s3('Forbidden', 403, 'Forbidden')}${details('x', 8001, 'S3 key being read : s3://bucket/«name»')}`,
      `ERROR: ${s3('User: arn:aws:sts::1:assumed-role/copy/«name» is not authorized to perform: kms:Decrypt', 403, 'AccessDenied')}`,
      `ERROR: ${s3('The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.', 301, 'PermanentRedirect')}`,
      `[Amazon](500310) Invalid operation: ${s3('The S3 bucket addressed by the query is in a different region from this cluster.', 301, 'PermanentRedirect')};`,
      `ERROR: Problem reading manifest file - ${s3('Please send all future requests to this endpoint.', 301, 'PermanentRedirect')}`,
      `ERROR: ${s3("The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'", 400, 'AuthorizationHeaderMalformed')}`,
      `ERROR: ${s3('The AWS Access Key Id you provided does not exist in our records.', 403, 'InvalidAccessKeyId')}`,
      `ERROR: ${s3('arn:aws:kms:eu-west-1:1:key/1 is disabled.', 400, 'KMS.DisabledException')}`,
      `ERROR: ${s3('The request is not valid', 400, 'InvalidRequest')}`,
      'ERROR: User arn:aws:redshift:eu-west-1:123456789012:dbuser:dwh/«name» is not authorized to assume IAM Role arn:aws:iam::123456789012:role/«name»',
      'ERROR: Not authorized to get credentials of role arn:aws:iam::123456789012:role/«name»',
      '[XX000] ERROR: exception name : UnauthorizedException, error type : 135, message: Not authorized to get credentials of role arn:aws:iam::088356671508:role/«name», should retry : 0 Detail: ----------------------------------------------- error: x',
      'ERROR: The requested role arn:aws:iam::123456789012:role/«name» is not associated to cluster',
    ],
  ],
  [
    'FileMissing (final)',
    [
      `ERROR: ${s3('The specified key does not exist.', 404, 'NoSuchKey')}${details('x', 8001, 'S3 key being read : s3://bucket/«name»')}`,
      `ERROR: Problem reading manifest file - ${s3('The specified key does not exist.', 404, 'NoSuchKey')}`,
      "ERROR: The specified S3 prefix 'runs/«name»/data/x' does not exist",
      'ERROR: Mandatory url is not present in manifest file.',
    ],
  ],
  [
    'LoadFailed (final)',
    [
      ...[
        "File 'https://s3.eu-west-1.amazonaws.com/bucket/«name»' has an incompatible Parquet schema for column 's3://bucket/«name».mag'. Column type: VARCHAR, Parquet schema:\noptional int32 mag [i:0 d:1 r:0]",
        "Task failed due to an internal error. File 'https://s3.eu-west-1.amazonaws.com/bucket/«name»' has an incompatible Parquet schema for column 's3://bucket/«name».mag'. Col",
        "File 'https://s3.eu-west-1.amazonaws.com/bucket/«name»' column 'mag' has an invalid type length. Expecting: 4 len in file: 8",
        "File 'https://s3.eu-west-1.amazonaws.com/bucket/«name»' is not a Parquet file, or damaged: no footer",
        'Unmatched number of columns between table and file. Table columns: 3, Data columns: 2, File name: https://s3.eu-west-1.amazonaws.com/bucket/«name»',
        'The length of the data column a is longer than the length defined in the table. Table: 3, Data: 4, File name: https://s3.eu-west-1.amazonaws.com/bucket/«name»',
        'Bad UTF8 hex sequence: ff (error 3), File name: https://s3.eu-west-1.amazonaws.com/bucket/«name»',
      ].map((context) => `ERROR: Spectrum Scan Error${details('Spectrum Scan Error', 15007, context)}`),
      'ERROR: Cannot insert a NULL value into column «name»',
      `ERROR: Cannot insert a NULL value into column «name»${details('Cannot insert a NULL value into column place', 8007)}`,
      'ERROR: null value in column "«name»" violates not-null constraint',
      'ERROR: null value in column "«name»" of relation "«name»" violates not-null constraint\nDETAIL: Failing row contains (1, null).',
    ],
  ],
  ['BucketNotFound (final)', [`ERROR: ${s3('The specified bucket does not exist', 404, 'NoSuchBucket')}`]],
  ['ObjectArchived (final)', [`ERROR: ${s3('The operation is not valid', 403, 'InvalidObjectState')}`]],
  [
    'DamagedFile (final)',
    [
      'ERROR: zstd data is not whole: s3://bucket/«name»',
      'ERROR: Not a zstd frame: s3://bucket/«name»',
      'ERROR: The gzip member does not match its checksum: s3://bucket/«name»',
      'ERROR: failed to decompress',
    ],
  ],
  [
    'Throttled',
    [
      `ERROR: ${s3('Please reduce your request rate.', 503, 'SlowDown')}`,
      `ERROR: ${s3('Service is unable to handle request.', 503, 'ServiceUnavailable')} («name» broke off after 7 bytes)`,
    ],
  ],
  ['ServiceFailed', [`ERROR: ${s3('We encountered an internal error.', 500, 'InternalError')}`]],
  ['WarehouseFull', [`ERROR: Disk Full${details('Disk Full', 1016, 'node: 3')}`, 'ERROR:  Disk Full']],
  [
    'WarehouseLimited (final)',
    [
      'ERROR: Query reached usage limit',
      'ERROR: Transaction 6250 is aborted due to exceeding the disk space quota in schema(s): (Schema: «name», Quota: 2048, Current Disk Usage: 2458).',
    ],
  ],
  ['WarehousePaused', ['The cluster is paused', 'Redshift cluster is currently paused.']],
  [
    'WarehouseAway',
    [
      'ERROR: terminating connection due to administrator command',
      '[Amazon](500310) Invalid operation: the cluster is being restarted',
      'ERROR: cannot execute CREATE TABLE in a read-only transaction',
      'ERROR: transaction is read-only',
      'FATAL: connection limit "500" exceeded for non-bootstrap users',
      'FATAL: the database system is starting up',
    ],
  ],
  [
    'GrantMissing (final)',
    [
      'ERROR: permission denied for schema «name»',
      'ERROR: permission denied for relation «name»',
      'ERROR: permission denied for relation stl_load_errors',
      'ERROR: permission denied for relation svv_table_info',
      'ERROR: permission denied to create temporary tables in database "«name»"',
      'ERROR: permission denied for database «name»',
      'ERROR: permission denied: "«name»" is a system catalog',
      'ERROR: must be owner of relation «name»',
      'ERROR: Insufficient Lake Formation permission(s) on «name»',
      'FATAL: password authentication failed for user "«name»"',
    ],
  ],
  [
    'StatementFailed (final)',
    [
      'ERROR: relation "«name»" does not exist',
      'ERROR: relation "nobel.«name»" does not exist',
      'ERROR: schema "«name»" does not exist',
      'FATAL: database "«name»" does not exist',
      'ERROR: column "«name»" does not exist in «name»',
      'ERROR: Cannot COPY into nonexistent table «name»',
      'ERROR: relation "«name»" already exists',
      'ERROR: schema "«name»" already exists',
      'ERROR: syntax error at or near "«name»"',
      'ERROR: cannot drop table nobel.«name» because other objects depend on it',
      'ERROR: cannot alter type of a column used by a view or rule',
      'ERROR: cannot alter column "«name»" of relation "«name»", target column size should be different',
      'ERROR: value 1023 is out of range',
      'ERROR: value "«name»" is out of range for type integer',
      'ERROR: Numeric data overflow (result precision)',
      'ERROR: invalid input syntax for integer: "«name»"',
      'ERROR: value too long for type character varying(4)',
      'ERROR: date/time field value out of range: "«name»"',
      'ERROR: numeric field overflow',
      'ERROR: String length exceeds DDL length',
      'ERROR: Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: «name»',
      'ERROR: String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ff (error 4)',
      "ERROR: Invalid digit, Value '«name»', Pos 0, Type: Integer",
      'ERROR: integer out of range',
      'ERROR: column reference "«name»" is ambiguous',
      'ERROR: not supported by the local Redshift: a row this wide («name»)',
    ],
  ],
  [
    'StatementFailed',
    [
      'ERROR: could not open relation with OID 12345',
      'ERROR: Out Of Memory: ',
      "ERROR: Query (150) cancelled on user's request",
      'ERROR: canceling statement due to statement timeout',
      'ERROR: Query (12345) cancelled by WLM abort action of Query Monitoring Rule "«name»".',
      `ERROR: ${s3('The provided token has expired.', 400, 'ExpiredToken')}`,
      'ERROR: S3CurlException: Connection timed out after 50001 milliseconds,CurlError 28,CanRetry 1',
      'ERROR: Manifest file contains invalid entries: entries.0',
      `ERROR: Spectrum Scan Error${details('Spectrum Scan Error', 15007, 'Task failed due to an internal error')}`,
      `ERROR: Spectrum Scan Error${details('Spectrum Scan Error', 15001, 'HTTP response error code: 503 Message: Slow Down, File «name»')}`,
      'ERROR: something that no table of errors lists, about «name» and more',
      '',
    ],
  ],
];

/** Names that look like errors. */
const HOSTILE = [
  'prizes',
  'AccessDenied',
  'division by zero',
  'does not exist',
  'x" does not exist',
  'x" already exists',
  '1023',
  'Disk Full',
  'permission denied',
  'is not supported',
  "stl_load_errors' failed",
  's, Status 403,Error AccessDenied,Rid 1',
  'deadlock detected',
  'Query reached usage limit',
  'value out of range',
];

const outcome = (text: string): Outcome => {
  const error = classifySqlError(text);
  return 'code' in error ? `${error.code}${error.retried ? '' : ' (final)'}` : error.kind;
};

describe.each(TEXTS)('%s', (expected, texts) => {
  test.each(texts)('%s', (text) => {
    for (const name of HOSTILE) {
      const shown = text.replaceAll('«name»', () => name);
      expect([shown, outcome(shown)]).toEqual([shown, expected]);
    }
  });
});

test('a failure that is retried has a code that may be retried, and the other way round', () => {
  for (const text of TEXTS.flatMap(([, texts]) => texts)) {
    const error = classifySqlError(text);
    if (!('code' in error)) continue;
    expect(FAILURE_CODES[error.code].class).not.toBe(error.retried ? 'terminal' : 'transient');
  }
});

describe('the advice names', () => {
  const adviceFor = (text: string) => {
    const error = classifySqlError(text);
    return 'code' in error ? `${error.means} ${error.advice}` : '';
  };

  test('the setting for a bucket in another region, and the region if S3 does', () => {
    expect(
      adviceFor(s3('Please send all future requests to this endpoint.', 301, 'PermanentRedirect')),
    ).toMatch(/another region.*`warehouse\.region`/);
    const malformed =
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'";
    expect(adviceFor(s3(malformed, 400, 'AuthorizationHeaderMalformed'))).toMatch(
      /is in eu-west-1\..*`warehouse\.region` to eu-west-1/,
    );
  });

  test('the grant for a system view', () => {
    expect(adviceFor('ERROR: permission denied for relation svv_table_info')).toMatch(
      /svv_table_info.*sys:monitor.*SYSLOG ACCESS UNRESTRICTED/,
    );
    expect(adviceFor('ERROR: permission denied for relation prizes')).not.toContain('sys:monitor');
  });

  test('the actions that COPY’s role needs', () => {
    expect(adviceFor(`ERROR: ${s3('Access Denied', 403, 'AccessDenied')}`)).toMatch(
      /s3:GetObject.*s3:ListBucket.*kms:Decrypt/,
    );
  });

  test('a new run for a file that is gone', () => {
    expect(adviceFor(`ERROR: ${s3('The specified key does not exist.', 404, 'NoSuchKey')}`)).toContain(
      'start a new one',
    );
  });
});

test('the column that a row has no value for is named', () => {
  for (const text of [
    'ERROR: Cannot insert a NULL value into column place',
    'ERROR: null value in column "place" of relation "quakes" violates not-null constraint',
  ]) {
    expect(classifySqlError(text)).toMatchObject({
      missingIn: 'place',
      means: expect.stringMatching(/column place/),
    });
  }
});

test('the file that COPY was reading comes from the details', () => {
  const text = `ERROR: ${s3('The specified key does not exist.', 404, 'NoSuchKey')}`;
  expect(copiedFile(`${text}${details('x', 8001, 'S3 key being read : s3://bucket/a/b.csv.zst')}`)).toBe(
    's3://bucket/a/b.csv.zst',
  );
  expect(copiedFile(text)).toBeUndefined();
});
