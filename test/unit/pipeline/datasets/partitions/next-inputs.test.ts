import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Input } from '../../../../../src/pipeline/datasets/documents.ts';
import { nextInputs, type Offer } from '../../../../../src/pipeline/datasets/partitions/next-inputs.ts';

const input = (key: string, etag: string, intake: number, rows = 1): Input => ({
  ...{ key, etag, intake, rows, bytes: 1, code: 'c' },
  modified: `2026-11-01T00:00:${String(intake % 60).padStart(2, '0')}.000Z`,
});
const offer = (...inputs: Input[]): Offer => ({ partition: 'd=1', inputs });

describe('the next generation of a partition', () => {
  test('takes what batches offer', () => {
    const offered = offer(input('b', '1', 1), input('a', '1', 1));
    expect(nextInputs(undefined, [offered])).toEqual({
      isUnchanged: false,
      inputs: [input('a', '1', 1), input('b', '1', 1)],
      kept: [],
      added: [{ offer: offered, inputs: [1, 0] }],
    });
  });

  test('takes nothing from a file that it has, however often it is offered', () => {
    const current = { inputs: [input('a', '1', 1)] };
    expect(nextInputs(current, [offer(input('a', '1', 2))])).toMatchObject({ isUnchanged: true, kept: [0] });
  });

  test('replaces the rows of a file that was overwritten', () => {
    const current = { inputs: [input('a', '1', 1), input('b', '1', 1)] };
    const overwritten = offer(input('a', '2', 2, 0));
    expect(nextInputs(current, [overwritten])).toEqual({
      isUnchanged: false,
      inputs: [input('a', '2', 2, 0), input('b', '1', 1)],
      kept: [1],
      added: [{ offer: overwritten, inputs: [0] }],
    });
  });

  test('takes nothing from an older version of a file', () => {
    const current = { inputs: [input('a', '2', 2)] };
    expect(nextInputs(current, [offer(input('a', '1', 1))])).toMatchObject({ isUnchanged: true });
  });

  test('is the same whatever the order, the repetition and the grouping of the offers', () => {
    const versions = fc.uniqueArray(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), intake: fc.integer({ min: 1, max: 5 }) }),
      { selector: ({ key, intake }) => `${key}${intake}`, maxLength: 10 },
    );
    fc.assert(
      fc.property(
        versions,
        fc.infiniteStream(fc.nat({ max: 3 })),
        fc.boolean(),
        (files, cuts, isReversed) => {
          const inputs = files.map(({ key, intake }) => input(key, `e${intake}`, intake));
          const wanted = nextInputs(undefined, [offer(...inputs)]).inputs;
          let generation: { inputs: readonly Input[] } = { inputs: [] };
          const order = isReversed ? inputs.toReversed() : inputs;
          for (let at = 0; at < order.length; ) {
            const length = 1 + (cuts.next().value ?? 0);
            const some = offer(...order.slice(at, at + length));
            generation = { inputs: nextInputs({ inputs: [...generation.inputs] }, [some, some]).inputs };
            at += length;
          }
          expect(generation.inputs).toEqual(wanted);
        },
      ),
    );
  });
});
