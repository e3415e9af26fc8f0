import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Input } from '../../../../../src/pipeline/datasets/documents.ts';
import { nextInputs, type Offer } from '../../../../../src/pipeline/datasets/partitions/next-inputs.ts';

const input = (key: string, etag: string, intake: number, rows = 1): Input => ({
  ...{ key, etag, intake, rows, bytes: 1, code: 'c' },
  modified: '2026-11-01T00:00:00.000Z',
});
const offer = (...inputs: Input[]): Offer => ({
  partition: 'd=1',
  inputs: inputs.map((each, number) => ({ ...each, number })),
});
const generation = (...inputs: Input[]) => ({
  inputs: inputs.map((each, number) => ({ ...each, number })),
  nextInput: inputs.length,
});

describe('the next generation of a partition', () => {
  test('takes what batches offer', () => {
    const offered = offer(input('b', '1', 1), input('a', '1', 1));
    expect(nextInputs(undefined, [offered])).toEqual({
      isUnchanged: false,
      inputs: [
        { ...input('a', '1', 1), number: 0 },
        { ...input('b', '1', 1), number: 1 },
      ],
      nextInput: 2,
      dropped: [],
      added: [{ offer: offered, inputs: [1, 0] }],
    });
  });

  test('takes nothing from a file that it has, however often it is offered', () => {
    const again = offer(input('a', '1', 2));
    expect(nextInputs(generation(input('a', '1', 1)), [again, again])).toMatchObject({
      isUnchanged: true,
      added: [],
      dropped: [],
    });
  });

  test('replaces the rows of a file that was read again, once', () => {
    const again = { ...input('a', '1', 2), reread: true as const };
    const next = nextInputs(generation(input('a', '1', 1)), [offer(again), offer(input('a', '1', 1))]);
    expect(next).toMatchObject({ dropped: [0], inputs: [{ intake: 2, number: 1 }] });
    expect(
      nextInputs({ ...next, inputs: [...next.inputs] }, [offer(again), offer(input('a', '1', 1))])
        .isUnchanged,
    ).toBe(true);
  });

  test('takes a file once that two batches offer', () => {
    const [one, other] = [offer(input('a', '1', 1)), offer(input('a', '1', 2))];
    expect(nextInputs(undefined, [one, other]).added).toEqual([{ offer: one, inputs: [0] }]);
  });

  test('replaces the rows of a file that was overwritten, by a number of its own', () => {
    const overwritten = offer(input('a', '2', 2, 0));
    expect(nextInputs(generation(input('a', '1', 1), input('b', '1', 1)), [overwritten])).toEqual({
      isUnchanged: false,
      inputs: [
        { ...input('a', '2', 2, 0), number: 2 },
        { ...input('b', '1', 1), number: 1 },
      ],
      nextInput: 3,
      dropped: [0],
      added: [{ offer: overwritten, inputs: [2] }],
    });
  });

  test('takes nothing from an older version of a file', () => {
    expect(nextInputs(generation(input('a', '2', 2)), [offer(input('a', '1', 1))])).toMatchObject({
      isUnchanged: true,
    });
  });

  test('has the same files whatever the order, the repetition and the grouping of the offers', () => {
    const versions = fc.uniqueArray(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), intake: fc.integer({ min: 1, max: 5 }) }),
      { selector: ({ key, intake }) => `${key}${intake}`, maxLength: 10 },
    );
    const filesOf = (inputs: readonly Input[]) => inputs.map(({ key, etag }) => `${key} ${etag}`);
    fc.assert(
      fc.property(
        versions,
        fc.infiniteStream(fc.nat({ max: 3 })),
        fc.boolean(),
        (files, cuts, isReversed) => {
          const inputs = files.map(({ key, intake }) => input(key, `e${intake}`, intake));
          const wanted = filesOf(nextInputs(undefined, [offer(...inputs)]).inputs);
          let current = generation();
          const given = new Set<number>();
          const order = isReversed ? inputs.toReversed() : inputs;
          for (let at = 0; at < order.length; ) {
            const length = 1 + (cuts.next().value ?? 0);
            const some = offer(...order.slice(at, at + length));
            const next = nextInputs(current, [some, some]);
            for (const number of next.added.flatMap((added) => added.inputs)) {
              if (number === null) continue;
              expect(given.has(number)).toBe(false);
              given.add(number);
            }
            current = { inputs: [...next.inputs], nextInput: next.nextInput };
            at += length;
          }
          expect(filesOf(current.inputs)).toEqual(wanted);
        },
      ),
    );
  });
});
