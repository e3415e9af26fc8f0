import { expect, test } from '@jest/globals';
import { clockFound } from '../../../../src/activities/maintenance/clock-found.ts';

const asked = Date.parse('2026-11-21T10:00:00.500Z');
const answered = asked + 400;
const found = (time: string) => clockFound('S3', Date.parse(time), asked, answered);

test.each(['10:00:00', '10:00:01', '10:00:02', '09:59:58'])(
  'a clock that shows %sZ agrees with ours, to within a second',
  (time) => {
    expect(found(`2026-11-21T${time}Z`)).toEqual({ found: 'clocks agree' });
  },
);

test('a clock that is off is reported, with its direction', () => {
  expect(found('2026-11-21T10:01:00Z')).toMatchObject({
    state: 'warning',
    found: "this host's clock is 59 s behind S3's",
  });
  expect(found('2026-11-21T09:59:00Z').found).toBe("this host's clock is 60 s ahead of S3's");
});
