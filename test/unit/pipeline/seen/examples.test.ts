import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExampleCollector, mergeExamples } from '../../../../src/pipeline/seen/examples.ts';

const examplesOf = (...texts: string[]) => {
  const collector = new ExampleCollector();
  for (const S of texts) collector.look({ a: { M: { b: { S } } } });
  return collector.examples();
};

describe('examples', () => {
  test('are the first three distinct values of a path, truncated if long', () => {
    expect(examplesOf('x', 'x', 'y', 'z'.repeat(100), 'never')).toEqual({
      'a.b': ['x', 'y', `${'z'.repeat(80)}…`],
    });
  });

  test('omit binary, and list members under the path of their table', () => {
    const collector = new ExampleCollector();
    collector.look({
      raw: { B: 'AAE=' },
      list: { L: [{ N: '1' }, { M: { x: { BOOL: true } } }] },
      set: { SS: ['s'] },
    });
    expect(collector.examples()).toEqual({ 'list[]': ['1'], 'list[].x': ['true'], 'set[]': ['s'] });
  });

  test('merge in any order and grouping, and with themselves to themselves', () => {
    const some = fc.array(fc.string(), { maxLength: 4 }).map((texts) => examplesOf(...texts));
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(mergeExamples(a, b)).toEqual(mergeExamples(b, a));
        expect(mergeExamples(mergeExamples(a, b), c)).toEqual(mergeExamples(a, mergeExamples(b, c)));
        const ab = mergeExamples(a, b);
        expect(mergeExamples(ab, ab)).toEqual(ab);
      }),
    );
  });
});
