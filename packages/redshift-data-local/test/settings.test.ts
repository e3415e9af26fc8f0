import { describe, expect, test } from '@jest/globals';
import { readArguments } from '../conformance/command-options.ts';
import { readSettings } from '../src/cli/settings.ts';

const REQUIRED = {
  REDSHIFT_POSTGRES_URL: 'postgresql://user@host/db',
  REDSHIFT_S3_ENDPOINT: 'http://s3',
  REDSHIFT_S3_ACCESS_KEY_ID: 'key',
  REDSHIFT_S3_SECRET_ACCESS_KEY: 'secret',
};

describe('settings of the server', () => {
  test('come from the environment, and flags take precedence', () => {
    expect(
      readSettings(['--port', '8765'], { ...REQUIRED, REDSHIFT_PORT: '1', REDSHIFT_HOST: '::1' }),
    ).toEqual({
      settings: expect.objectContaining({ port: 8765, host: '::1', workgroup: 'local', database: 'dev' }),
    });
  });

  test('that are missing or invalid are reported, one per line', () => {
    const { REDSHIFT_S3_ENDPOINT: _, ...rest } = REQUIRED;
    const read = readSettings([], { ...rest, REDSHIFT_LIMITS: '{"maxSessions": 0}' });
    expect(read).toEqual({
      problems: [
        's3-endpoint is missing: pass --s3-endpoint or set REDSHIFT_S3_ENDPOINT',
        expect.stringMatching(/^limits is not a set of limits: /),
      ],
    });
    expect(readSettings(['--prot', '1'], REQUIRED)).toEqual({
      problems: [expect.stringContaining('--prot')],
    });
  });
});

describe('options of the conformance command', () => {
  const environment = { CONFORMANCE_DATABASE: 'dev', CONFORMANCE_BUCKET: 'b', CONFORMANCE_ROLE: 'arn' };

  test('come from the environment or flags, with part of a name', () => {
    expect(readArguments(['--workgroup', 'judge', '--at-once', '2', 'api-'], environment)).toEqual({
      wanted: 'api-',
      options: expect.objectContaining({
        workgroup: 'judge',
        database: 'dev',
        prefix: 'conformance',
        'at-once': 2,
      }),
    });
  });

  test('name one warehouse', () => {
    const problems = ['pass either --workgroup or --cluster'];
    expect(readArguments([], environment)).toEqual({ problems });
    expect(readArguments(['--workgroup', 'w', '--cluster', 'c'], environment)).toEqual({ problems });
    expect(readArguments(['--cluster', 'c'], {})).toEqual({
      problems: expect.arrayContaining(['database is missing: pass --database or set CONFORMANCE_DATABASE']),
    });
  });
});
