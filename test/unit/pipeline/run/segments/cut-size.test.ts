import { expect, test } from '@jest/globals';
import { isCutFull } from '../../../../../src/pipeline/run/segments/cut-size.ts';

const MB = 1024 * 1024;
const LIMIT = 64 * MB;
const UNITS_PER_PAGE = 128;

/** The sizes of a segment's cuts, in MB, if it is read to its end in pages of 1 MB. */
function cutsOf(segment: {
  readonly megabytes: number;
  /** By DynamoDB's estimate. */
  readonly expectedMegabytes: number;
  /** What is held of a page of 1 MB. */
  readonly heldPerMegabyte: number;
}): number[] {
  const made: number[] = [];
  const expectedBytes = segment.expectedMegabytes * MB;
  let cut = { heldBytes: 0, readUnits: 0 };
  for (let page = 1; page <= segment.megabytes; page++) {
    const { heldBytes, readUnits } = cut;
    cut = {
      heldBytes: heldBytes + segment.heldPerMegabyte * MB,
      readUnits: readUnits + UNITS_PER_PAGE,
    };
    const whole = { readUnits: page * UNITS_PER_PAGE, expectedBytes };
    if (page < segment.megabytes && !isCutFull(cut, whole, LIMIT)) continue;
    made.push(Math.round(cut.heldBytes / MB));
    cut = { heldBytes: 0, readUnits: 0 };
  }
  return made;
}

test.each([
  ['a segment that fits into one cut is not divided', 256, 256, 0.2, [51]],
  ['one that is a little too large makes two even cuts', 256, 256, 0.26, [33, 33]],
  ['a large one makes as few cuts as the limit allows', 1024, 1024, 0.24, [61, 61, 61, 61]],
  ['a segment larger than expected is cut at the limit', 1024, 256, 0.2, [64, 64, 64, 13]],
  ['a segment smaller than expected ends with a smaller cut', 300, 1024, 0.25, [64, 11]],
  ['without an estimate, the limit decides', 512, 0, 0.25, [64, 64]],
])('%s', (_what, megabytes, expectedMegabytes, heldPerMegabyte, expected) => {
  expect(cutsOf({ megabytes, expectedMegabytes, heldPerMegabyte })).toEqual(expected);
});

test('no cut exceeds the limit by more than a page, and only the last is less than half of it', () => {
  const wrong: unknown[] = [];
  for (let megabytes = 1; megabytes < 1500; megabytes += 37) {
    for (const heldPerMegabyte of [0.05, 0.17, 0.4, 1, 2.5]) {
      for (const expectedMegabytes of [0, megabytes / 3, megabytes, megabytes * 1.1, megabytes * 9]) {
        const cuts = cutsOf({ megabytes, expectedMegabytes, heldPerMegabyte });
        const isTooLarge = cuts.some((size) => size > 64 + heldPerMegabyte + 1);
        const isTooSmall = cuts.slice(0, -1).some((size) => size < 32);
        if (isTooLarge || isTooSmall) wrong.push({ megabytes, heldPerMegabyte, expectedMegabytes, cuts });
      }
    }
  }
  expect(wrong).toEqual([]);
});
