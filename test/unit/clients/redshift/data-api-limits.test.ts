import { expect, test } from '@jest/globals';
import {
  AWS_LIMITS,
  dataApiLimitsFromEnvironment,
} from '../../../../src/clients/redshift/data-api-limits.ts';

const CALLS = 'TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND';
const ACTIVE = 'TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS';

test('without settings in the environment, the limits are AWS’s', () => {
  expect(dataApiLimitsFromEnvironment({})).toEqual(AWS_LIMITS);
  expect(dataApiLimitsFromEnvironment({ [CALLS]: '', [ACTIVE]: '' })).toEqual(AWS_LIMITS);
});

test('an account’s own limits replace AWS’s, one by one', () => {
  const own = { [CALLS]: 'BatchExecuteStatement=40, CancelStatement=0.5', [ACTIVE]: '500' };
  expect(dataApiLimitsFromEnvironment(own)).toEqual({
    callsPerSecond: { ...AWS_LIMITS.callsPerSecond, BatchExecuteStatement: 40, CancelStatement: 0.5 },
    activeStatements: 500,
  });
});

test.each([
  [CALLS, 'ExecuteStatements=3'],
  [CALLS, 'ExecuteStatement'],
  [CALLS, 'ExecuteStatement='],
  [CALLS, 'ExecuteStatement=0'],
  [CALLS, 'ExecuteStatement=fast'],
  [CALLS, 'ExecuteStatement=3=4'],
  [CALLS, 'ExecuteStatement=3;CancelStatement=4'],
  [CALLS, 'constructor=3'],
  [CALLS, '30'],
  [CALLS, 'ExecuteStatement=0x10'],
  [CALLS, 'ExecuteStatement=1e3'],
  [CALLS, 'ExecuteStatement=-1'],
  [CALLS, 'ExecuteStatement=0.0001'],
  [CALLS, 'ExecuteStatement=99999999'],
  [CALLS, 'ExecuteStatement=3,ExecuteStatement=4'],
  [CALLS, 'ExecuteStatement=3,'],
  [ACTIVE, '0'],
  [ACTIVE, '-5'],
  [ACTIVE, 'many'],
  [ACTIVE, '1.5'],
])('%s=%s is refused, with what was expected', (name, value) => {
  expect(() => dataApiLimitsFromEnvironment({ [name]: value })).toThrow(
    expect.objectContaining({
      code: 'BadEnvironment',
      message: expect.stringMatching(new RegExp(`${name}: expected .*such as`)),
    }),
  );
});

test.each([
  ['CancelStatement=6,ExecuteStatement=fast', '"ExecuteStatement=fast" has no number'],
  ['CancelStatement=6, ExecuteStatements=3', '"ExecuteStatements=3" is not one of these'],
  ['CancelStatement=6,CancelStatement=7', '"CancelStatement=7" repeats its operation'],
  ['CancelStatement=6,ExecuteStatement=0', '"ExecuteStatement=0" is not between 0.1 and 10000'],
])('of %s, the invalid part is named', (value, named) => {
  expect(() => dataApiLimitsFromEnvironment({ [CALLS]: value })).toThrow(named);
});
