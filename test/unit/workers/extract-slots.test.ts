import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { extractSlotsFromEnvironment } from '../../../src/workers/extract-slots.ts';

const SLOTS = 'TRIBUTARY_EXTRACT_SLOTS';

test('a worker extracts one segment per core unless the environment says otherwise', () => {
  expect(extractSlotsFromEnvironment({})).toBe(availableParallelism());
  expect(extractSlotsFromEnvironment({ [SLOTS]: '' })).toBe(availableParallelism());
  expect(extractSlotsFromEnvironment({ [SLOTS]: ' 8 ' })).toBe(8);
});

test.each(['0', '-1', '1.5', '1000', '0x10', 'many'])(
  '%s slots are refused, with what was expected',
  (value) => {
    expect(() => extractSlotsFromEnvironment({ [SLOTS]: value })).toThrow(
      expect.objectContaining({
        code: 'BadEnvironment',
        message: `${SLOTS}: expected a whole number from 1 to 999 such as 8, found "${value}".`,
      }),
    );
  },
);
