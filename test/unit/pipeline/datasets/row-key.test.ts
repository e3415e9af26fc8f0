import { describe, expect, test } from '@jest/globals';
import { StepChecks } from '../../../../src/pipeline/datasets/checks-setting.ts';
import { declaredKey } from '../../../../src/pipeline/datasets/row-key.ts';

const columns = ['account', 'currency', 'balance'];
const partition = ['month'];
const checks = StepChecks.parse({
  few: { max: 9 },
  once: { unique: ['account', 'currency'] },
  also: { unique: ['balance'] },
});

describe('the key of rows', () => {
  test.each([
    ['that of deduplicate', { deduplicate: { key: ['account'] }, checks, filePer: 'currency' }, ['account']],
    ['else of the first check that is unique', { checks, filePer: 'currency' }, ['account', 'currency']],
    ['else the column that has a file per value', { checks: {}, filePer: 'account' }, ['account']],
    [
      'without the columns of the partition',
      { deduplicate: { key: ['month', 'account'] }, checks },
      ['account'],
    ],
    ['else none', { checks: {} }, []],
    ['none if the generations lack a column of it', { deduplicate: { key: ['account', 'id'] }, checks }, []],
  ])('is %s', (_, declared, key) => {
    expect(declaredKey({ ...declared, partition }, columns)).toEqual(key);
  });
});
