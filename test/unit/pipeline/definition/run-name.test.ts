import { describe, expect, test } from '@jest/globals';
import { RUN_NAME, successorName } from '../../../../src/pipeline/definition/run-name.ts';
import { parseStagingName, stagingName, stagingSchemas } from '../../../../src/pipeline/staging/staging.ts';

const EXECUTION = '0b6f5d1e-5b1c-4a43-9c1d-aaaa1f0c22bb';

describe('the name of a run that takes the part files of another', () => {
  test.each([
    ['20261121t062033z_1f0c22', undefined, '20261121t062033z_1f0c22_w2'],
    ['20261121t062033z_1f0c22_w2', undefined, '20261121t062033z_1f0c22_w3'],
    ['20261121t062033z_1f0c22_w9', undefined, '20261121t062033z_1f0c22_w10'],
    ['nightly', EXECUTION, 'nightly_w2_0c22bb'],
    ['nightly_w2_aaaaaa', EXECUTION, 'nightly_w3_0c22bb'],
  ])('%s, %s: %s', (run, by, expected) => {
    expect(successorName(run, by)).toBe(expected);
  });

  test('is a valid name, however long the other one is', () => {
    const name = successorName('a'.repeat(40), EXECUTION);
    expect(name).toMatch(RUN_NAME.pattern);
    expect(name).toMatch(/_w2_0c22bb$/);
  });

  test('names no staging schema of the other run', () => {
    const schema = stagingName('nobel', { run: successorName('nightly'), generation: 1 });
    expect(parseStagingName('nobel', schema)).toEqual({ run: 'nightly_w2', generation: 1 });
    expect(stagingSchemas('nobel', 'nightly', [schema])).toEqual([]);
  });
});
