import { describe, expect, test } from '@jest/globals';
import { classifySqlError, type SqlErrorKind } from '../../../../src/pipeline/sql/sql-error.ts';

const said: Record<SqlErrorKind, readonly string[]> = {
  guard: ['ERROR: division by zero', 'Query #2 failed with ERROR: Divide by zero'],
  serializable: [
    'ERROR: 1023 Detail: Serializable isolation violation on table - 100167, transactions forming the cycle are: 55705701, 55705754 (pid:16606)',
    'ERROR: 1023',
    '[Amazon](500310) Invalid operation: 1023 ',
    'ERROR: could not complete because of conflict with concurrent transaction',
    'ERROR: deadlock detected',
    'ERROR: 1018 DETAIL: Relation does not exist.',
    'ERROR: could not serialize access due to concurrent update',
  ],
  loadError: [
    "ERROR: Load into table 'prizes' failed.  Check 'stl_load_errors' system table for details.",
    "ERROR: Load into table 'prizes' failed.  Check 'sys_load_error_detail' system table for details.",
    "ERROR: Load into table 'already exists' failed.  Check 'stl_load_errors' system table for details.",
  ],
  permission: [
    'ERROR: permission denied for schema nobel',
    'ERROR: must be owner of relation prizes',
    'ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1,ExtRid 2,CanRetry 1',
    'ERROR: User arn:aws:redshift:eu-west-1:123456789012:dbuser:dwh/loader is not authorized to assume IAM Role arn:aws:iam::123456789012:role/copy',
    'ERROR: Not authorized to get credentials of role arn:aws:iam::123456789012:role/copy',
  ],
  notFound: [
    'ERROR: relation "nobel.prizes" does not exist',
    'ERROR: schema "nobel" does not exist',
    'FATAL: database "dev2" does not exist',
    'ERROR: column "yeer" does not exist in prizes',
    'ERROR: Cannot COPY into nonexistent table prizes',
    "ERROR: The specified S3 prefix 'runs/nobel/data/x' does not exist",
    'ERROR: Mandatory url is not present in manifest file.',
    'ERROR: could not open relation with OID 12345',
  ],
  exists: ['ERROR: relation "prizes" already exists', 'ERROR: schema "nobel" already exists'],
  refused: [
    'ERROR: syntax error at or near "FORM"',
    'ERROR: cannot drop table nobel.prizes because other objects depend on it',
    'ERROR: value 1023 is out of range',
    'ERROR: Numeric data overflow (result precision)',
    'ERROR: zstd data is not whole: s3://bucket/key',
    'ERROR: Manifest file contains invalid entries: entries.0',
    'ERROR: value too long for type character varying(4)',
  ],
  other: [
    'Query cancelled on user’s request',
    '[Amazon](500310) Invalid operation: the cluster is being restarted',
    'ERROR: terminating connection due to administrator command',
    'ERROR: Out Of Memory: ',
    'ERROR: S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0,CanRetry 1',
    '',
  ],
};

describe.each(Object.entries(said))('%s', (kind, texts) => {
  test.each(texts)('%s', (text) => {
    expect(classifySqlError(text)).toBe(kind);
  });
});

test('a table’s name does not decide', () => {
  expect(classifySqlError('ERROR: relation "division by zero" does not exist')).toBe('notFound');
  expect(classifySqlError('ERROR: relation "does not exist" already exists')).toBe('exists');
});

test('a number that merely contains 1023 is not error 1023', () => {
  expect(classifySqlError('ERROR: value 1023 is out of range')).toBe('refused');
});
