import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byteLength } from '../../../../src/pipeline/sql/identifier.ts';
import {
  backupName,
  isBackupName,
  parseStagingName,
  stagingName,
  stagingSchemas,
} from '../../../../src/pipeline/staging/staging.ts';

describe('a staging schema', () => {
  test('is named by live, run and generation', () => {
    expect(stagingName('nobel', { run: '20261121t062033z_1f0c22', generation: 2 })).toBe(
      'nobel__20261121t062033z_1f0c22_2',
    );
  });

  test('is read back from its name, whatever the names of schema and run', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,39}$/);
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 999 }), (schema, run, generation) => {
        const name = stagingName(schema, { run, generation });
        expect(parseStagingName(schema, name)).toEqual({ run, generation });
        expect(isBackupName(schema, name)).toBe(false);
        expect(parseStagingName(schema, backupName(schema, run, []))).toBeUndefined();
        expect(isBackupName(schema, backupName(schema, run, []))).toBe(true);
      }),
    );
  });

  test.each([
    'nobel',
    'nobel__x',
    'other__x_1',
    'nobel__x_0',
    'nobel__x_01',
    'nobel__x_backup',
    'nobel__x_backup2',
  ])('is not %s', (name) => {
    expect(parseStagingName('nobel', name)).toBeUndefined();
  });

  test('of one run are found, the newest first', () => {
    const schemas = ['nobel', 'nobel__r_1', 'nobel__r_10', 'nobel__r_2', 'nobel__s_11', 'nobel__r_backup'];
    expect(stagingSchemas('nobel', 'r', schemas)).toEqual(['nobel__r_10', 'nobel__r_2', 'nobel__r_1']);
  });

  test('fits an identifier with the longest schema and run that are allowed', () => {
    const name = stagingName('s'.repeat(60), { run: 'r'.repeat(40), generation: 999_999_999 });
    expect(byteLength(name)).toBeLessThanOrEqual(127);
  });
});

test('a backup takes a free name', () => {
  expect(backupName('nobel', 'r', ['nobel'])).toBe('nobel__r_backup');
  expect(backupName('nobel', 'r', ['nobel__r_backup', 'nobel__r_backup2'])).toBe('nobel__r_backup3');
});
